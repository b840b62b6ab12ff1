"""Train a network on a task around one compiled program: batches in, weights out, checkpoints, early stop, a network as the result."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import registry
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.task import Task
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.program import Outcome, Program
from brian2chip.learning.setup import constants_of, matrices_of, on_grid, random_weights, shape_of, state_of

logger = logging.getLogger(__name__)

TRIALS_A_START = 64  # a start of the program costs about 10 ms; this many trials take it below 1 % and keep the arrays small
N_TEST = 512
PROJECTIONS = {"w_in": ("input", "rec"), "w_rec": ("rec", "rec"), "w_out": ("rec", "out")}


@dataclass(frozen=True)
class Trained:
    """What a training gave.

    Attributes
    ----------
    network : SpikingNetwork
    history : DataFrame
        One row an update: ``update``, ``trials``, ``loss``, ``error`` (classification), ``rate_hz``, ``wall_s``, ``program_s``.
    test_loss, test_error : float
        On held-out trials; the error is NaN for regression.
    state : dict of arrays
        Weights, broadcast weights and optimiser state.
    """

    network: SpikingNetwork
    history: pd.DataFrame
    test_loss: float
    test_error: float
    state: dict[str, np.ndarray]


def train(
    task: str | Task,
    *,
    seed: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    device: str = "cpp_standalone",
    data: str | Path | None = None,
    progress: Callable[[dict], None] | None = None,
    n_test: int = N_TEST,
    start: SpikingNetwork | None = None,
    network: dict[str, Any] | None = None,
    **training: Any,
) -> Trained:
    """Train a recurrent network with e-prop.

    Parameters
    ----------
    task : str or Task
    seed : int
        Of initial weights and samples; the same seed gives the same numbers, also over an interruption.
    out : path, optional
        Folder of ``checkpoint.npz``, ``network.npz`` and ``history.csv``.
    resume : bool
        Continue from the folder's checkpoint.
    device : {"cpp_standalone", "cython", "numpy"}
    data : path, optional
        Directory of recordings, for tasks that read them.
    progress : callable, optional
        Called with the history's newest row after every update.
    n_test : int
        Held-out trials.
    start : SpikingNetwork, optional
        A trained network of this task whose weights are trained further; random weights without it.
    network, **training
        Changes to the task's :class:`Neurons` and :class:`Training`.

    Raises
    ------
    UserError
        For wrong input, a checkpoint of another training, or when training diverges (the last good checkpoint is kept).
    """
    task = changed(task_of(task), network or {}, training)
    settings = task.training
    updates = max(1, TRIALS_A_START // settings.batch)
    shape = shape_of(task, task.network, settings, trials=updates * settings.batch)
    path = None if out is None else Path(out) / "checkpoint.npz"
    same = replace(settings, iterations=1, stop_error=0.0, stop_batches=1)  # how long to train may change from run to run
    weights = initial_weights(task, seed, start)
    stamp = {"task": task.name, "seed": seed, "network": repr(task.network), "training": repr(same)}
    if start is not None:
        stamp["start"] = hashlib.sha256(b"".join(w.tobytes() for w in weights.values())).hexdigest()
    if resume:
        if path is None:
            raise UserError("a training is resumed from its folder; give out (on the command line --out DIR).")
        state, rows = checkpoint.load(path, stamp)
    else:
        rows = []
        state = state_of(weights, np.random.default_rng([seed, 3]))
    with session(device, dt=task.dt) as s:
        program = Program(s, shape)
        while len(rows) < settings.iterations and not _solved(rows, settings):
            outcome, fresh = _some_updates(program, task, state, seed, len(rows), updates, data)
            rows += fresh
            _check_finite(outcome, rows, path)
            state = outcome.state
            if path is not None:
                checkpoint.save(path, stamp, state, rows)
            for row in fresh if progress is not None else ():
                progress(row)
        state, _ = on_grid(state, settings, shape)
        test_loss, test_error = _evaluate(program, task, state, seed, n_test, data)
    result = Trained(as_network(task, matrices_of(state, shape), seed), pd.DataFrame(rows), test_loss, test_error, state)
    if out is not None:
        result.network.save(Path(out) / "network.npz")
        result.history.to_csv(Path(out) / "history.csv", index=False)
    return result


def task_of(task: str | Task) -> Task:
    """Return a learning task by name, or the one given.

    Raises
    ------
    UserError
        For a protocol without learning, or a name that does not exist; both list the tasks, not all protocols.
    """
    if isinstance(task, Task):
        return task
    if task not in registry.catalogue("task") and task in registry.catalogue("protocol"):
        raise UserError(f"{task!r} is a protocol without learning; train takes one of {', '.join(task_names())}.")
    return registry.get("task", task)


def task_names() -> list[str]:
    """Return the names of the learning tasks."""
    return list(registry.catalogue("task"))


def changed(task: Task, network: dict, training: dict) -> Task:
    """Return the task with some constants of its network or training changed; one sentence for a name that does not exist."""
    for given, settings in ((network, task.network), (training, task.training)):
        for name in given:
            if not hasattr(settings, name):
                raise UserError(f"{name!r} is no setting of a {type(settings).__name__.lower()}; choose from {', '.join(vars(settings))}.")
    return replace(task, network=replace(task.network, **network), training=replace(task.training, **training))


def initial_weights(task: Task, seed: int, start: SpikingNetwork | None = None) -> dict[str, np.ndarray]:
    """Return the initial weights of a seed, or those of a trained network; symmetric broadcast starts from the readout's weights."""
    weights = random_weights(task.n_in, task.network, task.n_out, np.random.default_rng([seed, 0]))
    for name, ends in PROJECTIONS.items() if start is not None else ():
        found = next((c.weight for c in start.projections if (c.source, c.target) == ends), None)
        if np.shape(found) != weights[name].shape:
            given = "none" if found is None else f"those of shape {np.shape(found)}"
            raise UserError(
                f"task {task.name!r} needs weights {ends[0]!r} -> {ends[1]!r} of shape {weights[name].shape}, the network to start from "
                f"has {given}; give one that was trained on this task."
            )
        weights[name] = np.array(found, float)
    return {**weights, "B": weights["w_out"].copy()} if task.training.broadcast == "symmetric" else weights


def _solved(rows: list[dict], settings) -> bool:
    last = [row["error"] for row in rows[-settings.stop_batches :]]
    return len(last) == settings.stop_batches and bool(np.mean(last) < settings.stop_error)


def _some_updates(program: Program, task: Task, state, seed: int, done: int, updates: int, data) -> tuple[Outcome, list[dict]]:
    """Run the next updates in one start of the program; the samples of an update depend on the seed and its number alone."""
    settings, start = task.training, time.perf_counter()
    batches = [task.generate(settings.batch, np.random.default_rng([seed, 1, done + k]), data=data) for k in range(updates)]
    samples = Samples.join(batches)
    state, grids = on_grid(state, settings, program.shape)
    constants = constants_of(task, task.network, settings.at(done), program.shape, grids=grids)
    outcome = program.run(samples, state, constants, trials_per_update=settings.batch)
    wall, inside = (time.perf_counter() - start) / updates, program.session.timings["run"] / updates
    rows = []
    for k in range(updates):
        part = slice(k * settings.batch, (k + 1) * settings.batch)
        loss, error = _loss_and_error(task, outcome, samples, part)
        rate = outcome.count[part].mean() / (task.n_steps * task.dt)
        row = {"update": done + k + 1, "trials": (done + k + 1) * settings.batch, "loss": loss, "error": error, "rate_hz": rate}
        rows.append({**row, "wall_s": wall, "program_s": inside})
    return outcome, rows


def _loss_and_error(task: Task, outcome: Outcome, samples: Samples, part: slice) -> tuple[float, float]:
    steps = task.mask.sum() if task.training.average_steps else 1
    wrong = np.nan if samples.label is None else float(np.mean(outcome.score[part].argmax(1) != samples.label[part]))
    return float(outcome.loss[part].mean() / steps), wrong


def _check_finite(outcome: Outcome, rows: list[dict], path: Path | None) -> None:
    bad = [row["update"] for row in rows if not np.isfinite(row["loss"])]
    if bad or not all(np.all(np.isfinite(v)) for v in outcome.state.values()):
        where = f"the last good checkpoint is {path}" if path is not None and path.exists() else "no checkpoint was kept"
        raise UserError(f"training diverged at update {bad[0] if bad else rows[-1]['update']}; {where}; lower the learning rate.")


def _evaluate(program: Program, task: Task, state, seed: int, n_test: int, data) -> tuple[float, float]:
    """Return mean loss and error on held-out trials, with the weights fixed."""
    held_out = task.generate(n_test, np.random.default_rng([seed, 2]), split="test", data=data)
    state, grids = on_grid(state, task.training, program.shape)
    constants = constants_of(task, task.network, task.training, program.shape, grids=grids, learn=False)
    found = []
    for first in range(0, len(held_out), program.shape.trials):
        part = held_out.take(np.arange(first, min(first + program.shape.trials, len(held_out))))
        outcome = program.run(part, state, constants, trials_per_update=task.training.batch)
        found.append((len(part), *_loss_and_error(task, outcome, part, slice(None))))
    n, loss, error = np.array(found).T
    return float(np.average(loss, weights=n)), float(np.average(error, weights=n))


def as_network(task: Task, weights: dict[str, np.ndarray], seed: int) -> SpikingNetwork:
    """Return trained weights and the task's neurons as a network."""
    n, c = task.network, task.network.constants(task.dt)
    rec = {
        "tau_m": n.tau_m,
        "v_threshold": n.v_th,
        "reset": "subtract",
        "refractory": n.refractory,
        "gain": c["gain"],
    }
    rec |= {"tau_a": n.tau_a, "beta": c["beta"]} if n.n_alif else {}
    populations = (
        Population("input", "input", task.n_in),
        Population("rec", "alif" if n.n_alif else "lif", n.n_rec, rec),
        Population("out", "li", task.n_out, {"tau_m": n.tau_out, "gain": 1 - c["kappa"]}),
    )
    projections = (
        Projection("input", "rec", weights["w_in"], 0),
        Projection("rec", "rec", weights["w_rec"], 1),
        Projection("rec", "out", weights["w_out"], 0),
    )
    provenance = {
        "task": task.name,
        "seed": seed,
        "training": vars(task.training),
        "package": f"brian2chip {version('brian2chip')}",
        "brian2": version("brian2"),
    }
    return SpikingNetwork(populations, projections, task.dt, provenance)
