"""verify eprop: the losses of the first five updates in the published configurations."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import tasks
from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.errors import UserError, unknown
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of
from brian2chip.learning.tasks import task_names

UPDATES = 5
LARGEST_BATCH = 1000
TOLERANCE = 1e-6


def losses(task_name: str, batch: int, device: str, rule: str = "eprop_events") -> np.ndarray:
    """Return the losses of the first five updates in the published configuration of a task."""
    with_reference = [name for name in task_names() if registry.get("task", name).reference]
    if task_name not in with_reference:
        raise unknown("task with published losses called", task_name, with_reference)
    task = registry.get("task", task_name)
    if not 1 <= batch <= LARGEST_BATCH:
        raise UserError(f"a batch of {batch} was asked for; give a whole number from 1 to {LARGEST_BATCH}.")
    samples, weights = task.reference(batch)
    settings = replace(task.training, batch=batch, rule=rule)
    shape = shape_of(task, task.network, settings, replicas=batch, samples=UPDATES)
    with session(device, dt=task.dt) as s:
        constants = constants_of(task, task.network, settings, shape)
        outcome = Program(s, shape).run(samples, state_of(weights), constants, samples_per_update=1)
    steps = task.mask.sum() if settings.average_steps else 1
    return outcome.loss.reshape(UPDATES, batch).mean(1) / steps


def main(args: Namespace) -> int:
    """Print the losses; 1 when they differ from the published ones."""
    found = losses(args.task, args.batch, args.device or "cpp_standalone", args.rule)
    for loss in found:
        print(f"{loss:.12f}")
    table = pd.read_csv(Path(tasks.__path__[0]) / "data" / "eprop_losses.csv")
    # One frozen pattern: every sample of a batch is the same, so the losses do not depend on the batch.
    batch = 1 if args.task == "pattern_generation" else args.batch
    published = table[(table.task == args.task) & (table.batch == batch)].loss.to_numpy()
    if not len(published):
        print(f"no losses are published for batch {args.batch} (batches 1 and 2 are)")
        return 0
    difference = np.max(np.abs(found / published - 1))
    print(f"largest relative difference from NEST's published losses: {difference:.1e} (allowed {TOLERANCE:.0e})")
    return int(difference > TOLERANCE)
