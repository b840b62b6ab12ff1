"""Train a network on a task around one compiled program: batches in, weights out, checkpoints, early stop, a network as the result."""

from __future__ import annotations

import hashlib
import logging
import numbers
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.output import write_table
from brian2chip.core.progress import Progress, callback
from brian2chip.core.resolve import resolve
from brian2chip.core.samples import Samples
from brian2chip.core.seed import checked_seed
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.equilibrium import train as equilibrium
from brian2chip.learning.equilibrium.settings import equilibrium_rule
from brian2chip.learning.equilibrium.trained import EquilibriumTrained
from brian2chip.learning.evaluate import evaluate, loss_and_error
from brian2chip.learning.initial_weights import initial_weights
from brian2chip.learning.layered import train as layered
from brian2chip.learning.layered.settings import check_recurrent, layered_task, with_neurons
from brian2chip.learning.layered.trained import LayeredTrained
from brian2chip.learning.network_spec import NetworkSpec
from brian2chip.learning.program import Outcome, Program, known_by, state_shapes
from brian2chip.learning.setup import constants_of, in_memory, matrices_of, on_grid, shape_of, state_of
from brian2chip.learning.tasks import changed, samples_of, sized, task_of
from brian2chip.learning.trained import Trained, as_network

logger = logging.getLogger(__name__)

#: Numbers of every row of the history.
HISTORY = ("update", "samples", "loss", "error", "rate_hz", "wall_s", "program_s")
SAMPLES_A_START = 64  # a start of the program costs about 10 ms; this many samples take it below 1 % and keep the arrays small
N_TEST = 512


def train(
    task: str | Task | LayeredTask,
    *,
    seed: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    device: str = "cpp_standalone",
    data: str | Path | None = None,
    progress: Progress = None,
    n_test: int = N_TEST,
    start: SpikingNetwork | Trained | None = None,
    hidden: int | None = None,
    neurons: str | SoftLif | None = None,
    network: Mapping[str, Any] | None = None,
    **training: Any,
) -> Trained | LayeredTrained | EquilibriumTrained:
    """Return a network that learned a task, with its history: a recurrent one, or a layered one where the task's samples are static.

    Parameters
    ----------
    task : str, Task or LayeredTask
        A task, its name, or the path of a file that defines one. For a layered task ``hidden`` sets the units of its one hidden layer,
        ``n_test`` and ``start`` are not used, and the other settings are those of
        :func:`brian2chip.learning.layered.train.train`, or, for a rule of equilibrium propagation (``ep``, ``cep``, ``eqspike``), those of
        :func:`brian2chip.learning.equilibrium.train.train`.
    seed : int
        From 0 to 2**32 - 1, of initial weights and samples; the same seed gives the same numbers, also over an interruption.
    out : path, optional
        Folder of ``checkpoint.npz``, ``network.npz`` and ``history.csv``.
    resume : bool
        Continue from the folder's checkpoint.
    device : {"cpp_standalone", "cuda", "cython", "numpy"}
    data : path, optional
        Directory of recordings, for tasks that read them.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar. Every update is logged.
    n_test : int
        Held-out samples, at least 1.
    start : SpikingNetwork or Trained, optional
        A trained network of this task whose weights are trained further, with the broadcast weights that it was trained with where it
        holds them; random weights without it.
    hidden : int, optional
        Recurrent neurons, instead of the task's number; the share of adaptive ones stays.
    neurons : {"soft_lif"} or SoftLif, optional
        For a layered task: hidden units that :func:`brian2chip.convert` makes LIF neurons of; learned by backpropagation unless ``rule``
        says otherwise.
    network, **training
        Changes to the task's :class:`~brian2chip.core.network_config.NetworkConfig` and
        :class:`~brian2chip.core.training_config.TrainingConfig`; ``rule`` takes a :class:`~brian2chip.core.learning_rule.LearningRule`,
        a name, or the path of a file that defines one.

    Raises
    ------
    UserError
        For wrong input, a checkpoint of another training, a folder that is in use, or when training diverges (the last good checkpoint
        is kept).
    """
    seed = checked_seed(seed)
    if (static := layered_task(task)) is not None:
        if start is not None:
            raise UserError(f"task {static.name!r} trains a layered network, which begins with random weights; leave start out.")
        static = static if neurons is None else with_neurons(static, neurons)
        sizes = {} if hidden is None else {"hidden": (hidden,)}
        how = {"seed": seed, "out": out, "resume": resume, "device": device, "data": data, "progress": progress}
        network = {**sizes, **(network or {})}
        if (settling := equilibrium_rule(training.get("rule", static.training.rule))) is not None:
            training.pop("rule", None)
            return equilibrium.train(static, settling, network=network, **how, **training)
        return layered.train(static, network=network, **how, **training)
    task = task_of(task)
    if neurons is not None:
        raise UserError(f"neurons are chosen for layered networks, and task {task.name!r} trains a recurrent one; leave them out.")
    size = {} if hidden is None else sized(task, hidden)
    task = _with_rule(changed(task, {**size, **(network or {})}, training), device)
    settings = task.training
    if not isinstance(n_test, numbers.Integral) or n_test < 1:
        raise UserError(f"n_test, the number of held-out samples, was given as {n_test!r}; give a whole number of at least 1.")
    updates = max(1, SAMPLES_A_START // settings.batch)
    shape = shape_of(task, task.network, settings, samples=updates * settings.batch)
    start = start.network if isinstance(start, Trained) else start
    weights = initial_weights(task, seed, start)
    stamp = _stamp(task, seed, shape, weights if start is not None else None)
    report_training = callback(progress, f"training {task.name}")
    with checkpoint.folder(out, resume) as path, report_training as report, session(device, dt=task.dt, known_by=known_by(shape)) as s:
        state, rows = _at_start(path, stamp, weights, seed, resume, shape, settings)
        program = Program(s, shape)
        while len(rows) < settings.iterations and not _solved(rows, settings):
            outcome, fresh = _some_updates(program, task, state, seed, len(rows), _next(len(rows), updates, settings), data)
            if (enough := _updates_to_stop(rows, fresh, settings)) < len(fresh):
                outcome, fresh = _some_updates(program, task, state, seed, len(rows), enough, data)
            rows += fresh
            _check_finite(outcome, rows, path)
            state = outcome.state
            if path is not None:
                checkpoint.save(path, stamp, state, rows)
            for row in fresh:
                logger.info("%s", line(row))
            report(min(1.0, len(rows) / settings.iterations))
        report(1.0)
        state, _ = on_grid(state, settings, shape)
        test_loss, test_error = evaluate(program, task, state, seed, n_test, data)
        result = Trained(as_network(task, matrices_of(state, shape), seed), pd.DataFrame(rows), test_loss, test_error, state)
        if path is not None:
            result.save(path.with_name("network.npz"))
            write_table(path.with_name("history.csv"), result.history)
    return result


def line(row: Mapping[str, float]) -> str:
    """Return a row of the history as text."""
    error = "" if row["error"] != row["error"] else f"  error {100 * row['error']:5.1f} %"
    return f"update {row['update']:5d}  loss {row['loss']:.6f}{error}  rate {row['rate_hz']:.1f} Hz"


def _with_rule(task: Task, device: str) -> Task:
    """Return the task with its learning rule and substrate themselves in place of names or files, which are so read once."""
    check_recurrent(task.training.rule)
    rule = resolve(LearningRule, task.training.rule)
    if device not in rule.devices:
        raise UserError(f"learning rule {rule.name!r} does not run on {device!r}; use one of {', '.join(rule.devices)}.")
    given = task.training.substrate
    return replace(task, training=replace(task.training, rule=rule, substrate=None if given is None else resolve(Substrate, given)))


def _stamp(task: Task, seed: int, shape: NetworkSpec, start: Mapping[str, np.ndarray] | None) -> dict[str, Any]:
    """Return what tells one training from another; how long to train may change from run to run."""
    same = replace(task.training, rule=shape.rule.name, substrate=None, iterations=1, stop_error=0.0, stop_batches=1)
    stamp = {"task": task.name, "seed": seed, "network": repr(task.network), "training": repr(same)}
    stamp["rule"] = checkpoint.rule_stamp(shape.rule, shape.block)
    if (substrate := task.training.substrate) is not None:
        held = hashlib.sha256(repr(shape.memory.built).encode()).hexdigest()[:12]
        stamp["substrate"] = f"{substrate.described()}, equations {held}"
    if start is not None:
        stamp["start"] = hashlib.sha256(b"".join(w.tobytes() for w in start.values())).hexdigest()
    return stamp


def _at_start(
    path: Path | None,
    stamp: dict[str, Any],
    weights: dict[str, np.ndarray],
    seed: int,
    resume: bool,
    shape: NetworkSpec,
    settings: TrainingConfig,
) -> tuple[dict[str, np.ndarray], list[dict]]:
    """Return the state and the history's rows with which the training begins or goes on."""
    if not resume:
        state = state_of(weights, np.random.default_rng([seed, 3]))
        return in_memory(state, settings, np.random.default_rng([seed, 4])), []
    if path is None:
        raise UserError("a training is resumed from its folder; give out (on the command line --out DIR).")
    return checkpoint.load(path, stamp, state_shapes(shape), HISTORY)


def _next(done: int, most: int, settings: TrainingConfig) -> int:
    """Return how many updates the next start of the program makes: no more than are left, and all of them at the same rate."""
    return min(most, settings.iterations - done, settings.same_rates(done))


def _updates_to_stop(rows: list[dict], fresh: list[dict], settings: TrainingConfig) -> int:
    """Return after how many of the fresh updates the task is solved, all of them where it is not; the state is that after the last."""
    return next((k for k in range(1, len(fresh)) if _solved(rows + fresh[:k], settings)), len(fresh))


def _solved(rows: list[dict], settings: TrainingConfig) -> bool:
    last = [row["error"] for row in rows[-settings.stop_batches :]]
    return len(last) == settings.stop_batches and bool(np.mean(last) < settings.stop_error)


def _some_updates(program: Program, task: Task, state, seed: int, done: int, updates: int, data) -> tuple[Outcome, list[dict]]:
    """Run the next updates in one start of the program; the samples of an update depend on the seed and its number alone."""
    settings, start = task.training, time.perf_counter()
    batches = [samples_of(task, settings.batch, np.random.default_rng([seed, 1, done + k]), data=data) for k in range(updates)]
    samples = Samples.join(batches)
    state, grids = on_grid(state, settings, program.shape)
    constants = constants_of(task, task.network, settings.at(done), program.shape, grids=grids)
    outcome = program.run(samples, state, constants, samples_per_update=settings.batch)
    wall, inside = (time.perf_counter() - start) / updates, program.session.timings["run"] / updates
    rows = []
    for k in range(updates):
        part = slice(k * settings.batch, (k + 1) * settings.batch)
        loss, error = loss_and_error(task, outcome, samples, part)
        rate = outcome.count[part].mean() / (task.n_steps * task.dt)
        row = {"update": done + k + 1, "samples": (done + k + 1) * settings.batch, "loss": loss, "error": error, "rate_hz": rate}
        rows.append({**row, "wall_s": wall, "program_s": inside})
    return outcome, rows


def _check_finite(outcome: Outcome, rows: list[dict], path: Path | None) -> None:
    bad = [row["update"] for row in rows if not np.isfinite(row["loss"])]
    if bad or not all(np.all(np.isfinite(v)) for v in outcome.state.values()):
        where = f"the last good checkpoint is {path}" if path is not None and path.exists() else "no checkpoint was kept"
        raise UserError(f"training diverged at update {bad[0] if bad else rows[-1]['update']}; {where}; lower the learning rate.")
