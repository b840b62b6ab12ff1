"""What a fit found: values, intervals, and in words what the data do not determine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from brian2chip.core import html

#: Condition indices above this mean strong dependencies among the parameters (Belsley, Kuh & Welsch 1980, chapter 3).
COLLINEAR = 30.0


@dataclass(frozen=True)
class Fit:
    """What :func:`fit_parameters` returns.

    Attributes
    ----------
    names : tuple of str
    values, standard_errors, low, high : tuple of float
        Best values with their standard errors from the Jacobian, NaN where the data say nothing or the value sits on its bound, and
        confidence limits: from the Jacobian (t distribution; they may lie beyond the bounds), a profile or resampled data.
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
    intervals : str
        Where the limits come from: "jacobian", "profile" or "bootstrap".
    known_errors : bool
        Whether residuals are in standard errors of the data.
    n_calls : int
        Calls in which the evaluations were made, many at once.
    units : tuple of str
        Of the values; empty where they are plain numbers that nobody named.
    rules : mapping of str to Rule
        By protocol, the rule with the fitted values: ``bc.plot(bc.run("bi_poo_1998", fitted.rules["bi_poo_1998"]))``.
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
    intervals: str = "jacobian"
    known_errors: bool = False
    n_calls: int = 0
    units: tuple[str, ...] = ()
    rules: Mapping[str, Any] = field(default_factory=dict)

    @property
    def chi2(self) -> float:
        """The sum of the squared residuals."""
        return self.n_data * self.rms**2

    @property
    def aic(self) -> float:
        """Akaike's information criterion; smaller is better, among fits to the same data.

        The errors of the data are the known ones or, where there are none, one that is fitted too (Burnham & Anderson 2002, section 2.2).
        """
        return self._misfit + 2 * self._n_fitted

    @property
    def aicc(self) -> float:
        """The same for few data (Burnham & Anderson 2002, equation 2.5); infinite for too few."""
        k, spare = self._n_fitted, self.n_data - self._n_fitted - 1
        return self.aic + 2 * k * (k + 1) / spare if spare > 0 else math.inf

    @property
    def bic(self) -> float:
        """The Bayesian information criterion (Schwarz 1978)."""
        return self._misfit + self._n_fitted * math.log(self.n_data)

    @property
    def _n_fitted(self) -> int:
        return len(self.names) + (0 if self.known_errors else 1)

    @property
    def _misfit(self) -> float:
        """Minus twice the logarithm of the likelihood, up to a constant."""
        if self.known_errors:
            return self.chi2
        return self.n_data * math.log(self.chi2 / self.n_data) if self.chi2 else -math.inf

    @property
    def ill_conditioned(self) -> bool:
        """Whether the data do not determine the parameters."""
        return bool(self.undetermined) or self.condition_number > COLLINEAR

    def _determined(self, k: int) -> bool:
        """Whether the data determine a parameter: it needs no bound and, where parameters depend on one another, is known to its size."""
        loose = self.condition_number > COLLINEAR and self.standard_errors[k] > abs(self.values[k])
        return self.names[k] not in self.undetermined and not loose

    def criteria(self) -> dict[str, float]:
        """Return what fits of several rules to the same data are compared by: ``chi2``, ``AIC``, ``AICc``, ``BIC``."""
        return {"chi2": self.chi2, "AIC": self.aic, "AICc": self.aicc, "BIC": self.bic}

    def table(self) -> pd.DataFrame:
        """Return a row a parameter: ``parameter``, ``value``, ``unit`` if known, ``standard_error``, ``low``, ``high``, ``determined``."""
        units = {"unit": self.units} if self.units else {}
        return pd.DataFrame(
            {
                "parameter": self.names,
                "value": self.values,
                **units,
                "standard_error": self.standard_errors,
                "low": self.low,
                "high": self.high,
                "determined": [self._determined(k) for k in range(len(self.names))],
            }
        )

    def _repr_html_(self) -> str:
        return html.result(f"fit to {self.n_data} data points", self.table(), self.statement)
