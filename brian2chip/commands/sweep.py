"""Compute a protocol, a fit, a training, a translation or chips at many points: one table, continued where it was stopped."""

from __future__ import annotations

import math
from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared
from brian2chip.errors import UserError

#: Settings that are the same at all points, as the command line has them.
HOW = ("free", "starts", "data", "n_test", "protocol", "chips")
SAMPLES = ("test", "calibration", "training")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("what", help="a protocol, learning task, chip or substrate that brian2chip list prints, or the path of a file")
    parser.add_argument(
        "rule", nargs="?", help="a rule (default: stdp, or the task's); for a chip a network (.npz), for a substrate a network or a rule"
    )
    parser.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="NAME=VALUES",
        help="LOW:HIGH:COUNT, e.g. tau_plus=10ms:30ms:20 (:log for even steps of the logarithm), values between commas, or one value",
    )
    parser.add_argument("--random", type=int, metavar="N", help="N points drawn uniformly from NAME=LOW:HIGH, instead of a grid")
    parser.add_argument("--latin", type=int, metavar="N", help="N points of a Latin hypercube")
    parser.add_argument("--points", metavar="FILE", help="a table of points (.csv), a column each, with units in its cells")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds (default 1)")
    parser.add_argument("--seed", type=int, default=1, help="the first seed, also used to draw points (default 1)")
    parser.add_argument("--out", help="the table: a folder of Parquet (.parquet) or one file (.csv); the same command again continues")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a Dask cluster, e.g. tcp://host:8786")
    parser.add_argument("--workers", type=int, help="worker processes on this machine (default: one per core, if points share no network)")
    parser.add_argument("--yes", action="store_true", help="compute however many points there are")
    parser.add_argument("--fit", action="store_true", help="fit the protocol's data at every point")
    parser.add_argument("--free", nargs="+", metavar="NAME", help="with --fit: parameters to fit (default: the amplitudes)")
    parser.add_argument("--starts", type=int, help="with --fit: starting points of each fit")
    parser.add_argument("--data", help="of trainings: directory of recordings")
    parser.add_argument("--n-test", type=int, help="of trainings: held-out samples")
    parser.add_argument("--protocol", help="of a substrate: the protocol that the rule goes through")
    parser.add_argument("--chips", type=int, help="of a substrate: chips at every point")
    for name in SAMPLES:
        parser.add_argument(f"--{name}", metavar="SAMPLES", help="of a chip or a substrate: samples (.npz)")
    parser.add_argument("--dt", help="of a protocol: the step, e.g. 0.05ms")
    parser.add_argument("--device", help="as the command for one point takes it (default: the faster one)")
    _shared.add_progress(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Compute what is missing, and say how many points there are, how many failed, and where they are."""
    import json

    from brian2chip.core.quantities import parse_value  # with the next ones: pandas, which a wrong option need not wait for
    from brian2chip.sweeps.axis import parsed
    from brian2chip.sweeps.sweep import prepared

    drawn = args.random is not None or args.latin is not None
    if not args.vary and args.points is None and args.seeds == 1:
        raise UserError("nothing is varied; give --vary NAME=LOW:HIGH:COUNT, --points FILE or --seeds N.")
    vary = {name: parsed(name, text, drawn) for name, text in _shared.pairs(args.vary).items()}
    which = {"seeds": args.seeds, "seed": args.seed, "random": args.random, "latin": args.latin, "file": args.points}
    ready = prepared(
        args.what,
        args.rule,
        vary,
        which,
        fit=args.fit,
        how=_how(args),
        device=args.device,
        dt=None if args.dt is None else parse_value(args.dt),
        out=args.out,
        scheduler=args.scheduler,
        workers=args.workers,
        most=math.inf if args.yes else None,
    )
    with _shared.logged(quiet=args.json, by="brian2chip.sweeps.sweep"):
        results = ready.compute(args.progress or None)
    failed, why = results.failed()
    n = len(ready.points)
    if args.json:
        print(json.dumps({"points": n, "failed": failed, "first_failure": why, "table": args.out}, indent=2))
        return 0
    print(f"{ready.study.title}: {n} points, {failed} failed" + (f" (the first: {why})" if failed else ""))
    if args.out:
        print(f"written to {args.out}; brian2chip sweep-plot {args.out} draws it")
    else:
        print(results.table().to_string(max_rows=20, index=False))
    return 0


def _how(args: Namespace) -> dict:
    """Return the settings that are the same at all points."""
    given = {name: value for name in HOW if (value := getattr(args, name)) is not None}
    files = {name: value for name in SAMPLES if (value := getattr(args, name)) is not None}
    if files:
        from brian2chip.translation.spike_files import load_samples  # chips and all

        given |= {name: load_samples(path) for name, path in files.items()}
    return given
