"""Asynchronous irregular activity: every core has a steady load."""

from __future__ import annotations

import numpy as np
from brian2.units import mV

from brian2chip.chips.spinnaker2_networks.recorded import Connections, LoadNetwork
from brian2chip.models.lif import LIF

EXCITATORY, INHIBITORY, CORES = 800, 200, 1
#: Inputs of a neuron, step of the synaptic current by an excitatory and an inhibitory spike, and delays in steps.
FROM_EXCITATORY, FROM_INHIBITORY = 80, 20
EXCITE, INHIBIT = 25e-12, -150e-12
DELAYS = (1, 16)
#: Constant input: the membrane would settle 5 mV above the threshold.
CURRENT = 260e-12


def connections(rng: np.random.Generator) -> Connections:
    """Return a sparse random network in which inhibition outweighs excitation; each core has its share of both."""
    n, source, target = EXCITATORY + INHIBITORY, [], []
    for neuron in range(n):
        source += [*rng.choice(EXCITATORY, FROM_EXCITATORY, replace=False)]
        source += [*(EXCITATORY + rng.choice(INHIBITORY, FROM_INHIBITORY, replace=False))]
        target += [neuron] * (FROM_EXCITATORY + FROM_INHIBITORY)
    source, target = np.array(source), np.array(target)
    weight = np.where(source < EXCITATORY, EXCITE, INHIBIT)
    delay = rng.integers(*DELAYS, len(source))
    return Connections(source, target, weight, delay, np.arange(n) % CORES, rng.uniform(-0.07, -0.05, n), np.full(n, CURRENT))


NETWORK = LoadNetwork(
    name="asynchronous_irregular",
    about="800 excitatory and 200 inhibitory neurons, sparse and random, inhibition stronger; sizes and constants are ours",
    model=LIF,
    connections=connections,
    parameters={"v_reset": -60 * mV},
)
