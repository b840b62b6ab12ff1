"""Least squares of a few gains for each of many chips, all chips evaluated at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

#: Relative step of the derivatives, the most rounds, and the relative gain below which a chip is done.
STEP, ROUNDS, GAIN = 1e-4, 50, 1e-10
#: Damping of Levenberg and Marquardt: at the start, its change from round to round, and where a chip is given up.
FIRST, CHANGE, LAST = 1e-3, 10.0, 1e10

Residuals = Callable[[np.ndarray, np.ndarray], np.ndarray]


def fitted_gains(residuals: Residuals, n_chips: int, n_gains: int) -> np.ndarray:
    """Return the gains [chips, gains], none below 0, that minimise each chip's sum of squared residuals, from 1 on.

    Levenberg and Marquardt's method with forward differences, in step for all chips: each round is one call.

    Parameters
    ----------
    residuals : callable
        ``residuals(chips, gains) -> array [rows, points]`` for chip numbers [rows] and gains [rows, gains].
    n_chips, n_gains : int
    """
    gains, damping, going = np.ones((n_chips, n_gains)), np.full(n_chips, FIRST), np.arange(n_chips)
    here, slope = _with_derivatives(residuals, going, gains)
    cost = np.sum(here**2, axis=1)
    for _ in range(ROUNDS):
        trial = np.maximum(gains[going] + _step(here[going], slope[going], damping[going], gains[going]), 0.0)
        found, slopes = _with_derivatives(residuals, going, trial)
        new, old = np.sum(found**2, axis=1), cost[going]
        better = new < old
        moved = going[better]
        gains[moved], here[moved], slope[moved], cost[moved] = trial[better], found[better], slopes[better], new[better]
        damping[going] *= np.where(better, 1 / CHANGE, CHANGE)
        going = going[np.where(better, old - new > GAIN * old, damping[going] < LAST)]
        if not going.size:
            break
    return gains


def _step(here: np.ndarray, slope: np.ndarray, damping: np.ndarray, gains: np.ndarray) -> np.ndarray:
    """Return the step of every chip; a gain at 0 that would fall further stays, and the others move without it."""
    pull = -np.einsum("cpg,cp->cg", slope, here)
    free = (gains > 0) | (pull > 0)
    slope = slope * free[:, None, :]
    square = np.einsum("cpg,cph->cgh", slope, slope)
    diagonal = np.einsum("cgg->cg", square)
    size = np.where(diagonal > 0, diagonal, 1.0)  # a gain that changes nothing stays
    eye = np.eye(gains.shape[1])
    return np.linalg.solve(
        square + eye * (damping[:, None] * size)[:, None, :] + eye * (diagonal == 0)[:, None, :], (pull * free)[..., None]
    )[..., 0]


def _with_derivatives(residuals: Residuals, chips: np.ndarray, gains: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return residuals [chips, points] and their derivatives [chips, points, gains]."""
    n, k = gains.shape
    points = np.repeat(gains[None], k + 1, axis=0)
    steps = STEP * np.maximum(gains, STEP)
    for each in range(k):
        points[each + 1, :, each] += steps[:, each]
    found = residuals(np.tile(chips, k + 1), points.reshape(-1, k)).reshape(k + 1, n, -1)
    return found[0], np.moveaxis((found[1:] - found[0]) / steps.T[:, :, None], 0, 2)
