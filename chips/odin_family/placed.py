"""A network in the memories of ODIN or tinyODIN: what the chip holds, and where the populations sit in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from brian2chip.errors import UserError

#: Inputs and neurons share one space of addresses.
ADDRESSES = 256
#: The chip's own configuration.
C = TypeVar("C")


@dataclass(frozen=True)
class PlacedNetwork(Generic[C]):
    """What programs the chip, and what the emulation of samples needs beside it.

    Attributes
    ----------
    chip : Configuration
        Registers and memories, of the chip's own type.
    neurons : dict of population to (first, last + 1)
        Addresses of its neurons.
    period : int
        Steps between time references, 0 for none.
    reset_references : int
        Time references after each sample, which bring every membrane to 0.
    scale : dict of population to float
        Network units of one membrane unit.

    Raises
    ------
    UserError
        For addresses that the chip does not have or two populations share, a negative number of references, or scales of other
        populations.
    """

    chip: C
    neurons: Mapping[str, tuple[int, int]]
    period: int
    reset_references: int
    scale: Mapping[str, float]

    def __post_init__(self):
        taken = np.zeros(ADDRESSES, bool)
        for name, (first, end) in self.neurons.items():
            if not 0 <= first < end <= ADDRESSES:
                raise UserError(f"population {name!r} sits at the addresses {first} to {end - 1}; the chip has 0 to {ADDRESSES - 1}.")
            if taken[first:end].any():
                raise UserError(
                    f"population {name!r} sits at the addresses {first} to {end - 1}, which another one has; give each its own."
                )
            taken[first:end] = True
        for what, count in (("period", self.period), ("number after a sample", self.reset_references)):
            if count < 0:
                raise UserError(f"the {what} of time references is {count}; give a whole number of at least 0.")
        if set(self.scale) != set(self.neurons) or not all(np.isfinite(s) and s > 0 for s in self.scale.values()):
            raise UserError(f"the scales {dict(self.scale)} must be one positive number for each of {', '.join(self.neurons)}.")
