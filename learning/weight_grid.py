"""The values that weights of n bits can take: evenly spaced codes times one step a matrix, the step of least squared error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError


@dataclass(frozen=True)
class Grid:
    """Codes from ``low`` to ``high`` in two's complement, shifted by ``offset``, times ``step``.

    Attributes
    ----------
    step : float
    bits : int
        1 to 24; one bit has no zero: its two values are minus and plus half a step.
    """

    step: float
    bits: int

    def __post_init__(self):
        if not 1 <= self.bits <= 24:
            raise UserError(f"weights of {self.bits} bits were asked for; allowed are 1 to 24.")

    @property
    def low(self) -> int:
        """The smallest code."""
        return -(2 ** (self.bits - 1))

    @property
    def high(self) -> int:
        """The largest code."""
        return 2 ** (self.bits - 1) - 1

    @property
    def offset(self) -> float:
        """What is added to the codes: half a code for one bit."""
        return 0.5 if self.bits == 1 else 0.0

    def codes(self, weights: np.ndarray) -> np.ndarray:
        """Return the shifted codes nearest to weights; halves are rounded up."""
        return np.clip(np.floor(np.asarray(weights) / self.step + 0.5 - self.offset), self.low, self.high) + self.offset

    def nearest(self, weights: np.ndarray) -> np.ndarray:
        """Return the values of the grid nearest to weights."""
        return self.step * self.codes(weights)


def fit(weights: np.ndarray, bits: int) -> Grid:
    """Return the grid with the least squared error on weights that are not 0; a weight of 0 is no synapse.

    From each of a geometric series of steps, codes and step are improved in turn: for given codes c the best step is <w, c>/<c, c>.
    """
    w = np.asarray(weights, float)[np.asarray(weights) != 0]
    best, least = Grid(1.0, bits), np.inf
    if not len(w):
        return best
    for octave in np.arange(-1, 4, 0.25):
        step = np.abs(w).max() / 2.0 ** (bits - 1 + octave)
        for _ in range(4):
            c = Grid(step, bits).codes(w)
            if (power := float(c @ c)) > 0:
                step = float(w @ c) / power
        grid = Grid(step, bits)
        error = float(np.sum((grid.nearest(w) - w) ** 2))
        if error < least * (1 - 1e-9):
            best, least = grid, error
    return best
