"""How many bits a task's weights need: accuracy when rounded after training and when trained on the grid, as table and figure."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from brian2chip.commands import _shared
from brian2chip.errors import UserError


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("task", help="a learning task with classes, e.g. evidence_accumulation_lif")
    parser.add_argument("--bits", type=int, nargs=2, default=[1, 8], metavar=("LOW", "HIGH"), help="widths of the weights (default 1 8)")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1], help="one training each (default 1)")
    parser.add_argument("--trials", type=int, default=500, help="held-out samples (default 500)")
    parser.add_argument("--iterations", type=int, default=60, help="updates on each grid (default 60)")
    parser.add_argument("--rule", help="a learning rule by name, or the path of a file that defines one (default: the task's)")
    parser.add_argument("--data", help="directory of recordings, for tasks that read them")
    parser.add_argument("--out", required=True, metavar="DIR", help="a folder; the same command again continues where it was stopped")
    _shared.add_workers(parser, "the trainings")
    _shared.add_progress(parser)


def main(args: Namespace) -> int:
    """Log a row as it is finished, print the means; write table, figure and networks."""
    from matplotlib.figure import Figure  # with the next one: Brian2, see the package's docstring

    from brian2chip.translation import bit_width

    low, high = args.bits
    if not 1 <= low <= high <= 24:
        raise UserError(f"--bits was given as {low} {high}; give two widths from 1 to 24, the smaller width first.")
    widths = tuple(range(high, low - 1, -1))
    study = bit_width.BitWidthStudy(args.task, widths, tuple(args.seeds), args.trials, args.iterations, args.data, args.rule)
    with _shared.logged(by=bit_width.__name__):
        table = bit_width.run(study, args.out, progress=args.progress or None, workers=args.workers)
    mean = 100 * table.groupby("bits")[["rounded", "trained"]].mean()
    print(f"accuracy in per cent, mean of {len(args.seeds)} seed{'s' if len(args.seeds) > 1 else ''}; 0 bits: real-valued")
    print(mean.to_string(float_format="{:.1f}".format))
    figure = Figure(figsize=(5, 3.4), layout="constrained")
    bit_width.plot(table, figure.subplots()).set_title(args.task)
    figure.savefig(Path(args.out) / "bits.png", dpi=120)
    print(f"written to {args.out}: {bit_width.TABLE}, bits.png, and the networks")
    return 0
