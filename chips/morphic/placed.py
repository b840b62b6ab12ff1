"""A network in the memories of MorphIC: what the chip holds, and where the populations sit in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.codec import is_positive
from brian2chip.chips.morphic.configuration import Configuration, N
from brian2chip.chips.morphic.fields import CORES, ROWS
from brian2chip.core.checked_arrays import is_whole, whole_numbers
from brian2chip.errors import UserError

MOST_STEPS, MOST_REFERENCES = 1 << 30, 1 << 12


@dataclass(frozen=True)
class PlacedNetwork:
    """What programs the chip, and what the emulation of samples needs beside it.

    Attributes
    ----------
    chip : Configuration
    neurons : dict of population to (first, last + 1)
        Places of its neurons, 512 a core.
    input_cores, input_rows : int array [inputs]
        Mask of the cores that each input reaches, 0 for none, and the row there.
    period : int
        Steps between time references, 0 for none.
    reset_references : int
        Time references after each sample, which bring every membrane to 0.
    scale : dict of population to float
        Network units of one membrane unit.

    Raises
    ------
    UserError
        For places that the chip does not have or two populations share, rows or cores that it does not have, a negative number of
        references, or scales of other populations.
    """

    chip: Configuration
    neurons: Mapping[str, tuple[int, int]]
    input_cores: np.ndarray
    input_rows: np.ndarray
    period: int
    reset_references: int
    scale: Mapping[str, float]

    def __post_init__(self):
        taken = np.zeros(N, bool)
        for name, place in self.neurons.items():
            if not (isinstance(place, tuple) and len(place) == 2 and all(is_whole(a) for a in place)):
                raise UserError(f"the places of population {name!r} are {place!r:.60}; give two whole numbers, first and last + 1.")
            first, end = place
            if not 0 <= first < end <= N or taken[first:end].any():
                raise UserError(f"population {name!r} sits at {first} to {end - 1}; give it places of its own from 0 to {N - 1}.")
            taken[first:end] = True
        where = "the inputs of MorphIC"
        cores = whole_numbers(self.input_cores, "input_cores", where, low=0, high=(1 << CORES) - 1, shape=(None,))
        rows = whole_numbers(self.input_rows, "input_rows", where, low=0, high=ROWS - 1, shape=cores.shape)
        object.__setattr__(self, "input_cores", cores)
        object.__setattr__(self, "input_rows", rows)
        for what, count, most in (("period", self.period, MOST_STEPS), ("number after a sample", self.reset_references, MOST_REFERENCES)):
            if not is_whole(count) or not 0 <= count <= most:
                raise UserError(f"the {what} of time references is {count!r:.40}; give a whole number from 0 to {most}.")
        if set(self.scale) != set(self.neurons) or not all(is_positive(s) for s in self.scale.values()):
            raise UserError(f"the scales {dict(self.scale)} must be one positive number for each of {', '.join(self.neurons)}.")
