"""Synfire chain: a packet of spikes travels round a ring of groups, so that one core has much to do while the others wait."""

from __future__ import annotations

import numpy as np
from brian2.units import mV

from brian2chip.chips.spinnaker2_networks.recorded import Connections, LoadNetwork
from brian2chip.models.lif import LIF

#: Groups of excitatory and inhibitory neurons, two to a core.
GROUPS, EXCITATORY, INHIBITORY, CORES = 8, 200, 50, 4
SIZE = EXCITATORY + INHIBITORY
#: Inputs of a neuron, from the group before (excitatory) and its own (inhibitory); step of the synaptic current, and delays in steps.
FROM_BEFORE, FROM_OWN = 60, 25
EXCITE, INHIBIT = 40e-12, -60e-12
DELAY, DELAY_INHIBIT = 10, 8


def connections(rng: np.random.Generator) -> Connections:
    """Return the ring; the excitatory neurons of the first group begin above their threshold."""
    source, target, weight, delay = [], [], [], []
    for group in range(GROUPS):
        before, own = (group - 1) % GROUPS * SIZE, group * SIZE
        for neuron in range(own, own + SIZE):
            chosen = before + rng.choice(EXCITATORY, FROM_BEFORE, replace=False)
            source += [*chosen]
            weight += [EXCITE] * FROM_BEFORE
            delay += [DELAY] * FROM_BEFORE
            if neuron < own + EXCITATORY:
                source += [*(own + EXCITATORY + rng.choice(INHIBITORY, FROM_OWN, replace=False))]
                weight += [INHIBIT] * FROM_OWN
                delay += [DELAY_INHIBIT] * FROM_OWN
            target += [neuron] * (len(source) - len(target))
    n = GROUPS * SIZE
    v = np.full(n, -0.07)
    v[:EXCITATORY] = -0.045
    core = np.arange(n) // (n // CORES)
    return Connections(*(np.array(a) for a in (source, target, weight, delay)), core, v, np.zeros(n))


NETWORK = LoadNetwork(
    name="synfire_chain",
    about="eight groups of 200 excitatory and 50 inhibitory neurons in a ring, two groups to a core; sizes and constants are ours",
    model=LIF,
    connections=connections,
    parameters={"v_reset": -70 * mV},
)
