"""ReckOn's clock cycles a tick, and its synaptic operations, for which an energy is published."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.result import Result

SYNCHRONISER = 3


def tick_cycles(configuration: Configuration, samples: ChipSamples, result: Result) -> np.ndarray:
    """Return the clock cycles from each tick until the chip is ready, without what its handshakes with the host add.

    Parameters
    ----------
    configuration : Configuration
    samples : ChipSamples
    result : Result
        Of the emulator, with these samples.

    Returns
    -------
    uint32 array [ticks]
        PROP scans one unit a cycle and takes two cycles for each pair of units that an event reaches; the e-prop pass takes the
        same time whatever the activity.
    """
    c = configuration
    ends = np.cumsum(samples.n_ticks)
    starts = ends - samples.n_ticks
    first, last = (np.isin(np.arange(ends[-1]), where) for where in (starts, ends - 1))
    nr, nn = c["NUM_REC_NEUR"], c.n_rows - 1
    only_outputs = np.repeat(samples.eprop, samples.n_ticks) == 4
    learning = result.learned * np.where(only_outputs, 2 * (nr + 1), c.n_columns // 16 * (32 + 2 * (nn + 1)))
    events = 2 * ((nr >> 1) + 1) * result.visits + 2 * extra_visits(configuration, samples)
    return (SYNCHRONISER + ~first * (c.n_stepped + 1) + learning + ~last * (nn + 1 + events)).astype(np.uint32)


def extra_visits(configuration: Configuration, samples: ChipSamples) -> np.ndarray:
    """Return how many inputs beyond the hidden units cost an extra access in each tick: those with an event, when input traces are kept."""
    nr, nn = configuration["NUM_REC_NEUR"], configuration.n_rows - 1
    starts = np.cumsum(samples.n_ticks) - samples.n_ticks
    beyond = (samples.i > nr) & (samples.i <= nn) & ((samples.eprop[samples.sample] & 1 == 1) | bool(configuration["FORCE_TRACES"]))
    tick = starts[samples.sample[beyond]] + samples.t[beyond]
    extra = np.zeros(int(samples.n_ticks.sum()), np.int64)
    places, counts = np.unique(np.unique(np.stack([tick, samples.i[beyond]]), axis=1)[0], return_counts=True)
    extra[places] = counts
    return extra


def synaptic_operations(configuration: Configuration, result: Result) -> int:
    """Return how often PROP added a weight to a hidden membrane: every served event reaches all hidden units."""
    return int(result.visits.sum()) * configuration.n_hidden
