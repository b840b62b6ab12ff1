"""What a fit found: best values, confidence intervals, and in words what the data do not determine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

#: Condition indices above this mean strong dependencies among the parameters (Belsley, Kuh & Welsch 1980, chapter 3).
COLLINEAR = 30.0


@dataclass(frozen=True)
class Fit:
    """What :func:`brian2chip.analysis.fit.fit_parameters` returns.

    Attributes
    ----------
    names : tuple of str
    values, standard_errors, low, high : tuple of float
        Best values with their standard errors and confidence limits from the Jacobian (t distribution; the limits may lie beyond
        the bounds); NaN where the data say nothing or the value sits on its bound.
    undetermined : tuple of str
        Parameters that could as well sit on a bound that is not zero: with the others refitted, the data do not object.
    vanishing : tuple of str
        Parameters that could as well be zero, their bound.
    on_bound : tuple of str
        Parameters whose best value is one of their bounds.
    condition_number : float
        Of the Jacobian with columns of unit length; infinite when the data say nothing about a parameter.
    rms : float
        Root mean square residual.
    n_data, n_evaluations : int
    confidence : float
    statement : str
        In words, what the fit is worth.
    """

    names: tuple[str, ...]
    values: tuple[float, ...]
    standard_errors: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    undetermined: tuple[str, ...]
    vanishing: tuple[str, ...]
    on_bound: tuple[str, ...]
    condition_number: float
    rms: float
    n_data: int
    n_evaluations: int
    confidence: float
    statement: str

    @property
    def ill_conditioned(self) -> bool:
        """Whether the data do not determine the parameters."""
        return bool(self.undetermined) or self.condition_number > COLLINEAR

    def table(self) -> pd.DataFrame:
        """Return one row a parameter: ``parameter``, ``value``, ``standard_error``, ``low``, ``high`` (SI), ``determined``."""
        return pd.DataFrame(
            {
                "parameter": self.names,
                "value": self.values,
                "standard_error": self.standard_errors,
                "low": self.low,
                "high": self.high,
                "determined": [name not in self.undetermined for name in self.names],
            }
        )


def summary(names, best, reached, confidence: float, calls: int) -> Fit:
    """Return what a fit is worth, from scipy's result and the (parameter, bound) pairs that the data allow."""
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
