"""Calcium-based plasticity in closed form: how many synapses change state in a regular stimulation (Graupner & Brunel 2012)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import erfc


@dataclass(frozen=True)
class Transitions:
    """Probabilities that a synapse changes state, and what follows for the mean efficacy of a population.

    Attributes
    ----------
    up, down : float
        That a synapse in the lower state ends in the upper one, and the reverse.
    ratio : float
        Efficacy after to before.
    """

    up: float
    down: float
    ratio: float
    _ratio_per_up: float
    _ratio_per_down: float

    def standard_error(self, n_low: int, n_high: int) -> float:
        """Return the binomial standard error of the ratio in a population with so many synapses that begin low and high."""
        variances = ((self._ratio_per_up, self.up, n_low), (self._ratio_per_down, self.down, n_high))
        return float(np.sqrt(sum(weight**2 * p * (1 - p) / n for weight, p, n in variances if n)))


def share_above(theta: float, times: Sequence[float], sizes: Sequence[float], period: float, tau: float) -> float:
    """Return the share of time for which calcium is above a threshold, when jumps have repeated for long.

    Parameters
    ----------
    theta : float
    times, sizes : sequence of float
        Jumps of one period: seconds, and by how much.
    period, tau : float
        Seconds; calcium decays with ``tau``.
    """
    order = np.argsort(np.mod(times, period), kind="stable")
    at, jumps = np.mod(np.asarray(times, float), period)[order], np.asarray(sizes, float)[order]
    # What each jump has left at each, itself and those of all earlier periods with it.
    since = at[:, None] - at[None]
    since = np.where((since < 0) | ((since == 0) & (np.arange(len(at))[:, None] < np.arange(len(at)))), since + period, since)
    after = (jumps * np.exp(-since / tau)).sum(axis=1) / -np.expm1(-period / tau)
    until_next = np.diff(np.r_[at, at[0] + period])
    return float(np.clip(tau * np.log(np.maximum(after / theta, 1.0)), 0.0, until_next).sum() / period)


def pairing(parameters: Mapping[str, float], dt: float, rate: float, pairs: int, low: float = 0.5) -> Transitions:
    """Return what regular pairs of spikes do, by the paper's solution: above a threshold the double well is left out.

    Parameters
    ----------
    parameters : mapping of str to float
        Of the rule ``graupner_brunel``, in SI.
    dt : float
        Seconds from the presynaptic to the postsynaptic spike.
    rate : float
        Pairs a second.
    pairs : int
    low : float
        Share of synapses that begin in the lower state.
    """
    p = parameters
    events = [p["D"], dt], [p["Cpre"], p["Cpost"]], 1 / rate, p["tau_Ca"]
    above_p, above_d = share_above(p["theta_p"], *events), share_above(p["theta_d"], *events)
    drive_p, drive_d = p["gamma_p"] * above_p, p["gamma_d"] * above_d
    total = drive_p + drive_d
    before = low + (1 - low) * p["b"]
    per_up, per_down = low * (p["b"] - 1) / before, (1 - low) * (p["b"] - 1) / before
    if total == 0:
        return Transitions(0.0, 0.0, 1.0, per_up, per_down)
    goal, left = drive_p / total, np.exp(-pairs / rate * total / p["tau"])
    spread = p["sigma"] * np.sqrt((above_p + above_d) / total * (1 - left**2))
    if spread == 0:
        up, down = float(goal * (1 - left) > 0.5), float(goal + (1 - goal) * left <= 0.5)
    else:
        up = float(erfc((0.5 - goal * (1 - left)) / spread) / 2)
        down = float(erfc((goal + (1 - goal) * left - 0.5) / spread) / 2)
    return Transitions(up, down, 1 + per_up * up - per_down * down, per_up, per_down)
