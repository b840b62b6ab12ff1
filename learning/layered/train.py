"""Train a layered network on a task around one compiled program: epochs of batches in, weights and history out, checkpoints."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.layered_config import LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.output import write_table
from brian2chip.core.progress import Progress, callback
from brian2chip.core.seed import checked_seed
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.layered.program import DT, Outcome, Program, fixed_shapes, kept_beside, weight_shapes
from brian2chip.learning.layered.settings import spec_of, with_rule
from brian2chip.learning.layered.spec import LayeredSpec
from brian2chip.learning.layered.start import initial_state
from brian2chip.learning.layered.trained import LayeredTrained
from brian2chip.learning.tasks import changed

logger = logging.getLogger(__name__)

#: Numbers of every row of the history.
HISTORY = ("epoch", "update", "samples", "loss", "error", "test_loss", "test_error", "wall_s", "program_s")
PRESENTATIONS_A_START = 2000  # a start of the program costs about 20 ms


def train(
    task: LayeredTask,
    *,
    seed: int = 1,
    out: str | Path | None = None,
    resume: bool = False,
    device: str = "cpp_standalone",
    data: str | Path | None = None,
    progress: Progress = None,
    dtype: str = "float64",
    network: Mapping[str, Any] | None = None,
    **training: Any,
) -> LayeredTrained:
    """Return a layered network that learned a task, with its history.

    Parameters
    ----------
    task : LayeredTask
    seed : int
        From 0 to 2**32 - 1, of initial weights, fixed matrices and the order of samples.
    out, resume, data, progress
        As in :func:`brian2chip.train`.
    device : {"cpp_standalone", "numpy"}
    dtype : {"float64", "float32"}
        Precision of all variables.
    network, **training
        Changes to the task's :class:`~brian2chip.core.layered_config.LayeredConfig` and
        :class:`~brian2chip.core.layered_config.LayeredTraining`.

    Raises
    ------
    UserError
        For wrong input, a checkpoint of another training, a folder that is in use, or when training diverges.
    """
    seed = checked_seed(seed)
    task = with_rule(changed(task, network or {}, training), device)
    spec, settings = spec_of(task, dtype), task.training
    sets = task.samples(data)
    _check_sizes(sets, settings.batch, task)
    shapes = {f"{name}{of}": shape for name, shape in weight_shapes(spec).items() for of in ("", *(f".{v}" for v in kept_beside(spec)))}
    stamp = _stamp(task, seed, dtype)
    report_training = callback(progress, f"training {task.name}")
    with checkpoint.folder(out, resume) as path, report_training as report, _session(device, spec) as s:
        state, rows = initial_state(spec, seed, task.network.zero_weights), []
        if resume:
            state, rows = _resumed(path, stamp, {**shapes, **fixed_shapes(spec)})
        program, every = Program(s, spec), _joined(sets)
        updates = len(sets["train"]) // settings.batch
        while len(rows) < settings.epochs:
            rate, same = _rate(settings, len(rows))
            epochs = min(same, settings.epochs - len(rows), max(1, PRESENTATIONS_A_START // updates))
            fresh, outcome = _some_epochs(program, every, sets, state, seed, len(rows), epochs, rate)
            rows += fresh
            if not all(np.isfinite(row["loss"]) for row in fresh):
                raise UserError(f"training diverged in epoch {rows[-1]['epoch']}; lower the learning rate.")
            state = outcome.state
            if path is not None:
                checkpoint.save(path, stamp, state, rows)
            for row in fresh:
                logger.info("%s", line(row))
            report(len(rows) / settings.epochs)
        result = LayeredTrained(task, spec, seed, pd.DataFrame(rows), state)
        if path is not None:
            result.save(path.with_name("network.npz"))
            write_table(path.with_name("history.csv"), result.history)
    return result


def _session(device: str, spec: LayeredSpec) -> AbstractContextManager[Session]:
    """Return a session for the program of a network, with a seed where its units draw noise."""
    return session(device, dt=DT, dtype=np.dtype(spec.dtype).type, seed=0 if spec.noisy else None)


def _rate(settings: LayeredTraining, done: int) -> tuple[float, int]:
    """Return the learning rate after so many epochs, and for how many more it stays."""
    if not settings.halve_after:
        return settings.rate, settings.epochs
    halved, since = divmod(done, settings.halve_after)
    return settings.rate / 2**halved, settings.halve_after - since


def line(row: Mapping[str, float]) -> str:
    """Return a row of the history as text."""
    errors = "" if row["error"] != row["error"] else f"  error {100 * row['error']:5.2f} %  held out {100 * row['test_error']:5.2f} %"
    return f"epoch {row['epoch']:4d}  loss {row['loss']:.6f}  held out {row['test_loss']:.6f}{errors}"


def _check_sizes(sets: Mapping[str, StaticSamples], batch: int, task: LayeredTask) -> None:
    if len(sets["train"]) < batch:
        raise UserError(f"a batch of {batch} was asked for, and task {task.name!r} has {len(sets['train'])} samples; take a smaller one.")
    if not len(sets["test"]):
        raise UserError(f"task {task.name!r} has no held-out samples; it needs at least one.")


def _stamp(task: LayeredTask, seed: int, dtype: str) -> dict[str, Any]:
    """Return what tells one training from another; how long to train may change from run to run."""
    rule = task.training.rule
    digest = hashlib.sha256(rule.signal.encode()).hexdigest()[:12]
    same = replace(task.training, rule=rule.name, epochs=1)
    return {"task": task.name, "seed": seed, "network": repr(task.network), "training": repr(same), "rule": digest, "dtype": dtype}


def _resumed(path: Path | None, stamp: dict, shapes: Mapping[str, tuple[int, ...]]) -> tuple[dict, list[dict]]:
    if path is None:
        raise UserError("a training is resumed from its folder; give out (on the command line --out DIR).")
    return checkpoint.load(path, stamp, shapes, HISTORY)


def _joined(sets: Mapping[str, StaticSamples]) -> StaticSamples:
    """Return training and held-out samples as one, in this order."""
    both = [sets["train"], sets["test"]]
    pick = {v: None if getattr(both[0], v) is None else np.concatenate([getattr(s, v) for s in both]) for v in ("label", "target")}
    return StaticSamples(np.concatenate([s.x for s in both]), **pick)


def _some_epochs(program: Program, every: StaticSamples, sets, state, seed: int, done: int, epochs: int, rate: float):
    """Run epochs in one start of the program, each followed by the held-out samples; return the history's rows and the outcome."""
    start, batch = time.perf_counter(), program.spec.batch
    n_train, n_test = len(sets["train"]), len(sets["test"])
    updates = n_train // batch
    held_out = n_train + np.resize(np.arange(n_test), (-(-n_test // batch), batch))
    order, learns = [], []
    for k in range(epochs):
        drawn = np.random.default_rng([seed, 1, done + k]).permutation(n_train)[: updates * batch].reshape(updates, batch)
        order += [drawn, held_out]
        learns += [np.ones(updates, bool), np.zeros(len(held_out), bool)]
    order, learns = np.concatenate(order), np.concatenate(learns)
    if program.spec.noisy:
        program.session.reseed(int(np.random.SeedSequence([seed, 2, done]).generate_state(1)[0]))
    outcome = program.run(every, order, learns, state, rate)
    wall, inside = (time.perf_counter() - start) / epochs, program.session.timings["run"] / epochs
    each, rows = updates + len(held_out), []
    for k in range(epochs):
        trained, tested = slice(k * each, k * each + updates), slice(k * each + updates, (k + 1) * each)
        numbers = {"epoch": done + k + 1, "update": (done + k + 1) * updates, "samples": (done + k + 1) * updates * batch}
        numbers |= {"loss": _mean(outcome.loss_of_samples[trained]), "error": _error(outcome, every, order, trained)}
        numbers |= {"test_loss": _mean(outcome.loss_of_samples[tested].ravel()[:n_test])}
        numbers |= {"test_error": _error(outcome, every, order, tested, n_test)}
        rows.append({**numbers, "wall_s": wall, "program_s": inside})
    return rows, outcome


def _mean(values: np.ndarray) -> float:
    return float(values.mean())


def _error(outcome: Outcome, every: StaticSamples, order: np.ndarray, part: slice, first: int | None = None) -> float:
    """Return the share of wrong answers in presentations; NaN for regression."""
    if every.label is None:
        return float("nan")
    wrong = outcome.y[part].argmax(2) != every.label[order[part]]
    return float(wrong.ravel()[:first].mean())
