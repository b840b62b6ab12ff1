"""How a network is trained in the loop, and how a chip's membranes are read; checked when made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.checked_arrays import is_whole
from brian2chip.errors import UserError


@dataclass(frozen=True)
class Converter:
    """What reads the membranes: steps of ``lsb``, codes from ``low`` to ``high``; beyond them it saturates.

    Attributes
    ----------
    lsb : float
        In the unit of the threshold.
    low, high : int
        Codes relative to that of the resting membrane.
    """

    lsb: float
    low: int
    high: int

    def __post_init__(self):
        if not (np.isfinite(self.lsb) and self.lsb > 0) or not (is_whole(self.low) and is_whole(self.high) and self.low < 0 < self.high):
            raise UserError(
                f"a converter of steps {self.lsb} with codes from {self.low} to {self.high} was given; give a positive step and codes "
                "that begin below 0, the resting membrane, and end above."
            )

    def read(self, v: np.ndarray) -> np.ndarray:
        """Return what is read of membranes."""
        return self.lsb * np.clip(np.floor(np.asarray(v) / self.lsb + 0.5), self.low, self.high)


@dataclass(frozen=True)
class LoopTraining:
    """Settings of a training in the loop; the defaults are those of hxtorch's Yin-Yang demonstration unless said otherwise.

    Attributes
    ----------
    epochs, batch : int
        Passes through the samples (ours), and samples between two updates; what is left of an epoch below a batch is not used in it.
    rate, decay, every : float, float, int
        Learning rate of Adam, and the factor that it takes each so many epochs.
    scale : float
        Of the largest membranes in the softmax.
    penalty : float
        Coefficient of the mean squared score.
    gamma, width : float
        Height and width of the pseudo-derivative, a fast sigmoid: SuperSpike's slope is one over the width.
    showings : int
        How often a sample is shown, 1 or 2 (ours). The error is known at its end: with one showing the eligibility is kept for every
        output until then; with two it meets the error in the second, which takes a fraction of time and memory where synapses times
        outputs are many. The gradient is the same.
    """

    epochs: int = 60
    batch: int = 75
    rate: float = 2e-3
    decay: float = 0.9
    every: int = 5
    scale: float = 10.0
    penalty: float = 4e-4
    gamma: float = 1.0
    width: float = 0.02
    showings: int = 1

    def __post_init__(self):
        for name in ("epochs", "batch", "every"):
            if not is_whole(value := getattr(self, name)) or value < 1:
                raise UserError(f"{name} of a training in the loop was given as {value!r}; give a whole number of at least 1.")
        if not is_whole(self.showings) or self.showings not in (1, 2):
            raise UserError(f"showings of a training in the loop was given as {self.showings!r}; give 1 or 2.")
        for name, least in (("rate", 0), ("penalty", 0), ("decay", 0), ("scale", None), ("gamma", None), ("width", None)):
            value = getattr(self, name)
            if not np.isfinite(value) or value < 0 or (least is None and value == 0):
                allowed = "positive" if least is None else "0 or above"
                raise UserError(f"{name} of a training in the loop was given as {value}; it must be {allowed} and finite.")

    def rate_at(self, epoch: int) -> float:
        """Return the learning rate of an epoch, counted from 0."""
        return self.rate * self.decay ** (epoch // self.every)
