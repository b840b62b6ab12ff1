"""A network that learns by equilibrium propagation, as data, checked when made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError, unknown

ACTIVATIONS = ("sigmoid", "hard_sigmoid", "tanh")
DYNAMICS = ("prototypical", "inside", "energy")


@dataclass(frozen=True)
class EquilibriumConfig:
    """How a network relaxes, and when its weights change.

    Attributes
    ----------
    dynamics : {"prototypical", "inside", "energy"}
        Discrete steps with the nudge outside or inside the activation, or the gradient of an energy.
    activation : {"sigmoid", "hard_sigmoid", "tanh"}
        ``sigmoid`` is 1/(1 + exp(-4(x - 0.5))).
    free, nudged : int
        Steps of the two phases.
    beta : float
        Strength of the nudge.
    step : float
        Of the energy's dynamics.
    symmetric : bool
        Whether a phase nudged by -beta takes the place of the free one in the update.
    continual : bool
        Whether the weights change at every nudged step, and are used at once (C-EP).
    """

    dynamics: str = "prototypical"
    activation: str = "sigmoid"
    free: int = 30
    nudged: int = 10
    beta: float = 0.1
    step: float = 0.2
    symmetric: bool = False
    continual: bool = False

    def __post_init__(self):
        check_fields(self, "equilibrium propagation")
        for kind, value, allowed in (("dynamics", self.dynamics, DYNAMICS), ("activation", self.activation, ACTIVATIONS)):
            if value not in allowed:
                raise unknown(kind, value, allowed)
        for name in ("free", "nudged"):
            if getattr(self, name) < 1:
                raise UserError(f"the {name} phase was given as {getattr(self, name)} steps; it needs at least one.")
        if not (np.isfinite(self.beta) and self.beta != 0):
            raise UserError(f"the nudge beta was given as {self.beta}; it must be finite and not zero.")
        if not 0 < self.step <= 1:
            raise UserError(f"the step of the dynamics was given as {self.step}; it must be above 0 and at most 1.")
        if self.symmetric and self.continual:
            raise UserError("symmetric nudging compares two equilibria, and continual updates follow every step; choose one of them.")

    @property
    def scale(self) -> float:
        """One over the difference of the nudges that an update compares."""
        return 1 / (2 * self.beta if self.symmetric else self.beta)
