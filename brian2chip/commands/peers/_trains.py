"""Spike trains for a synapse: random ones in which no spikes meet, random ones in which many do, and those of NEST's own tests."""

from __future__ import annotations

import numpy as np

#: Steps of 0.1 ms, and spikes of a random train.
STEP_MS, STEPS, SPIKES = 0.1, 6000, 40
#: The hard-coded trains of NEST's tests of its STDP synapses, ms (testsuite, test_stdp_pl_synapse_hom.py and test_stdp_nn_synapses.py).
NEST_LONG = (
    (1, 5, 6, 7, 9, 11, 12, 13, 14.5, 16.1, 21, 25, 26, 27, 29, 31, 32, 33, 34.5, 36.1),
    (2, 3, 4, 8, 9, 10, 12, 12.2, 14.1, 15.4, 22, 23, 24, 28, 29, 30, 32, 33.2, 35.1, 36.4),
)
NEST_SHORT = ((1, 5, 6, 7, 9, 11, 12, 13), (2, 3, 4, 8, 9, 10, 12))

Train = tuple[np.ndarray, np.ndarray]


def trains(delay: int) -> dict[str, Train]:
    """Return (pre, post) in steps by name, for postsynaptic spikes that reach the synapse ``delay`` steps later.

    Every train begins with a presynaptic spike: before one, some of NEST's synapses take the time 0 for a spike.
    """
    found = {f"apart, seed {seed}": _random(seed, delay, meet=False) for seed in (1, 2, 3)}
    found |= {f"meeting, seed {seed}": _random(seed, delay, meet=True) for seed in (4, 5)}
    for name, (pre, post) in (("NEST's test", NEST_LONG), ("NEST's test, short", NEST_SHORT)):
        found[name] = (np.rint(np.array(pre) / STEP_MS).astype(int), np.rint(np.array(post) / STEP_MS).astype(int))
    return found


def meet(train: Train, delay: int) -> bool:
    """Return whether a presynaptic spike and a delayed postsynaptic one are at the synapse at one time."""
    return bool(np.intersect1d(train[0], train[1] + delay).size)


def _random(seed: int, delay: int, meet: bool) -> Train:
    rng = np.random.default_rng(seed)
    pre, post = (np.unique(rng.integers(20, STEPS, SPIKES)) for _ in range(2))
    pre = np.unique(np.r_[10, pre])
    if meet:
        return pre, np.unique(np.r_[post, pre[3::3] - delay])
    return pre, np.setdiff1d(post, pre - delay)
