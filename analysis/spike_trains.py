"""How far two sets of spike trains are apart: van Rossum distance, first divergence, rates, silent and saturated neurons."""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter

Trains = tuple[np.ndarray, np.ndarray, np.ndarray]


def dense(trains: Trains, n_samples: int, n_steps: int, size: int) -> np.ndarray:
    """Return (sample, step, neuron) events as bool [n_samples, n_steps, size]."""
    out = np.zeros((n_samples, n_steps, size), bool)
    out[tuple(np.asarray(a, int) for a in trains)] = True
    return out


def van_rossum(a: np.ndarray, b: np.ndarray, dt: float, tau: float) -> np.ndarray:
    """Return van Rossum's distance of spike trains.

    The trains are filtered with ``exp(-t/tau)`` and the distance is ``sqrt(1/tau integral (f - g)^2 dt)``, the tail after the last
    step included: two single spikes far apart are at 1, one spike against none at ``sqrt(1/2)``.

    Parameters
    ----------
    a, b : bool arrays [..., steps, neurons]
    dt, tau : float
        Seconds.

    Returns
    -------
    array [..., neurons]

    Source: van Rossum 2001, Neural Comput 13:751, with the integral taken exactly between steps.
    """
    difference = np.moveaxis(a.astype(float) - b.astype(float), -2, -1)
    decay = np.exp(-dt / tau)
    filtered = lfilter([1.0], [1.0, -decay], difference, axis=-1)
    within = 0.5 * (1 - decay**2) * (filtered[..., :-1] ** 2).sum(axis=-1)
    return np.sqrt(within + 0.5 * filtered[..., -1] ** 2)


def first_divergence(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return, for each sample of two bool arrays [samples, steps, neurons], the first step at which they differ, -1 for none."""
    differs = np.any(a != b, axis=2)
    return np.where(differs.any(axis=1), differs.argmax(axis=1), -1)


def rates(trains: np.ndarray, dt: float) -> np.ndarray:
    """Return the mean rate (Hz) of every neuron of a bool array [samples, steps, neurons]."""
    return trains.mean(axis=(0, 1)) / dt


def silent_and_saturated(trains: np.ndarray, share: float = 0.5) -> tuple[np.ndarray, np.ndarray]:
    """Return which neurons never spike, and which spike in more than that share of all steps."""
    mean = trains.mean(axis=(0, 1))
    return mean == 0, mean > share
