"""A spiking network that learns by equilibrium propagation, as data, checked when made."""

from __future__ import annotations

import logging
from dataclasses import dataclass

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: The free phase must last this many times the sum of the filters' time constants, or its unfinished rise is learned.
SETTLES = 5


@dataclass(frozen=True)
class EqSpikeConfig:
    """Integrate-and-fire neurons, their filters and the two phases; times are in steps.

    Attributes
    ----------
    rate : float
        Spikes a step at a drive of 1 or more.
    tau_s, tau_1, tau_2 : float
        Time constants of the synaptic current, and of the fast and the slow filter of a neuron's spikes.
    free, nudged : int
        Steps of the two phases.
    beta : float
        Strength of the nudge.
    low, high : float
        Bounds of the membrane; a spike is at 1 and takes 1 away.
    """

    rate: float = 0.5
    tau_s: float = 10.0
    tau_1: float = 10.0
    tau_2: float = 20.0
    free: int = 260
    nudged: int = 100
    beta: float = 1.0
    low: float = -0.5
    high: float = 1.5

    def __post_init__(self):
        check_fields(self, "EqSpike")
        for name in ("free", "nudged"):
            if getattr(self, name) < 1:
                raise UserError(f"the {name} phase was given as {getattr(self, name)} steps; it needs at least one.")
        for name in ("tau_s", "tau_1", "tau_2"):
            if not 1 <= getattr(self, name) < np.inf:
                raise UserError(f"{name} was given as {getattr(self, name)} steps; it must be at least 1.")
        if not 0 < self.rate <= 1:
            raise UserError(f"the rate was given as {self.rate} spikes a step; it must be above 0 and at most 1.")
        if not (np.isfinite(self.beta) and self.beta != 0):
            raise UserError(f"the nudge beta was given as {self.beta}; it must be finite and not zero.")
        if not (self.low <= 0 and self.high >= 1):
            raise UserError(
                f"the bounds of the membrane were given as {self.low} and {self.high}; they must enclose 0 and the threshold 1."
            )
        if self.free < (needed := SETTLES * (self.tau_s + self.tau_1 + self.tau_2)):
            logger.warning("the free phase of %d steps is too short for the filters (at least %g): the rise of the rates that is "
                           "not finished will be learned, and rates will climb.", self.free, needed)  # fmt: skip
