"""Put a network, or a rule in a protocol, on many chips of an imperfect substrate: the results as table and figure."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared
from brian2chip.errors import UserError


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("network", nargs="?", metavar="NET", help="a network file (.npz); none for a rule")
    parser.add_argument("--substrate", required=True, help="a name that brian2chip list substrate prints, or a file that defines one")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the substrate, e.g. spread=0.2")
    parser.add_argument("--chips", type=int, default=100, help="chips to draw (default 100)")
    parser.add_argument("--test", metavar="SAMPLES", help="what a network is judged on (.npz)")
    parser.add_argument("--calibration", metavar="SAMPLES", help="samples on which each chip's gains are chosen (default: no calibration)")
    parser.add_argument("--training", metavar="SAMPLES", help="samples for training in the loop, if the substrate supports it")
    parser.add_argument("--protocol", help="for a rule: a protocol that brian2chip list protocol prints, or a file")
    parser.add_argument("--rule", help=f"for a rule: {_shared.RULE}")
    parser.add_argument("--vary", nargs="+", metavar="NAME", help="the rule's parameters that differ between chips (default: all that can)")
    parser.add_argument("--gain", action="append", default=[], metavar="NAME=A,B", help="a gain to retune, and the parameters it scales")
    parser.add_argument("--option", action="append", default=[], metavar="NAME=VALUE", help="an option of the protocol")
    parser.add_argument("--out", metavar="DIR", help="a folder; the same command again continues where it was stopped")
    _shared.add_device(parser)
    parser.add_argument("--seed", type=int, default=1, help="seed of the chips (default 1)")
    _shared.add_workers(parser, "pieces of the chips")
    _shared.add_progress(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Run, print the ideal result and the distribution of each stage, write the folder."""
    import json

    import pandas as pd  # with the next ones: Brian2, see the package's docstring

    from brian2chip.core.output import plain
    from brian2chip.core.quantities import parse_value
    from brian2chip.core.resolve import substrate
    from brian2chip.translation.robustness import robustness
    from brian2chip.translation.spike_files import load_samples

    if (args.network is None) == (args.protocol is None):
        raise UserError("give either a network file, or --protocol with --rule; one of them.")
    if (args.rule is None) != (args.protocol is None):
        raise UserError("--protocol and --rule belong together; give both, or a network file.")
    samples = {name: load_samples(path) for name in ("test", "calibration", "training") if (path := getattr(args, name)) is not None}
    gains = _shared.pairs(args.gain, lambda names: tuple(name.strip() for name in names.split(",")))
    with _shared.logged(quiet=args.json):
        table = robustness(
            args.network if args.protocol is None else args.rule,
            substrate(args.substrate).with_parameters(**_shared.pairs(args.set, parse_value)),
            chips=args.chips,
            protocol=args.protocol,
            vary=args.vary,
            gains=gains or None,
            seed=args.seed,
            device=args.device,
            out=args.out,
            workers=args.workers,
            progress=args.progress or None,
            **samples,
            **_shared.options(args.option),
        )
    about = table.attrs["run"]
    if args.json:
        print(json.dumps(plain(about), indent=2))
        return 0
    print(f"ideal: {', '.join(f'{name} = {value:.4g}' for name, value in about['ideal'].items())}")
    print(pd.DataFrame(about["summary"]).to_string(index=False, float_format="{:.4g}".format))
    if "rule" in about:
        print("this is a statement of the rule with mismatched parameters, not of a circuit")
    if args.out:
        print(f"written to {args.out}: robustness.csv, robustness.png, run.json")
    return 0
