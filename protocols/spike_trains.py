"""Spike sources: trains of spike times drawn in NumPy, so that they are the same on every device."""

import numpy as np

from brian2chip.errors import UserError

#: Spikes of one train, or of one network, beyond which they are not drawn.
MOST_SPIKES = 1e8


def poisson(rate: float, duration: float, rng: np.random.Generator, dt: float = 1e-4, dead_time: float = 0.0) -> np.ndarray:
    """Return the spike times of a Poisson train on the grid of ``dt``, later than 0 and earlier than ``duration``.

    Parameters
    ----------
    rate : float
        Mean rate in Hz; the dead time does not lower it.
    duration, dt, dead_time : float
        Seconds. Intervals are at least ``dt`` and longer than ``dead_time``.
    rng : numpy Generator

    Returns
    -------
    array of float
        Ascending times in seconds.

    Raises
    ------
    UserError
        For a rate that is negative or cannot be reached on this grid with this dead time.
    """
    if rate == 0:
        return np.zeros(0)
    silent = round(dead_time / dt)
    if not 0 < rate * dt * (silent + 1) <= 1:
        raise UserError(
            f"a train of {rate:g} Hz was asked for; with dt {dt:g} s and dead time {dead_time:g} s give 0 to {1 / dt / (silent + 1):g} Hz."
        )
    expected = rate * duration
    if expected > MOST_SPIKES:
        raise UserError(f"a train of {rate:g} Hz for {duration:g} s would have {expected:.3g} spikes; ask for at most {MOST_SPIKES:g}.")
    size = int(expected + 10 * np.sqrt(expected) + 10)
    intervals = silent + rng.geometric(1 / (1 / (rate * dt) - silent), size)
    intervals[0] -= silent
    steps = np.cumsum(intervals)
    return steps[steps < round(duration / dt)] * dt
