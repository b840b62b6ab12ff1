"""Compare rules on published experiments, on one page with scores and needs, or with --task on a learning task."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from brian2chip.commands import _comparison, _shared
from brian2chip.errors import UserError

OF_A_TASK = ("broadcasts", "iterations", "epochs", "rate", "batch", "hidden", "data")
OF_A_FILE = _shared.BINNING


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rules", nargs="+", metavar="RULE", help=f"{_shared.RULE}; with --task learning rules, and bptt")
    parser.add_argument("--protocols", nargs="+", metavar="PROTOCOL", help="published experiments (default: those with data points)")
    parser.add_argument("--task", help="a learning task, or a file with one, on which each rule trains a network")
    _shared.add_binning(parser)
    parser.add_argument("--broadcasts", nargs="+", help="with --task: how errors reach the neurons (default symmetric random)")
    parser.add_argument("--iterations", type=int, help="with --task: at most this many updates (default 100)")
    parser.add_argument("--epochs", type=int, help="with a task for layered networks: epochs (default: the task's)")
    parser.add_argument("--rate", type=float, help="with --task: learning rate of all rules (default: the task's)")
    parser.add_argument("--batch", type=int, help="with --task: samples in an update (default: the task's)")
    parser.add_argument("--hidden", type=int, help="with --task: hidden or recurrent neurons (default: the task's)")
    parser.add_argument("--data", help="with --task: directory of recordings")
    parser.add_argument("--out", help="folder for the page, or with --task for comparison.csv, comparison.png, histories and run.json")
    parser.add_argument("--force", action="store_true", help="replace what is in --out")
    parser.add_argument("--device", help="numpy, cython, cpp_standalone, cuda or genn (default: the faster one)")
    parser.add_argument(
        "--seed", type=int, nargs="+", default=[1], help="seed of the stimuli (default 1); with --task several, for mean and deviation"
    )
    _shared.add_progress(parser)
    _shared.add_json(parser)


def main(args: Namespace) -> int:
    """Run everything, write the folder, print the scores."""
    names = ("rules", "protocols", "device", *OF_A_TASK)
    given = {name: getattr(args, name) for name in names if getattr(args, name) is not None}
    for name in ("rules", "protocols"):
        if name in given:
            given[name] = [name for text in given[name] for name in text.replace(",", " ").split()]
    how = {**given, "progress": args.progress}
    if args.task is not None:
        return _on_a_task(args, {**how, "seed": args.seed, "out": args.out, "force": args.force})
    strange = [name for name in (*OF_A_TASK, *OF_A_FILE) if getattr(args, name) is not None]
    if strange:
        raise UserError(f"--{strange[0]} is for learning on a task; give --task too, or leave it out.")
    if len(args.seed) > 1:
        raise UserError(f"{len(args.seed)} seeds were given, and a comparison on protocols takes one; give one, or --task.")
    if args.out is None:
        raise UserError("a comparison on protocols is a page; give --out, the folder for it.")
    page = _comparison.write_page(args.out, args.force, as_json=args.json, seed=args.seed[0], **how)
    if not args.json:
        print(f"page: {page}")
    return 0


def _on_a_task(args: Namespace, how: dict) -> int:
    """Train each rule from the same start on the same samples and print one row each."""
    from brian2chip.learning.compare import compare  # Brian2: see the package's docstring
    from brian2chip.learning.layered.compare import compare as compare_layered
    from brian2chip.learning.layered.settings import layered_task

    if args.protocols:
        raise UserError("--protocols and --task were both given; compare on one of them at a time.")
    layered = layered_task(args.task)
    for name in ("broadcasts", "iterations") if layered else ("epochs",):
        if name in how:
            kind = "recurrent" if layered else "layered"
            raise UserError(f"--{name} is for {kind} networks, and task {args.task!r} trains none; leave it out.")
    with _shared.logged():
        found = compare_layered(layered, **how) if layered else compare(_shared.task_of(args), **how)
    print(found.table.to_json(orient="records", indent=2) if args.json else found.table.to_string(index=False))
    return 0
