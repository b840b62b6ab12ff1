"""How a network is trained: rule, optimiser, rates and when to stop, checked when made."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.substrate import Substrate
from brian2chip.errors import UserError, unknown

OPTIMISERS = ("adam", "gradient_descent")
BROADCASTS = ("random", "symmetric", "adaptive")
ROUNDINGS = ("nearest", "stochastic")
#: Steps in which learning rates are annealed: within one they stay, so that many updates share a start of the program.
ANNEALING_STEPS = 100


@dataclass(frozen=True)
class TrainingConfig:
    """How a network is trained.

    Attributes
    ----------
    rule : str or LearningRule
        A learning rule, its name, or the path of a file that defines one.
    broadcast, optimiser : str
    rate, rate_out : float
        Learning rate of the network's and of the readout's weights.
    halve_after : int or None
        Updates after which both rates are halved, again and again; None keeps them.
    anneal_over : int or None
        Updates over which both rates fall to zero along half a cosine, in :data:`ANNEALING_STEPS` steps; None keeps them.
    batch : int
        Samples between two updates.
    c_reg : float
        Coefficient of the firing-rate regularisation.
    f_target : float
        Its target, Hz.
    decay : float
        Relative decay of readout and broadcast weights at each update (adaptive broadcast only).
    average_steps : bool
        Whether loss and gradient are means over the valid steps rather than sums.
    bits : int or None
        Width of the weights that the network uses; None keeps them real. Each matrix has the grid of least squared error.
    rounding : {"nearest", "stochastic"}
        ``nearest`` keeps real weights beside those of n bits, for training off the chip; with ``stochastic`` the n bits are all the
        memory there is, and every update is rounded up or down at random, as it must be on a chip.
    substrate : str, Substrate or None
        Hardware that holds the weights, e.g. ``"pcm"``; None keeps them real, or of ``bits``.
    limit : float
        Largest magnitude of a weight of n bits where the rule itself rounds at every step.
    iterations : int
        Updates at most.
    stop_error : float
        Stop when the error over the last ``stop_batches`` batches is below (classification).
    stop_batches : int
    """

    rule: str | LearningRule = "eprop"
    broadcast: str = "random"
    optimiser: str = "adam"
    rate: float = 5e-3
    rate_out: float | None = None
    halve_after: int | None = None
    anneal_over: int | None = None
    batch: int = 32
    c_reg: float = 0.0
    f_target: float = 10.0
    decay: float = 0.0
    average_steps: bool = True
    bits: int | None = None
    rounding: str = "nearest"
    substrate: str | Substrate | None = None
    limit: float = 1.0
    iterations: int = 1000
    stop_error: float = 0.0
    stop_batches: int = 8

    def __post_init__(self):
        check_fields(self, "a training")
        for kind, allowed in (("broadcast", BROADCASTS), ("optimiser", OPTIMISERS), ("rounding", ROUNDINGS)):
            if getattr(self, kind) not in allowed:
                raise unknown(kind, getattr(self, kind), allowed)
        for name in ("batch", "iterations", "stop_batches", "halve_after", "anneal_over"):
            value = getattr(self, name)
            if value is not None and (int(value) != value or value < 1):
                raise UserError(f"{name} of a training was given as {value}; it must be a whole number of at least 1.")
        if not (np.isfinite(self.rate) and self.rate >= 0):
            raise UserError(f"the learning rate was given as {self.rate}; it must be finite and not negative.")
        for name in ("rate_out", "c_reg", "f_target", "decay", "limit", "stop_error"):
            value = getattr(self, name)
            if value is not None and not (np.isfinite(value) and value >= 0):
                raise UserError(f"{name} of a training was given as {value}; it must be finite and not negative.")
        if self.anneal_over is not None and self.iterations > self.anneal_over:
            raise UserError(
                f"{self.iterations} iterations were asked for, and the learning rates are annealed to zero over {self.anneal_over}; "
                "give anneal_over at least as many updates as iterations."
            )
        if self.bits is not None and not 1 <= self.bits <= 24:
            raise UserError(f"weights of {self.bits} bits were asked for; allowed are 1 to 24.")
        if self.bits is not None and self.substrate is not None:
            raise UserError("bits and a substrate were given, and both say how weights are held; give one of them.")

    def at(self, update: int) -> TrainingConfig:
        """Return the settings with the learning rates that hold at an update, counted from 0."""
        left = 0.5 ** (0 if self.halve_after is None else update // self.halve_after)
        if self.anneal_over is not None:
            begun = update - update % self._annealing_step
            left *= 0.5 * (1 + np.cos(np.pi * begun / self.anneal_over))
        return replace(self, rate=self.rate * left, rate_out=None if self.rate_out is None else self.rate_out * left)

    def same_rates(self, update: int) -> int:
        """Return how many updates from this one on, counted from 0, have the same learning rates, as far as the settings tell."""
        periods = (self.halve_after, None if self.anneal_over is None else self._annealing_step)
        return min((period - update % period for period in periods if period is not None), default=self.iterations)

    @property
    def _annealing_step(self) -> int:
        return -(-self.anneal_over // ANNEALING_STEPS)
