"""Rate dependence of triplet STDP: its mean change under Poisson spikes, and the threshold between depression and potentiation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

#: How many standard errors the threshold, and the slope of dw/rate through it, must be above zero.
SIGNIFICANT = 3.0
#: Error of a curve without standard errors, as a fraction of its largest change: every sign then counts.
EXACT = 1e-9
#: Points on either side of the crossing that the curve through it is fitted to.
NEIGHBOURS = 3


@dataclass(frozen=True)
class Threshold:
    """Where a change of the weight turns from depression to potentiation.

    Attributes
    ----------
    rate_hz : float
        The postsynaptic rate at the crossing; NaN when there is none.
    sem_hz : float
        Its standard error; 0 for a closed form, NaN when it is not known.
    bcm_like : bool
        Depression below, potentiation above a positive threshold.
    why : str
        The reason, in one sentence.
    """

    rate_hz: float
    sem_hz: float
    bcm_like: bool
    why: str


def _si(parameters: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(np.asarray(value)) for name, value in parameters.items()}


def mean_change(pre_rate_hz, post_rate_hz, parameters: Mapping[str, Any]):
    """Return the mean change of the weight a second (1/s) of triplet STDP for independent Poisson trains, far from the bounds.

    Parameters
    ----------
    pre_rate_hz, post_rate_hz : float or array_like
        Rates, broadcast against each other.
    parameters : mapping
        Of the rule ``triplet``: ``A2_plus``, ..., ``tau_y`` (Quantities or seconds), ``all_to_all`` (1 or 0).

    Source: Pfister & Gerstner 2006, equation 5 (all-to-all). The mean of a trace that adds 1 a spike is rate*tau; of one that is set
    to 1, so that it holds exp(-age of the last spike/tau), it is rate*tau/(1 + rate*tau).
    """
    p = _si(parameters)
    pre, post = np.asarray(pre_rate_hz, float), np.asarray(post_rate_hz, float)
    trace = (lambda rate, tau: rate * tau) if p["all_to_all"] else (lambda rate, tau: rate * tau / (1 + rate * tau))
    down = pre * trace(post, p["tau_minus"]) * (p["A2_minus"] + p["A3_minus"] * trace(pre, p["tau_x"]))
    up = post * trace(pre, p["tau_plus"]) * (p["A2_plus"] + p["A3_plus"] * trace(post, p["tau_y"]))
    return up - down


def triplet_threshold(parameters: Mapping[str, Any], pre_rate_hz: float = 0.0) -> Threshold:
    """Return the threshold of all-to-all triplet STDP in closed form, and whether the rule is BCM-like and why.

    Parameters
    ----------
    parameters : mapping
        As in :func:`mean_change`.
    pre_rate_hz : float
        Matters only when ``A3_minus`` is not 0: the threshold then grows with the presynaptic rate; at 0 the term is left out.

    Returns
    -------
    Threshold
        ``bcm_like`` is judged without the presynaptic term: pre*phi(post, theta) has no room for it.

    Source: Pfister & Gerstner 2006, equation 5, solved for a change of zero:
    theta = (A2_minus*tau_minus*(1 + ...) - A2_plus*tau_plus)/(A3_plus*tau_plus*tau_y).
    """
    p = _si(parameters)
    if not p["all_to_all"]:
        why = "with nearest-spike traces the change saturates with the rates; there is no closed form of BCM's kind."
        return Threshold(np.nan, np.nan, False, why)
    slope = p["A3_plus"] * p["tau_plus"] * p["tau_y"]
    if slope <= 0:
        return Threshold(np.nan, np.nan, False, "A3_plus is 0, so the change is proportional to both rates and its sign never turns.")
    pair = p["A2_minus"] * p["tau_minus"] - p["A2_plus"] * p["tau_plus"]
    presynaptic = p["A3_minus"] * p["tau_minus"] * p["tau_x"]
    theta = (pair + presynaptic * pre_rate_hz) / slope
    if pair <= 0:
        why = "pairs alone potentiate (A2_plus*tau_plus >= A2_minus*tau_minus), so there is no depression at low rates."
        return Threshold(theta, 0.0, False, why)
    if presynaptic > 0:
        growth = f"grows by {presynaptic / slope:.2g} Hz for each Hz of the presynaptic rate (A3_minus > 0)"
        why = f"depression below and potentiation above theta, which {growth}: nearly, not exactly, BCM's form."
        return Threshold(theta, 0.0, True, why)
    return Threshold(theta, 0.0, True, "the change is pre*phi(post, theta) with depression below and potentiation above theta, as in BCM.")


def threshold(rates_hz, dw, sem=None) -> Threshold:
    """Return the rate at which a measured curve turns from depression to potentiation, with its standard error.

    ``dw/rate`` is fitted by a straight line, or a parabola where the line does not fit, through the points next to the change of
    sign (weighted by ``sem``); it is nearly straight there, because no rule of this kind changes without postsynaptic spikes.

    Parameters
    ----------
    rates_hz, dw : array_like of shape (n,)
        Postsynaptic rates and mean changes, any unit.
    sem : array_like of shape (n,), optional
        Standard errors of ``dw``; without them, or when they are 0, the points weigh the same and ``sem_hz`` is NaN.
    """
    rate, dw = np.asarray(rates_hz, float), np.asarray(dw, float)
    error = np.full(rate.shape, np.nan) if sem is None else np.asarray(sem, float)
    # A point at rate 0, or where no replica changed, says nothing about the sign.
    use = (rate > 0) & np.isfinite(dw) & ((dw != 0) | (error > 0))
    order = np.argsort(rate[use])
    rate, dw, error = rate[use][order], dw[use][order], error[use][order]
    if rate.size < 3:
        return Threshold(np.nan, np.nan, False, "fewer than three rates changed the weight, too few to see a change of sign.")
    known = bool(np.all(error > 0))
    error = error if known else np.full(rate.shape, EXACT * np.max(np.abs(dw)))
    z = dw / error
    # The split of the points at which "negative before, positive after" explains most.
    split = int(np.argmax(np.r_[0.0, np.cumsum(-z)] + np.r_[np.cumsum(z[::-1])[::-1], 0.0]))
    near = slice(max(split - NEIGHBOURS, 0), split + NEIGHBOURS)
    theta, sem_hz, slope, slope_sem = _root(rate[near], dw[near] / rate[near], error[near] / rate[near])
    if not slope > SIGNIFICANT * slope_sem or theta > rate[-1]:
        return Threshold(np.nan, np.nan, False, "there is no change from depression to potentiation within these rates.")
    if theta < SIGNIFICANT * sem_hz:
        return Threshold(np.nan, np.nan, False, "there is no depression at low rates that stands out from the noise.")
    return Threshold(theta, sem_hz if known else np.nan, True, "depression at low and potentiation at high postsynaptic rates.")


def _root(x, y, error):
    """Return the zero of a straight line through the points, or of a parabola where the line does not fit, its standard error,
    and the slope there with its standard error; a misfit that remains widens the errors."""
    for degree in (1, 2):
        coefficients, covariance = np.polyfit(x, y, degree, w=1 / error, cov="unscaled")
        freedom = x.size - degree - 1
        misfit = np.sum(((y - np.polyval(coefficients, x)) / error) ** 2)
        if freedom < 2 or misfit <= freedom + SIGNIFICANT * np.sqrt(2 * freedom):
            break
    roots = np.roots(coefficients)
    roots = roots[np.isreal(roots)].real
    if not roots.size:
        return np.nan, np.nan, np.nan, np.nan
    middle = np.interp(0.0, y, x) if np.all(np.diff(y) > 0) else x.mean()
    theta = float(roots[np.argmin(np.abs(roots - middle))])
    slope = float(np.polyval(np.polyder(coefficients), theta))
    order = np.arange(degree, -1, -1)
    by_value, by_slope = theta**order, order * theta ** np.maximum(order - 1, 0)
    covariance = covariance * max(1.0, misfit / freedom if freedom else 1.0)
    sem = lambda gradient: float(np.sqrt(gradient @ covariance @ gradient))  # noqa: E731
    return theta, sem(by_value) / abs(slope), slope, sem(by_slope)
