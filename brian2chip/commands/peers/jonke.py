"""NEST's jonke_synapse: STDP with exponential dependence on the weight."""

import numpy as np
from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, step: float, alpha: float, mu_minus: float, beta: float, delay_ms: float) -> Pairing:
    """Return a configuration with the remaining constants of NEST's test."""
    constants = {"alpha": alpha, "beta": beta, "mu_plus": -1.0, "mu_minus": mu_minus}
    return Pairing(
        name,
        synapse={**constants, "lambda": step, "Wmax": 100.0, "tau_plus": 36.8},
        neuron={"tau_minus": 33.7},
        ours={**constants, "eta": step, "w_max": 100.0, "tau_plus": 36.8 * ms, "tau_minus": 33.7 * ms},
        weight=2.0,
        delay_ms=delay_ms,
    )


PAIRINGS = (
    pairing("NEST's test, delay 0.1 ms", 0.1 * np.e, 1 / np.e, 0.0, 0.0, 0.1),
    pairing("mu- 0.2 and beta 0.01, delay 1 ms", 0.05, 0.1, 0.2, 0.01, 1.0),
)
BOUNDS = "lambda is eta in ours; NEST holds to Wmax where it potentiates and to 0 where it depresses, ours to both always (not reached)"
PEERS = (spike_pairs("jonke_synapse", "jonke", PAIRINGS, BOUNDS),)
