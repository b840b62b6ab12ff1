"""Fit a rule's parameters to a protocol's data, with confidence intervals, and a statement if the data do not determine them."""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from typing import Any

from brian2chip.commands import _shared
from brian2chip.errors import UserError

#: The table of a fit in its folder.
FIT = "fit.csv"


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("protocol", nargs="+", help="a protocol by name, or a file; several are fitted together")
    parser.add_argument("--rule", default="stdp", help=f"{_shared.RULE} (default stdp)")
    parser.add_argument("--free", nargs="+", metavar="NAME", help="parameters to fit (default: the amplitudes)")
    parser.add_argument("--separate", nargs="+", metavar="NAME", help="free parameters with a separate value for each protocol")
    parser.add_argument("--bounds", action="append", default=[], metavar="NAME=LOW:HIGH", help="bounds of a free one, e.g. tau_x=10ms:1s")
    parser.add_argument("--starts", type=int, default=1, help="searches, all but the first from random points (default 1)")
    parser.add_argument("--search", default="latin_hypercube", help="latin_hypercube (default) or differential_evolution")
    parser.add_argument("--intervals", default="jacobian", help="jacobian (default), profile or bootstrap")
    parser.add_argument("--samples", type=int, default=200, help="data sets of a bootstrap (default 200)")
    parser.add_argument("--confidence", type=float, default=0.95, help="of the intervals (default 0.95)")
    parser.add_argument("--out", help="folder for fit.csv, and table.csv, figure.png and run.json of the fitted rule (one each protocol)")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")
    _shared.add_workers(parser, "several starts of a rule whose sets share no network")
    _shared.add_run_options(parser)


def main(args: Namespace) -> int:
    """Fit and print the table."""
    from brian2chip.core import output  # NumPy and Brian2: see the package's docstring

    if args.out:
        output.check_folder(args.out, args.force, FIT)
    from brian2chip.core.quantities import parse_value, parse_values
    from brian2chip.protocols.fit import fit

    dt = None if args.dt is None else parse_value(args.dt)
    fitted = fit(
        args.protocol,
        args.rule,
        free=args.free,
        separate=args.separate,
        bounds={name: _range(name, ends, parse_value) for name, ends in _shared.pairs(args.bounds).items()},
        starts=args.starts,
        search=args.search,
        intervals=args.intervals,
        samples=args.samples,
        confidence=args.confidence,
        parameters=_shared.pairs(args.set, parse_values),
        device=args.device,
        seed=args.seed,
        dt=dt,
        workers=args.workers,
        progress=args.progress,
        **_shared.options(args.option),
    )
    if args.json:
        found = {"table": fitted.table().to_dict("records"), "statement": fitted.statement, "criteria": fitted.criteria()}
        print(json.dumps(output.plain(found), indent=2))
    else:
        print(fitted.table().to_string(index=False))
        print(", ".join(f"{name} {value:.5g}" for name, value in fitted.criteria().items()))
        print(fitted.statement)
    if args.out:  # last: what was found is printed, whatever becomes of the folder
        _write(fitted, args, dt)
    return 0


def _write(fitted: Any, args: Namespace, dt: Any) -> None:
    """Write the fit, and the fitted rule on the data of each protocol."""
    from brian2chip.core import output
    from brian2chip.protocols.run import run, write

    with output.folder(args.out, args.force, FIT) as folder:
        fitted.table().to_csv(folder / FIT, index=False)
        for name, given in zip(fitted.rules, args.protocol):
            table = run(given, fitted.rules[name], device=args.device, seed=args.seed, dt=dt, **_shared.options(args.option))
            write(table, folder / output.file_name(name))


def _range(name: str, text: str, parse: Callable[[str], Any]) -> tuple[Any, Any]:
    """Return two values from ``10ms:1s``, None for an end that is left out."""
    low, colon, high = text.partition(":")
    if not colon or not (low or high):
        raise UserError(f"the bounds of {name} were given as {text!r}; write LOW:HIGH, e.g. tau_x=10ms:1s.")
    return tuple(parse(end) if end else None for end in (low, high))
