"""Bursting: all cores have much to do at once, and long pauses between."""

from __future__ import annotations

import numpy as np
from brian2.units import ms, mV

from brian2chip.chips.spinnaker2_networks.recorded import Connections, LoadNetwork
from brian2chip.models.lif import LIF

NEURONS, CORES = 1000, 1
#: Inputs of a neuron, step of the synaptic current, delays in steps.
INPUTS, EXCITE, DELAYS = 100, 6e-12, (1, 6)
#: Constant inputs: most neurons stay below their threshold of 200 pA, the others begin each burst.
CURRENTS = (150e-12, 202e-12)


def connections(rng: np.random.Generator) -> Connections:
    """Return a sparse random network of excitatory neurons."""
    source = np.concatenate([rng.choice(NEURONS, INPUTS, replace=False) for _ in range(NEURONS)])
    target = np.repeat(np.arange(NEURONS), INPUTS)
    delay = rng.integers(*DELAYS, len(source))
    v, current = rng.uniform(-0.07, -0.055, NEURONS), rng.uniform(*CURRENTS, NEURONS)
    return Connections(source, target, np.full(len(source), EXCITE), delay, np.arange(NEURONS) % CORES, v, current)


NETWORK = LoadNetwork(
    name="bursting",
    about="1,000 excitatory neurons, sparse and random, some of which fire by themselves; a long pause ends a burst; constants are ours",
    model=LIF,
    connections=connections,
    parameters={"t_ref": 40 * ms, "v_reset": -75 * mV},
)
