"""What a fit found: values, intervals, and in words what the data do not determine."""

from __future__ import annotations

from dataclasses import dataclass

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

    def _repr_html_(self) -> str:
        return html.result(f"fit to {self.n_data} data points", self.table(), self.statement)
