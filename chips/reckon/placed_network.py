"""A network on ReckOn: what programs the chip, and which neuron of the network is which unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.codec import check, is_positive
from brian2chip.chips.reckon.configuration import CHIP, Configuration
from brian2chip.chips.reckon.fields import HIDDEN_UNIT, WEIGHT
from brian2chip.chips.reckon.memory import Memory
from brian2chip.core.checked_arrays import is_whole
from brian2chip.errors import UserError


@dataclass(frozen=True)
class PlacedNetwork:
    """A network on the chip, checked when made.

    Attributes
    ----------
    configuration : Configuration
        Registers, thresholds and leaks.
    winp, wrec, wout : int array [pre, post]
        Weights between the units in use.
    order : int array [neurons]
        Hidden unit k is neuron ``order[k]`` of the network, its hidden populations one after the other. There may be one unit more
        than neurons: the chip takes an even number.
    hidden : mapping of population to (first, last + 1)
        Where the hidden populations lie among the neurons.
    readout : str
        Population of the outputs.
    scale, readout_scale : float
        What a code of a hidden membrane, and of an output's, is in the network's units.
    """

    configuration: Configuration
    winp: np.ndarray
    wrec: np.ndarray
    wout: np.ndarray
    order: np.ndarray
    hidden: Mapping[str, tuple[int, int]]
    readout: str
    scale: float
    readout_scale: float

    def __post_init__(self):
        for name, shape in self.configuration.weight_shapes.items():
            codes = check(WEIGHT, getattr(self, name), CHIP)
            if codes.shape != shape:
                sizes = f"{shape[0]} by {shape[1]} units in use"
                raise UserError(
                    f"{name} of ReckOn has shape {codes.shape}; the registers give {sizes}, so give as many weights [pre, post]."
                )
        check(replace(HIDDEN_UNIT, name="order"), self.order, CHIP)
        n, units = len(self.order), self.configuration.n_hidden
        if n not in (units, units - 1) or not np.array_equal(np.sort(self.order), np.arange(n)):
            raise UserError(f"order must name each of the neurons on ReckOn's {units} hidden units once, from 0 on; it has {n} entries.")
        if not all(isinstance(e, tuple) and len(e) == 2 and all(is_whole(k) for k in e) for e in self.hidden.values()):
            raise UserError(f"the hidden populations must be pairs of whole numbers, first and last + 1, not {dict(self.hidden)!s:.100}.")
        ends = sorted(self.hidden.values())
        if [a for a, _ in ends] + [n] != [0] + [b for _, b in ends]:
            raise UserError(f"the hidden populations must fill the {n} neurons from 0 on without gap, not {dict(self.hidden)}.")
        for name in ("scale", "readout_scale"):
            if not is_positive(getattr(self, name)):
                raise UserError(f"{name} of a network on ReckOn is {getattr(self, name)}; it must be a positive number.")

    @property
    def memory(self) -> Memory:
        """The memories after configuration: these weights, shift registers from the seeds, membranes and traces at 0."""
        return Memory.of(self.configuration, self.winp, self.wrec, self.wout)
