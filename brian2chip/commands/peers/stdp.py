"""NEST's stdp_synapse: pair STDP, all to all, additive to multiplicative."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, mu: float, delay_ms: float, weight: float = 0.5) -> Pairing:
    """Return NEST's constants, in which steps are parts of Wmax, and ours, in which they are changes of the weight."""
    step, alpha, w_max = 0.01, 0.85, 1.5
    return Pairing(
        name,
        synapse={"lambda": step, "alpha": alpha, "mu_plus": mu, "mu_minus": mu, "tau_plus": 16.8, "Wmax": w_max},
        neuron={"tau_minus": 33.7},
        ours={"A_plus": step * w_max, "A_minus": alpha * step * w_max, "mu": mu, "w_max": w_max, "tau_plus": 16.8 * ms}
        | {"tau_minus": 33.7 * ms},
        weight=weight,
        delay_ms=delay_ms,
    )


SCALE = "a step is lambda*Wmax in NEST, A_plus in ours"
PAIRINGS = (
    pairing("additive, delay 1 ms", 0.0, 1.0),
    pairing("mu 0.4, delay 0.5 ms", 0.4, 0.5),
    pairing("multiplicative, delay 0.1 ms", 1.0, 0.1),
)
PEERS = (spike_pairs("stdp_synapse", "stdp", PAIRINGS, SCALE),)
