"""What a network of equilibrium propagation does at each step: a table that the compiled program reads."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from brian2chip.core.equilibrium_config import EquilibriumConfig


class Step(NamedTuple):
    """One step of relaxation; the fields are the columns of the table.

    Attributes
    ----------
    batch : int
        Which batch of samples is shown.
    direction : int
        Of the nudge: 0 in the free phase.
    begins : int
        1 where the states are set to zero before the step.
    stores, restores : int
        1 where the states are stored, and where the stored ones come back, before the step.
    keeps : int
        1 where the rates before the step are kept for the update.
    learns : int
        1 where the weights change after the step.
    """

    batch: int
    direction: int = 0
    begins: int = 0
    stores: int = 0
    restores: int = 0
    keeps: int = 0
    learns: int = 0


def presentation(config: EquilibriumConfig, batch: int, learns: bool = True) -> list[Step]:
    """Return the steps of one batch: free, then nudged; nudged the other way between the two where nudging is symmetric."""
    steps = [Step(batch, begins=int(k == 0)) for k in range(config.free)]
    if not learns:
        return steps
    n = config.nudged
    if config.symmetric:
        steps += [Step(batch, -1, stores=int(k == 0)) for k in range(n)]
        return steps + [Step(batch, 1, restores=int(k == 0), keeps=int(k == 0), learns=int(k == n - 1)) for k in range(n)]
    each = config.continual
    return steps + [Step(batch, 1, keeps=int(each or k == 0), learns=int(each or k == n - 1)) for k in range(n)]


def table(steps: list[Step]) -> np.ndarray:
    """Return the steps as int32 [steps, columns]."""
    return np.array(steps, np.int32).reshape(-1, len(Step._fields))
