"""Fit a rule's parameters to a protocol's data, with confidence intervals and a word when the data do not determine them."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("protocol", nargs="+", help="a protocol by name, or a file; several are fitted together")
    parser.add_argument("--rule", default="stdp", help=f"{_shared.RULE} (default stdp)")
    parser.add_argument("--free", nargs="+", metavar="NAME", help="parameters to fit (default: the amplitudes)")
    _shared.add_run_options(parser)


def main(args: Namespace) -> int:
    """Fit and print the table."""
    from brian2chip.core import output  # NumPy and Brian2: see the package's docstring
    from brian2chip.core.quantities import parse_value, parse_values
    from brian2chip.protocols.fit import fit

    fitted = fit(
        args.protocol,
        args.rule,
        free=args.free,
        parameters=_shared.pairs(args.set, parse_values),
        device=args.device,
        seed=args.seed,
        dt=None if args.dt is None else parse_value(args.dt),
        progress=args.progress,
        **_shared.options(args.option),
    )
    if args.json:
        print(json.dumps(output.plain({"table": fitted.table().to_dict("records"), "statement": fitted.statement}), indent=2))
    else:
        print(fitted.table().to_string(index=False))
        print(fitted.statement)
    return 0
