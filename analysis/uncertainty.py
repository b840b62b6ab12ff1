"""How well data determine parameters: what a bound, a profile of the likelihood and resampled data say."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from scipy import optimize, stats

from brian2chip.analysis.least_squares import Space, minimise, settled
from brian2chip.analysis.lockstep import Evaluate, side_by_side

#: Relative change of the cost at which a refit, of which only the size of the cost matters, may stop.
ROUGH = 1e-3
#: The same for the refits of a profile.
FINE = 1e-5
#: How often the first step of a profile is doubled before the data are said to allow anything.
DOUBLINGS = 12


def allowed_cost(best: Any, confidence: float) -> float:
    """Return the largest cost that the data allow with one parameter moved (F test, Bates & Watts 1988, section 6.1)."""
    freedom = best.fun.size - best.x.size
    return best.cost * (1 + stats.f.ppf(confidence, 1, freedom) / freedom)


class _Allowed(Exception):
    """Raised when a refit has reached a cost that the data allow."""


def allows(best: np.ndarray, k: int, value: float, space: Space, allowed: float) -> Callable[[Evaluate], bool]:
    """Return a search for whether the data allow parameter ``k`` at a value, with the others refitted."""

    def search(ask: Evaluate) -> bool:
        try:
            return refitted(ask, best, k, value, space, ROUGH, allowed)[0] <= allowed
        except _Allowed:
            return True

    return search


def refitted(
    ask: Evaluate, point: np.ndarray, k: int, value: float, space: Space, tolerance: float, enough: float = -np.inf
) -> tuple[float, np.ndarray]:
    """Return cost and point with parameter ``k`` held at a value and the others refitted; ``enough`` ends the search."""
    others = np.arange(point.size) != k

    def reduced(rows: np.ndarray) -> np.ndarray:
        whole = np.full((len(rows), point.size), value)
        whole[:, others] = rows
        found = ask(whole)
        if 0.5 * np.sum(found[0] ** 2) <= enough:
            raise _Allowed
        return found

    if not others.any():
        return 0.5 * float(np.sum(reduced(np.zeros((1, 0))) ** 2)), np.array([value])
    search = settled if tolerance < ROUGH else minimise
    found = search(reduced, space.without(k), point[others], tolerance)
    whole = np.full(point.size, value)
    whole[others] = found.x
    return float(found.cost), whole


def profile_limit(best: Any, k: int, side: int, space: Space, allowed: float, step: float) -> Callable[[Evaluate], tuple[float, float]]:
    """Return a search for the value at which the data no longer allow parameter ``k``, and for the lowest cost that it met.

    The value is the bound, or infinite, where the data allow all on this side (-1 or 1).
    """
    bound = space.low[k] if side < 0 else space.high[k]

    def search(ask: Evaluate) -> tuple[float, float]:
        point, lowest = best.x, best.cost

        def excess(value: float) -> float:
            """Return how far the cost lies above what is allowed, on a scale on which it is straight for linear models."""
            nonlocal point, lowest
            cost, point = refitted(ask, point, k, value, space, FINE)
            lowest = min(lowest, cost)
            return float(np.sqrt(max(cost - best.cost, 0.0)) - np.sqrt(allowed - best.cost))

        inside, length = best.x[k], step
        for _ in range(DOUBLINGS):
            outside = side * min(side * (best.x[k] + side * length), side * bound)
            if (at := excess(outside)) > 0:
                first = -np.sqrt(allowed - best.cost) if inside == best.x[k] else excess(inside)
                if first >= 0:
                    return inside, lowest
                known = {inside: first, outside: at}
                found = partial(_known_or, known, excess)
                return float(optimize.brentq(found, inside, outside, rtol=1e-4, xtol=1e-4 * step)), lowest
            if outside == bound:
                return float(bound), lowest
            inside, length = outside, 2 * length
        return side * np.inf, lowest

    return search


def _known_or(known: Mapping[float, float], function: Callable[[float], float], value: float) -> float:
    return known[value] if value in known else function(value)


def resampled(best: Any, space: Space, rng: np.random.Generator) -> Callable[[Evaluate], np.ndarray]:
    """Return a search for the best values of data drawn from the fitted model with the errors that the residuals have."""
    freedom = max(best.fun.size - best.x.size, 1)
    shift = np.sqrt(2 * best.cost / freedom) * rng.standard_normal(best.fun.size) - best.fun
    return lambda ask: minimise(lambda rows: ask(rows) + shift, space, best.x, 1e-6).x


def profiles(
    best: Any, space: Space, allowed: float, half: np.ndarray, evaluate: Evaluate, advance: Callable[[], None]
) -> tuple[np.ndarray, list[int], bool]:
    """Return both ends of each parameter's profile [2, parameters], which parameters have none on a side, and whether a better fit was met.

    An end on a bound that is not zero, or none at all, means that the data do not determine the parameter.
    """
    span = np.where(np.isfinite(space.high - space.low), space.high - space.low, np.maximum(np.abs(best.x), 1e-12))
    steps = np.where(
        np.isfinite(half) & (half > 0), np.minimum(half, span), 0.1 * np.minimum(np.maximum(np.abs(best.x), 1e-3 * span), span)
    )
    which = [(side, k) for side in (-1, 1) for k in range(best.x.size)]
    searches = [profile_limit(best, k, side, space, allowed, steps[k]) for side, k in which]
    found = side_by_side(searches, evaluate, advance)
    ends = np.array([limit for limit, _ in found]).reshape(2, -1)
    bounds = np.array([space.low, space.high])
    open_ends = ~np.isfinite(ends) | ((ends == bounds) & (bounds != 0))
    return ends, list(np.flatnonzero(open_ends.any(axis=0))), min(cost for _, cost in found) < best.cost * (1 - 10 * ROUGH)


def from_jacobian(best: Any, allowed: float) -> tuple[np.ndarray, float, list[int], np.ndarray]:
    """Return standard errors (NaN for what a bound holds), the condition number, which change nothing, and which no bound holds."""
    free = _not_held(best, allowed)
    jacobian = best.jac[:, free]
    lengths = np.linalg.norm(jacobian, axis=0)
    blind = list(np.flatnonzero(free)[lengths == 0])
    condition = np.inf if blind else float(np.linalg.cond(jacobian / lengths)) if free.any() else np.nan
    errors = np.full(best.x.size, np.nan)
    if free.any() and np.isfinite(condition) and condition < 1 / np.finfo(float).eps:
        errors[free] = np.sqrt(np.diag(_inverse(jacobian)) * 2 * best.cost / (best.fun.size - int(free.sum())))
    return errors, condition, blind, free


def _not_held(best: Any, allowed: float) -> np.ndarray:
    """Return which parameters no bound holds: those inside, and those on one other than zero beyond which the data do not pull.

    Beyond it the cost would fall by no more than the data allow it to rise (in the quadratic approximation, the others refitted).
    """
    inside = best.active_mask == 0
    free = inside.copy()
    for k in np.flatnonzero(~inside & (np.abs(best.x) > 1e-6)):
        which = inside.copy()
        which[k] = True
        jacobian = best.jac[:, which]
        if np.linalg.norm(jacobian, axis=0).all() and np.linalg.cond(jacobian / np.linalg.norm(jacobian, axis=0)) < 1e8:
            gain = 0.5 * (best.jac[:, k] @ best.fun) ** 2 * _inverse(jacobian)[np.count_nonzero(which[:k]), np.count_nonzero(which[:k])]
            free[k] = gain < allowed - best.cost
    return free


def _inverse(jacobian: np.ndarray) -> np.ndarray:
    """Return the inverse of the Jacobian's products; columns of unit length keep it accurate whatever the units."""
    lengths = np.linalg.norm(jacobian, axis=0)
    return np.linalg.inv((jacobian / lengths).T @ (jacobian / lengths)) / np.outer(lengths, lengths)
