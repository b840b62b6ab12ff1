"""The STDP-like curve of EqSpike: what a pair of spikes tells of the weight's change, from true rates and from filtered spikes.

A weight changes at a presynaptic spike by the derivative of the postsynaptic rate. Where rates change in time, up as often as down, a
postsynaptic spike that follows is likelier when the rate rises, so the mean change given the lag is antisymmetric (the argument of
Xie & Seung and of Bengio). With the derivative estimated from the spikes themselves, as in EqSpike, the same spike that makes the
pair also makes the estimate, and the curve of isolated pairs is that of the filters: it is not antisymmetric.
"""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from brian2chip.analysis import render
from brian2chip.errors import UserError


def expected_change(lag: np.ndarray, pre_rate: float, post_rate: float, slope: float) -> np.ndarray:
    """Return the mean change of a weight per step for pairs of a lag, where the postsynaptic rate rises or falls in time.

    Parameters
    ----------
    lag : float array
        Time of the postsynaptic spike minus that of the presynaptic one, in steps.
    pre_rate, post_rate : float
        Spikes a step.
    slope : float
        Root mean square of the change of the postsynaptic rate in a step; it has no sign of its own.

    Raises
    ------
    UserError
        For a rate that is not positive.
    """
    if pre_rate <= 0 or post_rate <= 0:
        raise UserError(f"the rates were given as {pre_rate} and {post_rate} spikes a step; they must be above 0.")
    return pre_rate * slope**2 * np.asarray(lag, float) / post_rate


def difference(steps: np.ndarray, rate: float, tau_1: float, tau_2: float) -> np.ndarray:
    """Return the difference d of the two filters of EqSpike so many steps after one spike; 0 before it.

    Parameters
    ----------
    steps : int array
    rate : float
        The largest rate, in spikes a step; a spike counts one over it.
    tau_1, tau_2 : float
        Time constants in steps.
    """
    steps = np.asarray(steps)
    fast, slow = 1 - 1 / tau_1, 1 - 1 / tau_2
    n = np.maximum(steps, 0).astype(float)

    def filtered(n: np.ndarray) -> np.ndarray:  # the slow filter n steps after the spike, from a sum of two geometric series
        return n * fast ** (n - 1) if fast == slow else (fast**n - slow**n) / (fast - slow)

    return np.where(steps < 0, 0.0, (filtered(n + 1) - filtered(n)) / (rate * tau_1 * tau_2))


def pair_change(lag: np.ndarray, rate: float, tau_1: float, tau_2: float, both: bool = True) -> np.ndarray:
    """Return the change of a weight by one isolated pair of spikes, per learning rate.

    Parameters
    ----------
    lag : int array
        Time of the postsynaptic spike minus that of the presynaptic one, in steps.
    rate, tau_1, tau_2 : float
        As in :func:`difference`.
    both : bool
        Whether the weight changes at spikes of both ends, as in the network, where the curve is even; or at presynaptic ones alone.
    """
    lag = np.asarray(lag)
    at_pre = difference(-lag, rate, tau_1, tau_2) / rate
    return at_pre + difference(lag, rate, tau_1, tau_2) / rate if both else at_pre


def curve(
    lag: np.ndarray, rate: float = 0.5, tau_1: float = 10.0, tau_2: float = 20.0, slope: float = 1e-3, ax: Axes | None = None
) -> Axes:
    """Plot the analytic curve and those of isolated pairs, each over its largest magnitude; rates of half the largest.

    Parameters
    ----------
    lag : int array
        In steps.
    rate, tau_1, tau_2 : float
        As in :func:`difference`.
    slope : float
        As in :func:`expected_change`.
    ax : Axes, optional
    """
    ax = render.panels(1, 1, (6, 4))[1][0] if ax is None else ax
    curves = {
        "derivative of the true rate": expected_change(lag, rate / 2, rate / 2, slope),
        "isolated pairs, at spikes of both ends": pair_change(lag, rate, tau_1, tau_2),
        "isolated pairs, at presynaptic spikes": pair_change(lag, rate, tau_1, tau_2, both=False),
    }
    for name, values in curves.items():
        ax.plot(lag, values / np.abs(values).max(), label=name)
    ax.axhline(0, color="0.7", linewidth=0.8)
    ax.axvline(0, color="0.7", linewidth=0.8)
    ax.set(xlabel="postsynaptic minus presynaptic spike (steps)", ylabel="change of the weight (of its largest)")
    ax.legend(frameon=False)
    return ax
