"""A cochlea for spikes: gammatone filters, hair cells that rectify and compress, and LIF neurons, one a channel.

SciPy's gammatone design serves because it needs nothing beyond the package's own dependencies; brian2hears 0.9 does not import with
present NumPy versions.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from scipy.signal import gammatone, lfilter

from brian2chip.core.neuron_kinds import step_factor
from brian2chip.engine.on_arrays import on_arrays
from brian2chip.errors import UserError
from brian2chip.models.discrete import DiscreteNeuron

NEURON = DiscreteNeuron(fires=">", reset="subtract_at_once")


def centre_frequencies(n: int, low: float, high: float) -> np.ndarray:
    """Return n frequencies (Hz) equally spaced on the ERB scale of Glasberg & Moore 1990."""
    scale = 9.26449 * 24.7
    ends = np.log(1 + np.array([low, high]) / scale)
    return scale * (np.exp(np.linspace(*ends, n)) - 1)


@lru_cache(maxsize=8)
def _filters(n: int, low: float, high: float, rate: float) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the gammatone filters of n channels; their design takes longer than their use on a word."""
    return [gammatone(f, "iir", fs=rate) for f in centre_frequencies(n, low, high)]


def hair_cells(sound: np.ndarray, rate: float, n: int, dt: float, low: float = 100.0, high: float | None = None) -> np.ndarray:
    """Return the drive [steps, n]: each channel's rectified, averaged and cube-root compressed output, largest value one.

    Raises
    ------
    UserError
        For a sound that is empty, silent or not finite.
    """
    sound = np.asarray(sound, float)
    if sound.ndim != 1 or not len(sound) or not np.all(np.isfinite(sound)) or not np.any(sound):
        raise UserError("a sound must be one channel of finite samples that are not all zero.")
    high = 0.45 * rate if high is None else high
    window = int(round(rate * dt))
    steps = -(-len(sound) // window)
    padded = np.pad(sound / np.abs(sound).max(), (0, steps * window - len(sound)))
    drive = np.empty((steps, n))
    for k, (b, a) in enumerate(_filters(n, low, high, rate)):
        drive[:, k] = np.maximum(lfilter(b, a, padded), 0).reshape(steps, window).mean(1)
    drive = np.cbrt(drive)
    return drive / drive.max()


def spikes(drive: np.ndarray, dt: float, tau_m: float = 20e-3, gain: float = 6.0) -> np.ndarray:
    """Return spikes bool [steps, n] of LIF neurons (threshold one, reset by subtraction) that the hair cells drive.

    The neurons have no connections, and samples are made while a network learns in a session of its own, so their step runs on arrays.
    """
    step, reset = on_arrays(NEURON.integrate + NEURON.fire), on_arrays(NEURON.reset_code)
    alpha = step_factor(tau_m, dt)
    state = {"v": np.zeros(drive.shape[1]), "alpha": alpha, "gain": gain * (1 - alpha), "v_th": 1.0}
    out = np.zeros(drive.shape, bool)
    for t, current in enumerate(drive):
        state = step({**state, "I": current})
        out[t] = state["z"]
        fired = reset({**state, "v": state["v"][out[t]]})
        state["v"][out[t]] = fired["v"]
    return out
