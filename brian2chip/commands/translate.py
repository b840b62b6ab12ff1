"""Translate a trained network onto a chip: integers, realised values, what was lost, and a report, in one folder."""

from pathlib import Path

from brian2chip.chips.bench_files import README
from brian2chip.chips.field import ROUNDINGS
from brian2chip.chips.memory_images import FORMATS
from brian2chip.commands._networks import add_nir, network_of
from brian2chip.core.output import check_folder
from brian2chip.errors import UserError
from brian2chip.translation import folder
from brian2chip.translation.evaluate import in_words
from brian2chip.translation.spike_files import load_samples
from brian2chip.translation.translate import translate


def arguments(parser):
    """Declare the options."""
    parser.add_argument("network", metavar="NET", help="a network file of brian2chip (.npz) or a NIR file (.nir)")
    parser.add_argument("--chip", required=True, help="a chip that brian2chip list chip prints")
    parser.add_argument("--out", required=True, metavar="DIR", help="a new folder for the result")
    parser.add_argument(
        "--calibration", metavar="SPIKES", help="typical input (.npz, or NIR data .nir or .h5), from which headroom and leaks are chosen"
    )
    parser.add_argument("--test", metavar="SPIKES", help="input (.npz, .nir, .h5) on which the behaviour before and after is compared")
    parser.add_argument("--rounding", choices=ROUNDINGS, help="of the weights (default: that of the chip's weight field)")
    parser.add_argument("--seed", type=int, default=0, help="of stochastic rounding")
    parser.add_argument(
        "--split-signs", action="store_true", help="split neurons into excitatory and inhibitory pairs, if the chip needs it"
    )
    add_nir(parser)
    parser.add_argument("--clock", type=float, metavar="HZ", help="of the chip, e.g. 10e6: the report then gives time beside clock cycles")
    parser.add_argument(
        "--formats", nargs="+", choices=sorted(FORMATS), default=(), help="of memories and SPI words, beside hexadecimal images"
    )
    parser.add_argument("--force", action="store_true", help="replace DIR")


def main(args):
    """Translate, compare, write, and print the verdict."""
    check_folder(args.out, args.force, mark=folder.MARK)
    if args.clock is not None and not 0 < args.clock < float("inf"):
        raise UserError(f"--clock was given as {args.clock}; give the chip's clock in Hz, e.g. 10e6.")
    network = network_of(args)
    calibration = load_samples(args.calibration, dt=network.dt) if args.calibration else None
    test = load_samples(args.test, dt=network.dt) if args.test else None
    how = dict(calibration=calibration, rounding=args.rounding, seed=args.seed, split_signs=args.split_signs)
    translation = translate(network, args.chip, test=test, **how).checked()
    translation.write(args.out, clock=args.clock, formats=args.formats, force=args.force)
    print(translation.verdict())
    for what, remedy in translation.problems():
        print(f"  {what} {remedy}")
    if translation.behaviour is not None:
        print(in_words(translation.behaviour.summary()))
    print(f"written to {args.out}: {folder.MARK}, {folder.ARRAYS}, network.npz, realised.npz, parameters.csv, report.html")
    readme = Path(args.out) / folder.FOR_THE_CHIP / README
    if readme.exists():
        print(f"how to play it on the chip: {readme}; without hardware: brian2chip bench {args.out}")
    return 0
