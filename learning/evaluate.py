"""Loss and error of a network: of the samples that it just learned, and of those held out."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.learning.program import Outcome, Program
from brian2chip.learning.setup import constants_of, on_grid
from brian2chip.learning.tasks import samples_of


def loss_and_error(task: Task, outcome: Outcome, samples: Samples, part: slice) -> tuple[float, float]:
    """Return mean loss of some of the samples, and the share answered wrong (NaN for regression)."""
    steps = task.mask.sum() if task.training.average_steps else 1
    wrong = np.nan if samples.label is None else float(np.mean(outcome.score[part].argmax(1) != samples.label[part]))
    return float(outcome.loss[part].mean() / steps), wrong


def evaluate(
    program: Program, task: Task, state: dict[str, np.ndarray], seed: int, n_test: int, data: str | Path | None
) -> tuple[float, float]:
    """Return mean loss and error on held-out samples, with the weights fixed."""
    held_out = samples_of(task, n_test, np.random.default_rng([seed, 2]), split="test", data=data)
    state, grids = on_grid(state, task.training, program.shape)
    constants = constants_of(task, task.network, task.training, program.shape, grids=grids, learn=False)
    found = []
    for first in range(0, len(held_out), program.shape.samples):
        part = held_out.take(np.arange(first, min(first + program.shape.samples, len(held_out))))
        outcome = program.run(part, state, constants, samples_per_update=task.training.batch)
        found.append((len(part), *loss_and_error(task, outcome, part, slice(None))))
    n, loss, error = np.array(found).T
    return float(np.average(loss, weights=n)), float(np.average(error, weights=n))
