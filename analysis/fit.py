"""Fit parameters to data by least squares: confidence intervals, and in words what the data do not determine."""

from __future__ import annotations

import numbers
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from scipy import stats

from brian2chip.analysis.fit_result import Fit
from brian2chip.analysis.fit_statement import statement
from brian2chip.analysis.least_squares import Space, evolved_start, scaled_starts, searched
from brian2chip.analysis.lockstep import side_by_side
from brian2chip.analysis.uncertainty import allowed_cost, allows, from_jacobian, profiles, resampled
from brian2chip.errors import UserError, unknown

#: Where intervals come from.
INTERVALS = ("jacobian", "profile", "bootstrap")
#: Ways to look for more starts than the given one.
SEARCHES = ("latin_hypercube", "differential_evolution")
#: Starts and samples of one fit.
MOST = 10_000


def fit_parameters(
    residuals: Callable[[np.ndarray], np.ndarray],
    names: Sequence[str],
    start: Sequence[float],
    bounds: Sequence[tuple[float | None, float | None]],
    *,
    starts: int = 1,
    search: str = "latin_hypercube",
    seed: int = 1,
    confidence: float = 0.95,
    intervals: str = "jacobian",
    samples: int = 200,
    vectorized: bool = False,
    known_errors: bool = False,
    rough: Callable[[np.ndarray], Sequence[Any]] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Fit:
    """Fit parameters by least squares.

    Searches from several starts, the refits that tell what the data do not determine, profiles and resampled data are each evaluated side
    by side.

    Parameters
    ----------
    residuals : callable
        ``residuals(vector) -> array``: model minus data, one a data point, for a vector of plain SI numbers.
    names, start, bounds : sequences of one length
        Bounds are (low, high), ``None`` where open.
    starts : int
        Tries; the first one starts from ``start``, the others from points of a Latin hypercube: between the bounds where there are two (on
        a logarithmic scale where they lie far apart), else within a factor of ten of ``start`` and then scaled together by the power of
        ten that lowers the residuals most.
    search : {"latin_hypercube", "differential_evolution"}
        The latter starts a second time from where scipy's differential evolution ends, whatever ``starts`` is.
    seed : int
        Of these random points and of the resampled data.
    confidence : float
        Of the intervals and of what counts as undetermined.
    intervals : {"jacobian", "profile", "bootstrap"}
        From the Jacobian at the best values, symmetric; from the profile of the likelihood (F test, up to the bounds); or from fits to
        ``samples`` data sets drawn from the fitted model.
    samples : int
    vectorized : bool
        Whether ``residuals`` takes several vectors, one a row, and returns a row for each, for little more than the price of one; all
        derivatives are then evaluated together with the residuals.
    known_errors : bool
        Whether residuals are in standard errors of the data, for the information criteria.
    rough : callable, optional
        Searches from several points, one a row, in place of the first steps of those here, e.g. in other processes; returns scipy's
        results.
    progress : callable, optional
        Called with the fraction of the steps done.

    Raises
    ------
    UserError
        For starting values out of bounds, fewer data than parameters, or residuals that are not finite at the start.
    """
    low, high = checked_start(names, start, bounds)
    check_choices(search=search, intervals=intervals, starts=starts, samples=samples, confidence=confidence)
    space, evaluate = Space(tuple(names), low, high, vectorized), _Counted(residuals, vectorized)
    first = evaluate(np.asarray(start, float)[None])[0]
    if first.size <= len(names):
        raise UserError(f"{len(names)} parameters cannot be fitted to {first.size} data points; free fewer of {', '.join(names)}.")
    if not np.isfinite(first).all():
        raise UserError(f"the residuals at the starting values of {', '.join(names)} are not finite; start from other values.")
    finite = [(k, bound) for k in range(len(names)) for bound in (low[k], high[k]) if np.isfinite(bound)]
    tries = 2 if search == "differential_evolution" else starts
    later = {"jacobian": 0, "profile": 2 * len(names), "bootstrap": samples}[intervals]
    advance = _Steps(tries + len(finite) + later, progress)
    if search == "differential_evolution":
        points = evolved_start(evaluate, np.asarray(start, float), space, seed)
    else:
        points = scaled_starts(evaluate, np.asarray(start, float), space, starts, seed)
    best = searched(evaluate, space, points, advance, rough)
    allowed = allowed_cost(best, confidence)
    held = [allows(best.x, k, bound, space, allowed) for k, bound in finite]
    allowing = side_by_side(held, evaluate, advance) if held else []
    reached = [(names[k], bound) for (k, bound), yes in zip(finite, allowing) if yes]
    errors, condition, blind, inside = from_jacobian(best, allowed)
    half = stats.t.ppf(0.5 + confidence / 2, best.fun.size - int(inside.sum())) * errors
    ends, flat, lower = np.array([best.x - half, best.x + half]), [], False
    if intervals == "profile":
        ends, flat, lower = profiles(best, space, allowed, half, evaluate, advance)
    elif intervals == "bootstrap":
        searches = [resampled(best, space, rng) for rng in np.random.default_rng(seed).spawn(samples)]
        ends = np.quantile(side_by_side(searches, evaluate, advance), [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    unknown_names = {names[k] for k in [*blind, *flat]} | {name for name, bound in reached if bound != 0}
    undetermined = tuple(name for name in names if name in unknown_names)
    vanishing = tuple(name for name in names if (name, 0.0) in reached)
    on_bound = tuple(name for name, free in zip(names, inside) if not free)
    return Fit(
        names=tuple(names),
        values=tuple(map(float, best.x)),
        standard_errors=tuple(map(float, errors)),
        low=tuple(map(float, ends[0])),
        high=tuple(map(float, ends[1])),
        undetermined=undetermined,
        vanishing=vanishing,
        on_bound=on_bound,
        condition_number=condition,
        rms=float(np.sqrt(2 * best.cost / best.fun.size)),
        n_data=best.fun.size,
        n_evaluations=evaluate.rows,
        confidence=confidence,
        statement=statement(names, best, ends, undetermined, vanishing, on_bound, condition, confidence, lower),
        intervals=intervals,
        known_errors=known_errors,
        n_calls=evaluate.calls,
    )


class _Counted:
    """The residuals, counted."""

    def __init__(self, residuals: Callable, vectorized: bool):
        self.residuals, self.vectorized, self.rows, self.calls = residuals, vectorized, 0, 0

    def __call__(self, rows: np.ndarray) -> np.ndarray:
        self.rows += len(rows)
        self.calls += 1 if self.vectorized else len(rows)
        if self.vectorized:
            return np.asarray(self.residuals(rows), float)
        return np.array([np.asarray(self.residuals(row.copy()), float).ravel() for row in rows])


class _Steps:
    """Counts what is done, and reports the fraction."""

    def __init__(self, steps: int, report: Callable[[float], None] | None):
        self.steps, self.report, self.done = steps, report, 0

    def __call__(self) -> None:
        self.done += 1
        if self.report is not None:
            self.report(min(self.done / self.steps, 1.0))


def checked_start(names: Sequence[str], start: Sequence[float], bounds: Sequence[tuple]) -> tuple[np.ndarray, np.ndarray]:
    """Return low and high bounds, infinite where open.

    Raises
    ------
    UserError
        For a starting value that does not lie between them.
    """
    low = np.array([-np.inf if a is None else a for a, _ in bounds], float)
    high = np.array([np.inf if b is None else b for _, b in bounds], float)
    for name, value, a, b in zip(names, start, low, high, strict=True):
        if not (np.isfinite(value) and a <= value <= b):
            raise UserError(f"the fit would start {name} at {value:g}; start it between its bounds {a:g} and {b:g}.")
    return low, high


def check_choices(*, search: str, intervals: str, starts: int, samples: int, confidence: float) -> None:
    """Refuse what :func:`fit_parameters` cannot do.

    Raises
    ------
    UserError
        For a search or kind of intervals that there is not, counts that are none, and a confidence that is no probability.
    """
    if search not in SEARCHES:
        raise unknown("search", search, SEARCHES)
    if intervals not in INTERVALS:
        raise unknown("kind of intervals", intervals, INTERVALS)
    for what, value in (("starts", starts), ("samples", samples)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or not 1 <= value <= MOST:
            raise UserError(f"{what} was given as {value!r}; give a whole number from 1 to {MOST}.")
    if isinstance(confidence, bool) or not isinstance(confidence, numbers.Real) or not 0 < confidence < 1:
        raise UserError(f"confidence was given as {confidence!r}; give a number between 0 and 1, such as 0.95.")
