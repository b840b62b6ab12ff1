"""What instructions play to ReckOn, sample by sample, as a chip sees it that is fed over its pins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from brian2chip.bench.transport import Instruction, Level, Op
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.errors import UserError


@dataclass
class Played:
    """One sample.

    Attributes
    ----------
    ticks : list of int
        The instruction that waited for the chip in each tick.
    events : list of (tick, input)
    target_valid, infer_acc : list of int
        Levels in each tick.
    label : int
        Class that was sent, 0 when none was.
    target : int array [ticks, outputs or 1] or None
        Targets that were sent in each tick; None when there were none but the label.
    """

    ticks: list[int] = field(default_factory=list)
    events: list[tuple[int, int]] = field(default_factory=list)
    target_valid: list[int] = field(default_factory=list)
    infer_acc: list[int] = field(default_factory=list)
    label: int = 0
    target: np.ndarray | None = None


def played(instructions: Sequence[Instruction], configuration: Configuration) -> Iterator[Played]:
    """Yield the samples that instructions play."""
    now, level, ticking, bytes_of = Played(), 0, False, {}
    for k, (op, value) in enumerate(instructions):
        if op is Op.LEVELS:
            level = value
        elif op is Op.EVENT:
            now.events.append((len(now.ticks), value))
        elif op is Op.TARGET:
            bytes_of.setdefault(len(now.ticks) if ticking else -1, []).append(value)
        elif op is Op.TICK:
            ticking = True
            now.target_valid.append(int(level & Level.TARGET_VALID > 0))
            now.infer_acc.append(int(level & Level.INFER_ACC > 0))
        elif op is Op.READY:
            if not ticking:
                raise UserError(f"instruction {k} waits for a tick that was not sent.")
            now.ticks.append(k)
            ticking = False
            if not level & Level.SAMPLE:
                yield _with_targets(now, bytes_of, configuration)
                now, bytes_of = Played(), {}
    if now.ticks:
        raise UserError(f"the last sample has no end: SAMPLE was still high after {len(now.ticks)} ticks; lower it before the last tick.")


def _with_targets(one: Played, bytes_of: dict[int, list[int]], configuration: Configuration) -> Played:
    """Return a sample with its label and targets from the bytes that were sent."""
    if not bytes_of:
        return one
    if configuration["SINGLE_LABEL"] and not configuration["REGRESSION"]:
        one.label = next(iter(bytes_of.values()))[0]
        return one
    outputs = configuration.n_outputs if configuration["REGRESSION"] else 1
    target = np.zeros((len(one.ticks), outputs), np.int64)
    for tick, values in bytes_of.items():
        data = np.array(values, np.uint8)
        target[tick] = data.view("<i2") if configuration["REGRESSION"] else data
    one.target = target
    return one
