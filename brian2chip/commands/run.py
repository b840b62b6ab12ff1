"""Put a rule through a protocol: score, table.csv, figure.png and run.json."""

import json

from brian2chip.commands import _shared
from brian2chip.core import output


def arguments(parser):
    """Declare the options."""
    parser.add_argument("protocol", help="a protocol that brian2chip list protocol prints")
    parser.add_argument("--rule", default="stdp", help="a rule's name, name:preset, or the path of a file that defines one (default stdp)")
    _shared.add_run_options(parser)
    parser.add_argument("--out", help="folder for table.csv, figure.png and run.json")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")


def main(args):
    """Run, print the score, write the folder."""
    if args.out:
        output.check_folder(args.out, args.force)
    from brian2chip.core.quantities import parse_value
    from brian2chip.protocols import run

    table = run.run(
        args.protocol,
        args.rule,
        parameters=_shared.pairs(args.set, parse_value),
        device=args.device,
        seed=args.seed,
        progress=_shared.bar if args.progress else None,
        **_shared.pairs(args.option),
    )
    about = table.attrs["run"]
    if args.out:
        with output.folder(args.out, args.force) as folder:
            write(table, folder)
    if args.json:
        print(json.dumps(output.plain(about), indent=2))
    else:
        scores = ", ".join(f"{name} = {value:.6g}" for name, value in about["scores"].items())
        print(f"{about['rule']} on {about['protocol']}: {scores}  (device {about['device']})")
    return 0


def write(table, folder):
    """Write table.csv, figure.png and, last, run.json."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from brian2chip.protocols import run

    table.to_csv(folder / "table.csv", index=False)
    figure = Figure(figsize=(6, 4), layout="constrained")
    FigureCanvasAgg(figure)
    run.plot(table, figure.add_subplot())
    figure.savefig(folder / "figure.png", dpi=150)
    output.write_json(folder / "run.json", table.attrs["run"])
