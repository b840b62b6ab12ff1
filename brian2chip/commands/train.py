"""Train a network on a task with a learning rule, or with a chip's own learning; writes network, history, figures and checkpoints."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from pathlib import Path

from brian2chip.commands import _shared, _soft_lif
from brian2chip.core import registry
from brian2chip.errors import UserError

#: Settings of a training in floating point; a chip learns by its own rule.
FLOAT = ("rule", "broadcast", "rate", "rate_out", "rates", "rate_decay", "batch", "bits", "rounding", "optimiser", "epochs")
#: Those of layered networks of neurons that become spiking ones.
SOFT = ("neurons", "noise", "window")


def arguments(parser: ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "task",
        help="a name that brian2chip list task prints, a Python file that defines a Task or LayeredTask, or a file or folder of samples",
    )
    parser.add_argument("--rule", help="a learning rule by name, or the path of a file that defines one (default: the task's)")
    parser.add_argument("--broadcast", help="random, symmetric or adaptive")
    parser.add_argument("--rate", type=float, help="learning rate")
    parser.add_argument(
        "--rate-out", type=float, help="of a recurrent network: learning rate of the readout's weights (default: the task's)"
    )
    parser.add_argument(
        "--rates", type=float, nargs="+", help="of ep, cep or eqspike: learning rate of each layer of weights, from the input"
    )
    parser.add_argument("--rate-decay", type=float, help="of ep, cep or eqspike: learning rates of an epoch over those before")
    parser.add_argument("--batch", type=int, help="samples in an update")
    parser.add_argument("--iterations", type=int, help="at most this many updates")
    parser.add_argument("--epochs", type=int, help="of a task for layered networks, e.g. digits or mnist")
    parser.add_argument("--optimiser", help="gradient_descent, adam, or for layered networks nesterov or adam_pytorch")
    parser.add_argument("--bits", type=int, help="width of the weights, 1 to 24; default is real-valued")
    parser.add_argument("--rounding", help="of weights of n bits: nearest (real ones are kept beside; default) or stochastic")
    parser.add_argument("--substrate", help="hardware that holds the weights: pcm, accumulator (weights of n bits), or a file")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the substrate, e.g. bits=3")
    parser.add_argument("--hidden", type=int, help="recurrent neurons (default: the task's)")
    parser.add_argument("--neurons", help="soft_lif: hidden units of a layered network, which is then run with LIF neurons too")
    parser.add_argument("--noise", help="with --neurons soft_lif: gaussian, alpha or alpha_rc while learning (default: none)")
    parser.add_argument(
        "--window",
        nargs=2,
        metavar=("FROM", "TO"),
        help="with --neurons soft_lif: when the output of LIF neurons is read (default: 20ms 60ms)",
    )
    parser.add_argument(
        "--set-network",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a constant of the network, e.g. tau_m=30ms (of ep, cep, eqspike: beta=0.2)",
    )
    parser.add_argument(
        "--surrogate", metavar="EXPR", help="the pseudo-derivative: a name, or an expression such as 'gamma*exp(-((v - A)/width)**2)'"
    )
    _shared.add_binning(parser)
    parser.add_argument("--start", metavar="NET", help="a trained network (.npz) whose weights are trained further")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="folder for the results and checkpoints")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    _shared.add_device(parser, default="cpp_standalone")
    parser.add_argument("--data", help="directory of recordings")
    parser.add_argument("--chip", help="train with the on-chip learning of this chip, e.g. reckon")
    parser.add_argument("--with-float", action="store_true", help="with --chip: float e-prop too, on the same samples")
    parser.add_argument("--quiet", action="store_true", help="print the result only")
    _shared.add_progress(parser)


def main(args: Namespace) -> int:
    """Train, log every update, and print the result."""
    from brian2chip.core import output  # Brian2: see the package's docstring

    if args.out is not None:
        output.check_writable(args.out)
    if args.with_float and not args.chip:
        raise UserError("--with-float compares with the learning of a chip; give --chip reckon too.")
    with _shared.logged(args.quiet):
        return _on_chip(args) if args.chip else _in_float(args)


def _in_float(args: Namespace) -> int:
    from brian2chip.analysis import learning_plots  # Brian2: see the package's docstring
    from brian2chip.core.output import drawing
    from brian2chip.core.spiking_network import SpikingNetwork
    from brian2chip.learning import train
    from brian2chip.learning.layered.settings import layered_task

    if (static := layered_task(args.task)) is not None:
        return _layered(args, static)
    _shared.refuse(args, SOFT, "is for layered networks")
    task = _task(args)
    settings = {name: getattr(args, name) for name in (*FLOAT, "iterations") if getattr(args, name) is not None} | _substrate(args)
    start = None if args.start is None else SpikingNetwork.load(args.start)
    given = {"seed": args.seed, "out": args.out, "resume": args.resume, "device": args.device, "data": args.data, "start": start}
    result = train.train(task, progress=args.progress or None, **given, **settings)
    _print(result)
    if args.out:
        with drawing("learning_curve.png"):
            learning_plots.learning_curve(result.history).figure.savefig(Path(args.out) / "learning_curve.png", dpi=120)
        with drawing("trial.png"):
            learning_plots.trial(_a_sample(args, task, result.network)).savefig(Path(args.out) / "trial.png", dpi=120)
        print(f"written to {args.out}: network.npz, history.csv, checkpoint.npz, learning_curve.png, trial.png")
    return 0


def _layered(args: Namespace, task) -> int:
    """Train a layered network and print what it reached."""
    from brian2chip.core.output import plain
    from brian2chip.learning import tasks, train
    from brian2chip.learning.equilibrium.settings import equilibrium_rule

    settings = {name: getattr(args, name) for name in (*FLOAT, "iterations", "hidden") if getattr(args, name) is not None}
    settles = equilibrium_rule(args.rule or task.training.rule)
    if args.start or args.substrate or args.set or (args.set_network and settles is None):
        raise UserError(
            f"--set-network, --start, --substrate and --set are for recurrent networks; task {task.name!r} trains a layered one, so leave "
            "them out."
        )
    network = tasks.network_settings(_shared.pairs(args.set_network), type(settles.network)) if settles is not None else None
    soft, window = _soft_lif.asked(args)
    how = {"seed": args.seed, "out": args.out, "resume": args.resume, "device": args.device, "data": args.data, **soft}
    result = train.train(task, progress=args.progress or None, network=network, **how, **settings)
    last = plain(dict(result.history.iloc[-1]))
    error = "" if last["test_error"] is None else f", held-out error {100 * last['test_error']:.2f} %"
    print(f"epochs {last['epoch']:.0f}, updates {last['update']:.0f}, held-out loss {last['test_loss']:.6g}{error}")
    inside = f"{result.history.program_s.mean():.3g} s in the program, " if "program_s" in result.history else ""
    print(f"an epoch: {inside}{result.history.wall_s.mean():.3g} s of wall time")
    if soft:
        _soft_lif.report(args, result, window)
    return 0


def _print(result) -> None:
    """Print what a training reached, and its time."""
    history = result.history
    n = int(history.samples.iloc[-1])
    error = "" if result.test_error != result.test_error else f", held-out error {100 * result.test_error:.2f} %"
    print(f"updates {len(history)}, samples {n}, held-out loss {result.test_loss:.6g}{error}")
    inside, wall = (1e3 * history[column].sum() / n for column in ("program_s", "wall_s"))
    print(f"per sample: {inside:.1f} ms in the program, {wall:.1f} ms of wall time")


def _task(args: Namespace):
    """Return the task with the size and the constants that the command line gives its network."""
    from brian2chip.learning import tasks  # Brian2: see the package's docstring

    task = _shared.task_of(args)
    size = {} if args.hidden is None else tasks.sized(task, args.hidden)
    settings = tasks.network_settings(_shared.pairs(args.set_network))
    if args.surrogate is not None:
        settings["surrogate"] = args.surrogate
    return tasks.changed(task, {**size, **settings}, {})


def _substrate(args: Namespace) -> dict:
    """Return the setting for the hardware that holds the weights, if any does."""
    from brian2chip.core.quantities import parse_value  # with the next one: Brian2, see the package's docstring
    from brian2chip.core.resolve import substrate

    if args.substrate is None:
        if args.set:
            raise UserError("--set changes a parameter of a substrate; give --substrate too.")
        return {}
    return {"substrate": substrate(args.substrate).with_parameters(**_shared.pairs(args.set, parse_value))}


def _a_sample(args: Namespace, task, network) -> dict:
    """Return the record of the first held-out sample."""
    import numpy as np  # with the next ones: Brian2, see the package's docstring

    from brian2chip.learning import record
    from brian2chip.learning.tasks import samples_of
    from brian2chip.learning.trained import PROJECTIONS

    weights = {name: network.weight(*ends) for name, ends in PROJECTIONS.items()}
    sample = samples_of(task, 1, np.random.default_rng([args.seed, 2]), split="test", data=args.data).take([0])
    return record.record(task, {**weights, "B": weights["w_out"]}, sample)


def _on_chip(args: Namespace) -> int:
    from brian2chip.analysis import learning_plots  # Brian2: see the package's docstring

    learn = _learning_of(args.chip)
    what = "is for training in floating point; a chip learns by its own rule and settings"
    _shared.refuse(args, (*FLOAT, *SOFT, "start", "surrogate", "substrate", "set"), what)
    from brian2chip.learning import tasks  # Brian2: see the package's docstring

    network = tasks.network_settings(_shared.pairs(args.set_network))
    own = {name: value for name, value in (("hidden", args.hidden), ("network", network)) if value}
    result = learn(
        _shared.task_of(args),
        **own,
        data=args.data,
        seed=args.seed,
        epochs=args.iterations,
        out=args.out,
        resume=args.resume,
        with_float=args.with_float,
        progress=args.progress or None,
    )
    print(result)
    if args.out and args.with_float:
        learning_plots.beside(result.history).figure.savefig(Path(args.out) / "beside.png", dpi=120)
        print(f"written to {args.out}: history.csv, beside.png")
    return 0


def _learning_of(name: str) -> Callable:
    """Return how a chip learns a task, or one sentence that names the chips that do."""
    learns = lambda chip: chip.backend is not None and chip.backend.train is not None  # noqa: E731
    chip = registry.get("chip", name)
    if not learns(chip):
        able = ", ".join(other for other, chip in registry.working("chip").items() if learns(chip))
        raise UserError(f"chip {name!r} does not learn a task by itself here; use one that does ({able}), or leave --chip out.")
    return chip.backend.train
