"""A network in the memories of ODIN or tinyODIN: what the chip holds, and where the populations sit in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from brian2chip.chips.codec import is_positive
from brian2chip.core.checked_arrays import is_whole
from brian2chip.errors import UserError

#: Inputs and neurons share one space of addresses.
ADDRESSES = 256
#: Steps between time references, and references after a sample: as many as take the deepest membrane to 0 one code at a time.
MOST_STEPS, MOST_REFERENCES = 1 << 30, 1 << 12
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
        for name, place in self.neurons.items():
            if not (isinstance(place, tuple) and len(place) == 2 and all(is_whole(a) for a in place)):
                raise UserError(f"the addresses of population {name!r} are {place!r:.60}; give two whole numbers, first and last + 1.")
            first, end = place
            if not 0 <= first < end <= ADDRESSES:
                raise UserError(f"population {name!r} sits at the addresses {first} to {end - 1}; the chip has 0 to {ADDRESSES - 1}.")
            if taken[first:end].any():
                raise UserError(
                    f"population {name!r} sits at the addresses {first} to {end - 1}, which another one has; give each its own."
                )
            taken[first:end] = True
        for what, count, most in (("period", self.period, MOST_STEPS), ("number after a sample", self.reset_references, MOST_REFERENCES)):
            if not is_whole(count) or not 0 <= count <= most:
                raise UserError(f"the {what} of time references is {count!r:.40}; give a whole number from 0 to {most}.")
        if set(self.scale) != set(self.neurons) or not all(is_positive(s) for s in self.scale.values()):
            raise UserError(f"the scales {dict(self.scale)} must be one positive number for each of {', '.join(self.neurons)}.")
