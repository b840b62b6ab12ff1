"""The posterior of a rule's parameters given published data: what they determine and what not, with figures and checks."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _shared
from brian2chip.errors import UserError


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("protocol", nargs="+", help="a protocol by name, or a file; the data of several are taken together")
    parser.add_argument("--rule", default="stdp", help=f"{_shared.RULE} (default stdp)")
    parser.add_argument(
        "--prior",
        action="append",
        default=[],
        metavar="NAME=LOW:HIGH",
        help="the range of a free parameter, e.g. A3_plus=0:0.02, tau_y=10ms:1s:log, 'A3_plus[wang_2005]=0:0.02' for one protocol",
    )
    parser.add_argument("--sigma", type=float, help="standard error of data points that have none")
    parser.add_argument("--simulations", type=int, default=20_000, metavar="N", help="draws of the prior to learn from (default 20000)")
    parser.add_argument("--samples", type=int, default=4_000, metavar="N", help="draws of the posterior (default 4000)")
    parser.add_argument("--checks", type=int, default=500, metavar="N", help="synthetic data sets with known truth (default 500)")
    parser.add_argument("--out", metavar="DIR", help="a folder for table, draws and figures; the same command again continues")
    _shared.add_run_options(parser)


def main(args: Namespace) -> int:
    """Estimate, print the parameters, what they determine, and the checks."""
    import json

    from brian2chip.core.quantities import parse_value, parse_values  # with the next ones: NumPy and Brian2
    from brian2chip.inference.posterior import posterior
    from brian2chip.sweeps.axis import parsed

    if not args.prior:
        raise UserError("no parameter has a prior; give --prior NAME=LOW:HIGH, e.g. --prior A3_plus=0:0.02.")
    with _shared.logged(quiet=args.json, by="brian2chip.inference"):
        found = posterior(
            args.protocol,
            args.rule,
            {name: parsed(name, text, drawn=True) for name, text in _shared.pairs(args.prior).items()},
            parameters=_shared.pairs(args.set, parse_values),
            sigma=args.sigma,
            simulations=args.simulations,
            samples=args.samples,
            checks=args.checks,
            device=args.device,
            seed=args.seed,
            dt=None if args.dt is None else parse_value(args.dt),
            out=args.out,
            progress=args.progress or None,
            **_shared.options(args.option),
        )
    if args.json:
        print(json.dumps(found.summary(), indent=2))
        return 0
    print(found.table().to_string(index=False, float_format="{:.4g}".format))
    print(found.statement)
    summary = found.summary()
    print(f"chi-square {summary['chi2']:.1f} for {len(found.problem.observation)} points (p = {summary['p']:.2g})")
    print(f"{found.proposed} draws of the estimator are worth {found.effective:.0f} of the posterior")
    check = summary["coverage"]
    shares = ", ".join(f"{name.removeprefix('inside_')} %: {check[name]:.3f}" for name in check if name.startswith("inside_"))
    print(f"truth of {check['data_sets']} synthetic data sets inside joint regions of {shares}")
    print("probability of ranks as uneven: " + ", ".join(f"{name} {check[f'even_{name}']:.2g}" for name in found.names))
    if args.out:
        print(f"written to {args.out}: simulations.parquet, samples.csv, predictive.csv, checks.csv, three figures, posterior.json")
    return 0
