"""Input spikes of samples as a table that a program reads step by step."""

from __future__ import annotations

import numpy as np

from brian2chip.core.samples import Samples


def events_of(samples: Samples, first: int, count: int, n_steps: int) -> np.ndarray:
    """Return the input of some samples one after the other, uint8 [count * n_steps, channels].

    Parameters
    ----------
    samples : Samples
        Repeated events of a channel in a step count once.
    first, count : int
        Which samples.
    n_steps : int
        Steps from the start of a sample to that of the next.
    """
    low, high = np.searchsorted(samples.sample, [first, first + count])
    table = np.zeros((count * n_steps, samples.n_in), np.uint8)
    table[(samples.sample[low:high] - first) * n_steps + samples.t[low:high], samples.i[low:high]] = 1
    return table
