"""Recompute published and recorded numbers: of e-prop, layered networks (drtp), equilibrium propagation (ep), and soft LIF."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import tasks
from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.errors import UserError, unknown
from brian2chip.learning.conversion import published
from brian2chip.learning.conversion import verify as conversion
from brian2chip.learning.equilibrium import verify as equilibrium
from brian2chip.learning.layered import verify as layered
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of
from brian2chip.learning.tasks import task_names

UPDATES = 5
LARGEST_BATCH = 1000
TOLERANCE = 1e-6


def arguments(parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("what", choices=["eprop", "drtp", "ep", "soft_lif"], help="what to verify")
    parser.add_argument("--file", help="drtp, ep: recorded numbers (.npz) of the same layout (default: those that come with the package)")
    parser.add_argument("--rate", type=float, help="drtp with --file: its learning rate (default: a usual one that fits)")
    parser.add_argument("--task", default="pattern_generation", help="pattern_generation or evidence_accumulation")
    parser.add_argument("--batch", type=int, default=1, help="samples per update, run as replicas with shared weights")
    parser.add_argument("--rule", default="eprop_events", help="eprop (every step) or eprop_events (the same gradient, faster)")
    parser.add_argument(
        "--device", help="numpy, cython or cpp_standalone (default: numpy for drtp and soft_lif, cpp_standalone for the others)"
    )


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


def main(args) -> int:
    """Print what was recomputed; 1 when it differs from the published or recorded numbers."""
    if args.what == "drtp":
        return _layered(args)
    if args.rate is not None or args.file is not None and args.what != "ep":
        raise UserError("--file is for verify drtp and verify ep, and --rate for verify drtp; leave them out.")
    if args.what == "soft_lif":
        return _soft_lif(args)
    if args.what == "ep":
        return _equilibrium(args)
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


def _layered(args) -> int:
    """Print the largest differences of each mode and optimiser of recorded numbers; 1 when one is too large."""
    files = [layered.DATA / name for name in layered.FILES] if args.file is None else [args.file]
    if args.file is None and args.rate is not None:
        raise UserError("--rate is the learning rate of a file; give --file too, or leave it out.")
    worst = 0.0
    for file in files:
        found = layered.verify(file, args.device or "numpy", args.rate)
        print(f"{Path(file).name}: largest differences of losses, first gradients, and weights after the last update")
        print(found.to_string(index=False, formatters=dict.fromkeys(layered.COMPARED, "{:.1e}".format)))
        worst = max(worst, found[list(layered.COMPARED)].to_numpy().max())
    print(f"largest difference from the recorded numbers: {worst:.1e} (allowed {layered.TOLERANCE:.0e})")
    return int(not worst <= layered.TOLERANCE)


def _equilibrium(args) -> int:
    """Print the differences of equilibrium propagation from recorded numbers; 1 when one is too large."""
    files = [equilibrium.DATA / name for name in equilibrium.FILES] if args.file is None else [args.file]
    every = True
    for file in files:
        found, within = equilibrium.verify(file, args.device or "cpp_standalone")
        print(f"{Path(file).name}: largest differences from the recorded numbers")
        print(found.to_string(index=False, float_format="{:.2g}".format))
        every &= within
    print(
        f"{'all' if every else 'not all'} within tolerance: {equilibrium.TOLERANCE:.0e}; one-sided and symmetric gradients "
        f"{equilibrium.TOLERANCE_SYMMETRIC:.0e}; their error falls by 2 and 4 (each +- 0.2) where the nudge is halved"
    )
    return int(not every)


def _soft_lif(args) -> int:
    """Print the differences of soft-LIF units from tables of many digits, and the published efficiencies; 1 when one is too large."""
    found, table = conversion.differences(args.device or "numpy"), published.efficiencies()
    print("largest relative differences of responses, slopes and noise from tables that were computed with many digits")
    print(found.to_string(index=False, formatters={"difference": "{:.1e}".format}))
    print("published efficiencies of spiking networks, and the formula with the published layers and rates")
    print(table.to_string(index=False, formatters={"efficiency": "{:.2f}".format, "recomputed": "{:.4f}".format}))
    within = found.difference.max() <= conversion.TOLERANCE and (table.efficiency - table.recomputed).abs().max() < conversion.ROUNDED
    allowed = f"{conversion.TOLERANCE:.0e} relative; efficiencies {conversion.ROUNDED}"
    print(f"{'all' if within else 'not all'} within tolerance: {allowed}")
    return int(not within)
