"""Train a network on a task with e-prop, or on a chip's own learning; writes network, history, figures and checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from brian2chip.analysis import learning_plots
from brian2chip.core import output, registry
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.learning import record, train


def arguments(parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("task", help="evidence_accumulation, pattern_generation, store_recall, spoken_digits, ...")
    parser.add_argument("--rule", help="e-prop rule (default: the task's)")
    parser.add_argument("--broadcast", help="random, symmetric or adaptive")
    parser.add_argument("--rate", type=float, help="learning rate")
    parser.add_argument("--batch", type=int, help="trials per update")
    parser.add_argument("--iterations", type=int, help="updates at most")
    parser.add_argument("--bits", type=int, help="width of the weights, 1 to 24; default is real-valued")
    parser.add_argument("--rounding", help="of weights of n bits: nearest (real ones are kept beside; default) or stochastic")
    parser.add_argument("--start", metavar="NET", help="a trained network (.npz) whose weights are trained further")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", help="folder for the results and checkpoints")
    parser.add_argument("--resume", action="store_true", help="continue from the checkpoint in --out")
    parser.add_argument("--device", default="cpp_standalone", help="cpp_standalone, cython or numpy")
    parser.add_argument("--data", help="directory of recordings")
    parser.add_argument("--chip", help="train by the learning of this chip, e.g. reckon")
    parser.add_argument("--with-float", action="store_true", help="with --chip: float e-prop too, on the same samples")
    parser.add_argument("--quiet", action="store_true", help="print the result only")


def main(args) -> int:
    """Train and print the loss curve and the result."""
    if args.out is not None:
        output.check_writable(args.out)
    if args.chip:
        return _on_chip(args)
    if args.with_float:
        raise UserError("--with-float compares with the learning of a chip; give --chip reckon too.")
    settings = {name: getattr(args, name) for name in ("rule", "broadcast", "rate", "batch", "iterations", "bits", "rounding")}
    start = None if args.start is None else SpikingNetwork.load(args.start)
    result = train.train(
        args.task,
        seed=args.seed,
        out=args.out,
        resume=args.resume,
        device=args.device,
        data=args.data,
        start=start,
        progress=None if args.quiet else _print_row,
        **{k: v for k, v in settings.items() if v is not None},
    )
    last = result.history.iloc[-1]
    print(f"updates {len(result.history)}, trials {int(last.trials)}, held-out loss {result.test_loss:.6g}", end="")
    print("" if result.test_error != result.test_error else f", held-out error {100 * result.test_error:.2f} %")
    print(f"per trial: {1e3 * _per_trial(result.history, 'program_s'):.1f} ms in the program, ", end="")
    print(f"{1e3 * _per_trial(result.history, 'wall_s'):.1f} ms of wall time")
    if args.out:
        learning_plots.learning_curve(result.history).figure.savefig(Path(args.out) / "learning_curve.png", dpi=120)
        learning_plots.trial(_a_trial(args, result.network)).savefig(Path(args.out) / "trial.png", dpi=120)
        print(f"written to {args.out}: network.npz, history.csv, checkpoint.npz, learning_curve.png, trial.png")
    return 0


def _a_trial(args, network) -> dict:
    """Return the record of the first held-out trial."""
    task = registry.get("task", args.task)
    weights = {name: network.weight(*ends) for name, ends in train.PROJECTIONS.items()}
    sample = task.generate(1, np.random.default_rng([args.seed, 2]), split="test", data=args.data).take([0])
    return record.record(task, {**weights, "B": weights["w_out"]}, sample)


def _per_trial(history, column: str) -> float:
    return history[column].sum() / history.trials.iloc[-1]


def _print_row(row) -> None:
    error = "" if row["error"] != row["error"] else f"  error {100 * row['error']:5.1f} %"
    print(f"update {row['update']:5d}  loss {row['loss']:.6f}{error}  rate {row['rate_hz']:.1f} Hz", flush=True)


def _on_chip(args) -> int:
    learn = _learning_of(args.chip)
    strange = [name for name in ("rule", "broadcast", "rate", "batch", "bits", "rounding", "start") if getattr(args, name) is not None]
    if strange:
        raise UserError(f"--{strange[0]} is for training in floating point; a chip learns by its own rule and settings, so leave it out.")
    result = learn(
        args.task,
        data=args.data,
        seed=args.seed,
        epochs=args.iterations,
        out=args.out,
        resume=args.resume,
        with_float=args.with_float,
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
        able = ", ".join(other for other in registry.catalogue("chip") if learns(registry.get("chip", other)))
        raise UserError(f"chip {name!r} does not learn a task by itself here; use one that does ({able}), or leave --chip out.")
    return chip.backend.train
