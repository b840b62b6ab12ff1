"""Least squares whose derivatives are evaluated together with the residuals, and the searches that are made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy import optimize
from scipy.stats import qmc

from brian2chip.analysis.lockstep import Evaluate, side_by_side

#: Relative step of the numerical derivatives: far above the rounding of a simulation, and the derivatives' relative error.
STEP = 1e-5
#: How often a search begins again where it ended, and the relative gain that makes it worth while.
RESTARTS, GAIN = 10, 1e-6
#: Bounds with a larger ratio are searched on a logarithmic scale.
WIDE = 100.0
#: Scales that are tried for the parameters of a random point that have no two bounds.
SCALES = 10.0 ** np.arange(-4, 2)
#: Of several searches, the relative change of the cost at which each stops at first, and how many go on.
ROUGH, FEW = 1e-4, 3


@dataclass(frozen=True)
class Space:
    """What is searched: names and bounds of the parameters, and whether several points cost little more than one."""

    names: tuple[str, ...]
    low: np.ndarray
    high: np.ndarray
    at_once: bool = False

    def without(self, k: int) -> Space:
        """Return the space of the other parameters."""
        kept = np.arange(len(self.names)) != k
        return Space(tuple(np.array(self.names)[kept]), self.low[kept], self.high[kept], self.at_once)


def minimise(ask: Evaluate, space: Space, start: np.ndarray, tolerance: float = 1e-8) -> Any:
    """Return scipy's result; the parameters are scaled by the Jacobian, so that their units do not matter."""
    low, high = space.low, space.high
    latest: dict[str, np.ndarray] = {}

    def residuals(x: np.ndarray) -> np.ndarray:
        found = ask(np.vstack([x, _neighbours(x, low, high)]) if space.at_once else x[None])
        latest.update(x=x.copy(), here=found[0], beside=found[1:])
        return found[0]

    def jacobian(x: np.ndarray) -> np.ndarray:
        if not np.array_equal(x, latest["x"]):
            residuals(x)
        points = _neighbours(x, low, high)
        beside = latest["beside"] if space.at_once else ask(points)
        return ((beside - latest["here"]) / np.diag(points - x)[:, None]).T

    margin = np.where(np.isfinite(high - low), high - low, np.maximum(np.abs(start), 1.0))
    inside = np.clip(start, low + 1e-6 * margin, high - 1e-6 * margin)  # derivatives need room on both sides
    return optimize.least_squares(residuals, inside, jacobian, bounds=(low, high), x_scale="jac", ftol=tolerance)


def settled(ask: Evaluate, space: Space, start: np.ndarray, tolerance: float = 1e-8) -> Any:
    """Return what :func:`minimise` finds when it begins again where it ended, until that gains nothing.

    Steps along a bound become so short that a search ends in a flat valley; a new one begins with long steps.
    """
    best = minimise(ask, space, start, tolerance)
    for _ in range(RESTARTS):
        again = minimise(ask, space, best.x, tolerance)
        if not again.cost < best.cost * (1 - max(GAIN, tolerance)):
            break
        best = again
    return best


def _neighbours(x: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Return the points, one a row, each with one parameter moved by a step, on the other side where a bound is in the way."""
    step = STEP * np.where(x >= 0, 1.0, -1.0) * np.abs(x)
    step = np.where(x + step == x, np.sqrt(np.finfo(float).eps) * np.maximum(1.0, np.abs(x)), step)
    outside = (x + step < low) | (x + step > high)
    other = np.where(np.abs(step) <= np.maximum(x - low, high - x), -step, np.where(high - x >= x - low, high - x, low - x))
    return x + np.diag(np.where(outside, other, step))


def starting_points(start: np.ndarray, space: Space, n: int, seed: int) -> np.ndarray:
    """Return the given start and ``n - 1`` points of a Latin hypercube.

    Between two bounds, on a logarithmic scale where they lie far apart, else within a factor of ten of the start.
    """
    if n == 1:
        return start[None]
    low, high = space.low, space.high
    sample = qmc.LatinHypercube(start.size, seed=np.random.default_rng(seed)).random(n - 1)
    bounded = np.isfinite(low) & np.isfinite(high)
    wide = bounded & (low > 0) & (high > WIDE * np.where(low > 0, low, 1.0))
    a, b = np.where(wide, low, 1.0), np.where(wide, high, 1.0)
    inside = np.where(bounded, low, 0) + np.where(bounded, high - low, 0) * sample
    points = np.where(wide, a * (b / a) ** sample, np.where(bounded, inside, start * 10 ** (2 * sample - 1)))
    return np.vstack([start, np.clip(points, low, high)])


def scaled_starts(ask: Evaluate, start: np.ndarray, space: Space, n: int, seed: int) -> np.ndarray:
    """Return :func:`starting_points`; but for the first, their parameters without two bounds are scaled by what lowers the residuals most.

    Far too large amplitudes drive a model where it answers to nothing any more.
    """
    if n == 1:
        return start[None]
    points = starting_points(start, space, n, seed)[1:, None]
    bounded = np.isfinite(space.low) & np.isfinite(space.high)
    trials = np.clip(np.where(bounded, points, points * SCALES[:, None]), space.low, space.high)
    with np.errstate(all="ignore"):
        cost = np.sum(ask(trials.reshape(-1, start.size)) ** 2, axis=1).reshape(len(points), -1)
    cost = np.where(np.isfinite(cost), cost, np.inf)
    best = trials[np.arange(len(points)), cost.argmin(axis=1)]
    return np.vstack([start, best[np.isfinite(cost.min(axis=1))]])


def roughly(ask: Evaluate, space: Space, start: np.ndarray) -> Any:
    """Return what :func:`minimise` finds in the first, long steps."""
    return minimise(ask, space, start, ROUGH)


def searched(
    evaluate: Evaluate, space: Space, points: np.ndarray, advance: Callable[[], None], rough: Callable[[np.ndarray], Sequence[Any]] | None
) -> Any:
    """Return the best of what is found from several points: from all of them roughly, then from where the best few ended.

    ``rough`` returns what :func:`roughly` finds from each point, where that is computed elsewhere.
    """
    if len(points) > 1:
        if rough is None:
            found = side_by_side([partial(roughly, space=space, start=point) for point in points], evaluate, advance)
        else:
            found = rough(points)
            for _ in found:
                advance()
        points, advance = np.array([one.x for one in sorted(found, key=lambda one: one.cost)[:FEW]]), lambda: None
    found = side_by_side([partial(settled, space=space, start=point) for point in points], evaluate, advance)
    return min(found, key=lambda one: one.cost)


def evolved_start(ask: Evaluate, start: np.ndarray, space: Space, seed: int) -> np.ndarray:
    """Return the given start and where scipy's differential evolution ended, a generation evaluated at once.

    Bounds that are open, or zero, are replaced by a thousandth and a thousand times the start.
    """
    size = np.where(start != 0, np.abs(start), 1.0)
    low = np.where(np.isfinite(space.low), space.low, np.where(start < 0, -1e3 * size, np.minimum(start, 1e-3 * size)))
    high = np.where(np.isfinite(space.high), space.high, np.where(start < 0, np.maximum(start, -1e-3 * size), 1e3 * size))
    wide = (high > 0) & (low >= 0) & (high > WIDE * np.where(low > 0, low, 0.0))
    floor = np.where(wide, np.maximum(low, 1e-6 * high), 1.0)
    back = lambda u: np.where(wide, floor * (np.where(wide, high, 1.0) / floor) ** u, low + (high - low) * u)  # noqa: E731

    def cost(columns: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):
            found = np.sum(ask(back(columns.T)) ** 2, axis=1)
        return np.where(np.isfinite(found), found, np.inf)

    rows = [(0.0, 1.0)] * start.size
    with np.errstate(all="ignore"):
        found = optimize.differential_evolution(
            cost, rows, seed=np.random.default_rng(seed), vectorized=True, updating="deferred", polish=False, init="latinhypercube"
        )
    return np.vstack([start, np.clip(back(found.x), space.low, space.high)])
