"""Train a network by equilibrium propagation around one compiled program: epochs of batches in, weights and history out, checkpoints."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.equilibrium_rule import EquilibriumRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.output import write_table
from brian2chip.core.progress import Progress, callback
from brian2chip.core.seed import checked_seed
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.equilibrium.backends import BACKENDS, Backend, Presented, Weights
from brian2chip.learning.equilibrium.program import DT
from brian2chip.learning.equilibrium.settings import changed, initial_weights, sizes_of
from brian2chip.learning.equilibrium.trained import EquilibriumTrained

logger = logging.getLogger(__name__)

#: Numbers of every row of the history.
HISTORY = ("epoch", "update", "samples", "loss", "error", "test_loss", "test_error", "hidden_rate", "wall_s")


def train(
    task: LayeredTask,
    rule: EquilibriumRule,
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
) -> EquilibriumTrained:
    """Return a network that learned a task by equilibrium propagation, with its history.

    Parameters
    ----------
    task : LayeredTask
        Its samples are used; network and training are the rule's.
    rule : EquilibriumRule
    seed : int
        From 0 to 2**32 - 1, of initial weights, phases of spiking inputs, and the order of samples.
    out, resume, data, progress
        As in :func:`brian2chip.train`.
    device : {"cpp_standalone", "numpy"}
    dtype : {"float64", "float32"}
        Precision of all variables.
    network, **training
        Changes to the rule's network (``hidden`` among them) and its
        :class:`~brian2chip.core.equilibrium_rule.EquilibriumTraining`.

    Raises
    ------
    UserError
        For wrong input, a checkpoint of another training, a folder that is in use, or when training diverges.
    """
    seed = checked_seed(seed)
    rule = changed(rule, network or {}, training)
    if device not in rule.devices:
        raise UserError(f"rule {rule.name!r} does not run on {device!r}; use one of {', '.join(rule.devices)}.")
    if dtype not in ("float64", "float32"):
        raise UserError(f"the precision {dtype!r} was asked for; choose float64 or float32.")
    settings, sizes = rule.training, sizes_of(rule, task)
    sets = task.samples(data)
    if len(sets["train"]) < settings.batch or not len(sets["test"]):
        raise UserError(f"task {task.name!r} has {len(sets['train'])} samples to learn and {len(sets['test'])} held out; a batch of "
                        f"{settings.batch} needs as many of the former, and at least one of the latter.")  # fmt: skip
    weights, rows, stamp = initial_weights(sizes, settings.biases, seed), [], _stamp(task, rule, seed, dtype)
    reported = callback(progress, f"training {task.name}")
    with checkpoint.folder(out, resume) as path, reported as report, session(device, dt=DT, dtype=np.dtype(dtype).type) as s:
        if resume:
            if path is None:
                raise UserError("a training is resumed from its folder; give out (on the command line --out DIR).")
            weights, rows = checkpoint.load(path, stamp, {name: w.shape for name, w in weights.items()}, HISTORY)
        backend = BACKENDS[type(rule.network)](s, rule.network, sizes, settings.batch, dtype)
        while len(rows) < settings.epochs:
            weights, row = _epoch(backend, settings, sets, weights, seed, len(rows))
            rows.append(row)
            if not np.isfinite(row["loss"]):
                raise UserError(f"training diverged in epoch {row['epoch']}; lower the learning rates.")
            if path is not None:
                checkpoint.save(path, stamp, {**weights, "updates": float(row["update"])}, rows)
            logger.info("%s", line(row))
            report(len(rows) / settings.epochs)
        state = {name: w for name, w in weights.items() if name != "updates"}
        result = EquilibriumTrained(task, rule, seed, pd.DataFrame(rows), state)
        if path is not None:
            result.save(path.with_name("network.npz"))
            write_table(path.with_name("history.csv"), result.history)
    return result


def line(row: Mapping[str, float]) -> str:
    """Return a row of the history as text."""
    errors = "" if row["error"] != row["error"] else f"  error {100 * row['error']:5.2f} %  held out {100 * row['test_error']:5.2f} %"
    return f"epoch {row['epoch']:4d}  loss {row['loss']:.6f}  held out {row['test_loss']:.6f}{errors}  hidden rate {row['hidden_rate']:.2f}"


def _stamp(task: LayeredTask, rule: EquilibriumRule, seed: int, dtype: str) -> dict[str, Any]:
    """Return what tells one training from another; how long to train may change from run to run."""
    same = replace(rule.training, epochs=1)
    return {"task": task.name, "seed": seed, "network": repr((rule.hidden, rule.network)), "training": repr(same), "rule": rule.name,
            "dtype": dtype}  # fmt: skip


def _epoch(backend: Backend, settings, sets, weights: Weights, seed: int, done: int) -> tuple[Weights, dict]:
    """Learn all training samples once and answer the held-out ones; return the weights and the history's row."""
    start, rng = time.perf_counter(), np.random.default_rng([seed, 1, done])
    learned, held_out, batch = sets["train"], sets["test"], settings.batch
    updates = len(learned) // batch
    order = rng.permutation(len(learned))[: updates * batch]
    rates = tuple(rate * settings.rate_decay**done for rate in settings.rates)
    parts, used = [], {name: w for name, w in weights.items() if name != "updates"}
    for part in _pieces(backend, order, batch):
        parts.append(backend.present(learned.take(part), used, rates, rng))
        used = parts[-1].weights
    cycled = np.resize(np.arange(len(held_out)), -(-len(held_out) // batch) * batch)
    answered = [backend.present(held_out.take(part), used, None, rng) for part in _pieces(backend, cycled, batch)]
    row = {"epoch": done + 1, "update": (done + 1) * updates, "samples": (done + 1) * updates * batch}
    row |= dict(zip(("loss", "error"), _scores(parts, learned.take(order))))
    row |= dict(zip(("test_loss", "test_error"), _scores(answered, held_out)))
    return used, {**row, "hidden_rate": parts[-1].rate, "wall_s": time.perf_counter() - start}


def _pieces(backend: Backend, order: np.ndarray, batch: int) -> Iterator[np.ndarray]:
    """Yield the samples of each start of the program."""
    each = backend.most() * batch
    return (order[k : k + each] for k in range(0, len(order), each))


def _scores(parts: Sequence[Presented], samples: StaticSamples) -> tuple[float, float]:
    """Return half the squared error of a sample, and the share of wrong answers (NaN for regression)."""
    answers = np.concatenate([part.answers for part in parts])
    answers = answers.reshape(-1, answers.shape[2])[: len(samples)]
    loss = float(((answers - samples.wanted(answers.shape[1])) ** 2).sum(1).mean() / 2)
    return loss, float("nan") if samples.label is None else float((answers.argmax(1) != samples.label).mean())
