"""NEST's stdp_pl_synapse_hom: power-law STDP."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, alpha: float, weight: float, delay_ms: float) -> Pairing:
    """Return a configuration with the constants of NEST's test but for alpha and the start."""
    constants = {"alpha": alpha, "mu": 0.4}
    return Pairing(
        name,
        synapse={**constants, "lambda": 0.1, "tau_plus": 20.0},
        neuron={"tau_minus": 33.7},
        ours={**constants, "eta": 0.1, "w_0": 1.0, "tau_plus": 20 * ms, "tau_minus": 33.7 * ms},
        weight=weight,
        delay_ms=delay_ms,
    )


PAIRINGS = (
    pairing("NEST's test, delay 1 ms", 1.0, 0.5, 1.0),
    pairing("NEST's test, delay 0.1 ms", 1.0, 0.5, 0.1),
    pairing("start 45 and alpha 0.0513 as in hpc_benchmark, delay 1.5 ms", 0.0513, 45.0, 1.5),
)
PEERS = (spike_pairs("stdp_pl_synapse_hom", "stdp_power_law", PAIRINGS, "lambda is eta in ours, and w_0 is 1"),)
