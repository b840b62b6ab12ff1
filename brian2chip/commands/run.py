"""Put a rule through a protocol: score, table.csv, figure.png and run.json."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("protocol", help="a protocol that brian2chip list protocol prints")
    parser.add_argument("--rule", default="stdp", help=f"{_shared.RULE} (default stdp)")
    _shared.add_run_options(parser)
    parser.add_argument("--out", help="folder for table.csv, figure.png and run.json")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")


def main(args: Namespace) -> int:
    """Run, print the score, write the folder."""
    from brian2chip.core import output  # NumPy: see the package's docstring

    if args.out:
        output.check_folder(args.out, args.force)
    from brian2chip.core.quantities import parse_value, parse_values  # Brian2, which a folder in use need not wait for
    from brian2chip.protocols.run import run, write

    table = run(
        args.protocol,
        args.rule,
        parameters=_shared.pairs(args.set, parse_values),
        device=args.device,
        seed=args.seed,
        dt=None if args.dt is None else parse_value(args.dt),
        progress=args.progress,
        **_shared.options(args.option),
    )
    about = table.attrs["run"]
    if args.out:
        write(table, args.out, args.force)
    if args.json:
        print(json.dumps(output.plain(about), indent=2))
    else:
        scores = ", ".join(f"{name} = {value:.6g}" for name, value in about["scores"].items())
        print(f"{about['rule']} on {about['protocol']}: {scores}  (device {about['device']})")
    return 0
