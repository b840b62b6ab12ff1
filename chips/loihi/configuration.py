"""What is in Loihi before it runs: constants of the compartments, groups of synapses."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.codec import check, code
from brian2chip.chips.field import Field
from brian2chip.chips.loihi.fields import COMPARTMENT, COMPARTMENTS, CORES, MANTISSA, SYNAPSES
from brian2chip.core.checked_arrays import is_whole
from brian2chip.errors import UserError

FIELD = {f.name: f for f in (*COMPARTMENT, *SYNAPSES)}
MOST_INPUTS = 1 << 16


@dataclass(frozen=True)
class SynapseGroup:
    """All synapses from some inputs or compartments to some compartments.

    Attributes
    ----------
    from_inputs : bool
    source, target : (int, int)
        First, and last + 1.
    weight : int array [sources, targets]
        Stored mantissas, -256..255.
    exponent : int
    mixed : bool
        Whether there are both signs, which costs the lowest bit.
    wait : int
        Steps that spikes wait, beyond the one after they were fired.

    Raises
    ------
    UserError
        For a code out of range, another shape, or both signs in a group that is not mixed.
    """

    from_inputs: bool
    source: tuple[int, int]
    target: tuple[int, int]
    weight: np.ndarray
    exponent: int = 0
    mixed: bool = True
    wait: int = 0

    def __post_init__(self):
        for ends in (self.source, self.target):
            if not (isinstance(ends, tuple) and len(ends) == 2 and all(is_whole(a) for a in ends) and 0 <= ends[0] < ends[1]):
                raise UserError(f"a group of Loihi's synapses joins places {ends!r:.60}; give two whole numbers, first and last + 1.")
        weight = check(MANTISSA, self.weight, "Loihi")
        shape = (self.source[1] - self.source[0], self.target[1] - self.target[0])
        if weight.shape != shape:
            raise UserError(f"a group of Loihi's synapses has weights of shape {weight.shape}; give {shape}, sources and targets.")
        if not self.mixed and np.any(weight > 0) and np.any(weight < 0):
            raise UserError("a group of Loihi's synapses that is not mixed holds both signs; set mixed, or divide it.")
        object.__setattr__(self, "weight", weight)
        code(FIELD["weight_exponent"], self.exponent, "Loihi")
        code(FIELD["delay"], self.wait, "Loihi")


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip.

    Attributes
    ----------
    n_inputs : int
    vth, decay_v, decay_u, bias_mantissa, bias_exponent, refractory : int array [compartments]
        See ``fields.COMPARTMENT``.
    synapses : tuple of SynapseGroup

    Raises
    ------
    UserError
        For arrays of different lengths, a code out of range, more compartments than the chip has, synapses of none.
    """

    n_inputs: int
    vth: np.ndarray
    decay_v: np.ndarray
    decay_u: np.ndarray
    bias_mantissa: np.ndarray
    bias_exponent: np.ndarray
    refractory: np.ndarray
    synapses: tuple[SynapseGroup, ...]

    def __post_init__(self):
        if not is_whole(self.n_inputs) or not 1 <= self.n_inputs <= MOST_INPUTS:
            raise UserError(f"Loihi was given {self.n_inputs!r:.40} inputs; give a whole number from 1 to {MOST_INPUTS}.")
        n = len(np.atleast_1d(self.vth))
        if not 1 <= n <= CORES * COMPARTMENTS:
            raise UserError(f"{n} compartments were given; Loihi has {CORES * COMPARTMENTS}, and needs at least one.")
        for f in COMPARTMENT:
            object.__setattr__(self, f.name, _each(f, getattr(self, f.name), n))
        for group in self.synapses:
            last = self.n_inputs if group.from_inputs else n
            if group.source[1] > last or group.target[1] > n:
                raise UserError(
                    f"a group of Loihi's synapses joins {group.source} with {group.target}; there are {self.n_inputs} inputs and "
                    f"{n} compartments."
                )

    @property
    def n_compartments(self) -> int:
        """How many compartments are in use."""
        return len(self.vth)

    def with_codes(self, **codes) -> Configuration:
        """Return the same with other codes of compartments, one number or one each."""
        return replace(self, **{name: np.broadcast_to(values, (self.n_compartments,)).copy() for name, values in codes.items()})


def _each(field: Field, codes, n: int) -> np.ndarray:
    array = check(field, codes, "Loihi")
    if array.shape != (n,):
        raise UserError(f"{field.name} of Loihi has shape {array.shape}; give one code for each of the {n} compartments.")
    return array
