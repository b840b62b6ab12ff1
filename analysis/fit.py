"""Fit parameters to data by least squares: confidence intervals, and in words what the data do not determine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import optimize, stats

from brian2chip.analysis.fit_result import COLLINEAR, Fit
from brian2chip.errors import UserError

#: Relative step of the numerical derivatives: far above the rounding of a simulation, and the derivatives' relative error.
STEP = 1e-5
#: Relative change of the cost at which a refit, of which only the size of the cost matters, may stop.
ROUGH = 1e-3


def fit_parameters(
    residuals: Callable[[np.ndarray], np.ndarray],
    names: Sequence[str],
    start: Sequence[float],
    bounds: Sequence[tuple[float | None, float | None]],
    *,
    starts: int = 1,
    seed: int = 1,
    confidence: float = 0.95,
    progress: Callable[[float], None] | None = None,
) -> Fit:
    """Fit parameters by least squares.

    Parameters
    ----------
    residuals : callable
        ``residuals(vector) -> array``: model minus data, one a data point, for a vector of plain SI numbers.
    names, start, bounds : sequences of one length
        Bounds are (low, high), ``None`` where open.
    starts : int
        Tries; the second and later ones start from random points, between the bounds where there are two, else within a factor of
        ten of ``start``.
    seed : int
        Of these random points.
    confidence : float
        Of the intervals and of what counts as undetermined.
    progress : callable, optional
        Called with the fraction of the steps done.

    Raises
    ------
    UserError
        For starting values out of bounds, fewer data than parameters, or residuals that are not finite at the start.
    """
    low, high = _checked(names, start, bounds)
    evaluate = _Counted(residuals)
    first = evaluate(np.asarray(start, float))
    if first.size <= len(names):
        raise UserError(f"{len(names)} parameters cannot be fitted to {first.size} data points; free fewer of {', '.join(names)}.")
    if not np.isfinite(first).all():
        raise UserError(f"the residuals at the starting values of {', '.join(names)} are not finite; start from other values.")
    finite = [(k, bound) for k in range(len(names)) for bound in (low[k], high[k]) if np.isfinite(bound)]
    steps, done = starts + len(finite), 0

    def advance():
        nonlocal done
        done += 1
        if progress is not None:
            progress(done / steps)

    best = None
    for point in _starting_points(np.asarray(start, float), low, high, starts, seed):
        found = _minimise(evaluate, point, low, high)
        best = found if best is None or found.cost < best.cost else best
        advance()
    allowed, reached = _allowed_cost(best, confidence), []
    for k, bound in finite:
        if _allows(evaluate, best.x, k, bound, low, high, allowed):
            reached.append((names[k], bound))
        advance()
    return _summary(names, best, reached, confidence, evaluate.calls)


class _Counted:
    """The residuals, counted."""

    def __init__(self, residuals):
        self.residuals, self.calls = residuals, 0

    def __call__(self, vector):
        self.calls += 1
        return np.asarray(self.residuals(np.asarray(vector, float)), float).ravel()


def _checked(names, start, bounds) -> tuple[np.ndarray, np.ndarray]:
    low = np.array([-np.inf if a is None else a for a, _ in bounds], float)
    high = np.array([np.inf if b is None else b for _, b in bounds], float)
    for name, value, a, b in zip(names, start, low, high, strict=True):
        if not (np.isfinite(value) and a <= value <= b):
            raise UserError(f"the fit would start {name} at {value:g}; start it between its bounds {a:g} and {b:g}.")
    return low, high


def _starting_points(start, low, high, starts, seed):
    yield start
    rng = np.random.default_rng(seed)
    bounded = np.isfinite(low) & np.isfinite(high)
    for _ in range(starts - 1):
        spread = start * 10 ** rng.uniform(-1, 1, start.size)
        inside = np.where(bounded, low, 0) + np.where(bounded, high - low, 0) * rng.uniform(size=start.size)
        yield np.clip(np.where(bounded, inside, spread), low, high)


def _minimise(evaluate, start, low, high, tolerance: float = 1e-8):
    """Return scipy's result; the parameters are scaled by the Jacobian, so that their units do not matter."""
    margin = np.where(np.isfinite(high - low), high - low, np.maximum(np.abs(start), 1.0))
    inside = np.clip(start, low + 1e-6 * margin, high - 1e-6 * margin)  # derivatives need room on both sides
    return optimize.least_squares(evaluate, inside, bounds=(low, high), x_scale="jac", diff_step=STEP, ftol=tolerance)


def _allowed_cost(best, confidence: float) -> float:
    """Return the largest cost that the data allow with one parameter moved (F test, Bates & Watts 1988, section 6.1)."""
    freedom = best.fun.size - best.x.size
    return best.cost * (1 + stats.f.ppf(confidence, 1, freedom) / freedom)


class _Allowed(Exception):
    """Raised when a refit has reached a cost that the data allow."""


def _allows(evaluate, best, k: int, bound: float, low, high, allowed: float) -> bool:
    """Return whether the data allow parameter ``k`` on its bound, with the others refitted."""
    others = np.arange(best.size) != k
    whole = np.where(others, best, bound)

    def reduced(vector):
        whole[others] = vector
        result = evaluate(whole)
        if 0.5 * np.sum(result**2) <= allowed:
            raise _Allowed
        return result

    try:
        if others.any():
            _minimise(reduced, best[others], low[others], high[others], ROUGH)
        else:
            reduced(best[others])
    except _Allowed:
        return True
    return False


def _summary(names, best, reached, confidence, calls) -> Fit:
    free = best.active_mask == 0
    jacobian = best.jac[:, free]
    lengths = np.linalg.norm(jacobian, axis=0)
    blind = [n for n, length in zip(np.array(names)[free], lengths) if length == 0]
    condition = np.inf if blind else float(np.linalg.cond(jacobian / lengths)) if free.any() else np.nan
    n, freedom = best.fun.size, best.fun.size - int(free.sum())
    errors = np.full(len(names), np.nan)
    if free.any() and np.isfinite(condition) and condition < 1 / np.finfo(float).eps:
        # Columns of unit length keep the inverse accurate whatever the units.
        covariance = np.linalg.inv((jacobian / lengths).T @ (jacobian / lengths)) / np.outer(lengths, lengths)
        errors[free] = np.sqrt(np.diag(covariance) * 2 * best.cost / freedom)
    half = stats.t.ppf(0.5 + confidence / 2, freedom) * errors
    undetermined = tuple(name for name in names if name in blind or any(name == k and bound != 0 for k, bound in reached))
    vanishing = tuple(name for name in names if (name, 0.0) in reached)
    on_bound = tuple(name for name, inside in zip(names, free) if not inside)
    wide = tuple(name for name, value, h in zip(names, best.x, half) if h >= abs(value) and name not in undetermined + vanishing)
    return Fit(
        names=tuple(names),
        values=tuple(map(float, best.x)),
        standard_errors=tuple(map(float, errors)),
        low=tuple(map(float, best.x - half)),
        high=tuple(map(float, best.x + half)),
        undetermined=undetermined,
        vanishing=vanishing,
        on_bound=on_bound,
        condition_number=condition,
        rms=float(np.sqrt(2 * best.cost / n)),
        n_data=n,
        n_evaluations=calls,
        confidence=confidence,
        statement=_statement(undetermined, vanishing, on_bound, wide, condition, n, confidence),
    )


def _statement(undetermined, vanishing, on_bound, wide, condition, n, confidence) -> str:
    """Return in words what the fit is worth."""
    sentences = []
    if undetermined:
        sentences.append(
            f"The fit is ill-conditioned: the {n} data points do not determine {' and '.join(undetermined)}; the other parameters make up "
            f"for values as far as a bound ({confidence:.0%})."
        )
    if condition > COLLINEAR:
        trade = "parameters trade against one another" if np.isfinite(condition) else "a parameter changes nothing"
        sentences.append(f"The fit is ill-conditioned: {trade} (condition number {condition:.3g} > {COLLINEAR:g}).")
    if vanishing:
        sentences.append(f"The data do not tell {' or '.join(vanishing)} from zero ({confidence:.0%}).")
    if set(on_bound) - set(vanishing):
        sentences.append(f"{' and '.join(n for n in on_bound if n not in vanishing)} ended on a bound, without an interval.")
    if wide:
        sentences.append(f"The {confidence:.0%} interval of {' and '.join(wide)} reaches zero: only roughly determined.")
    return " ".join(sentences) or f"The {n} data points determine all parameters (condition number {condition:.3g})."
