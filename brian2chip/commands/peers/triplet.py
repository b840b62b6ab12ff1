"""NEST's stdp_triplet_synapse: triplet STDP, all to all."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, A: tuple[float, float, float, float], tau_x: float, tau_y: float, delay_ms: float) -> Pairing:
    """Return a configuration of the amplitudes A2+, A3+, A2-, A3-."""
    return Pairing(
        name,
        synapse={"Aplus": A[0], "Aplus_triplet": A[1], "Aminus": A[2], "Aminus_triplet": A[3], "Wmax": 100.0, "tau_plus": 16.8}
        | {"tau_plus_triplet": tau_x},
        neuron={"tau_minus": 33.7, "tau_minus_triplet": tau_y},
        ours={"A2_plus": A[0], "A3_plus": A[1], "A2_minus": A[2], "A3_minus": A[3], "tau_plus": 16.8 * ms, "tau_minus": 33.7 * ms}
        | {"tau_x": tau_x * ms, "tau_y": tau_y * ms, "all_to_all": 1.0},
        weight=1.0,
        delay_ms=delay_ms,
    )


PAIRINGS = (  # Pfister & Gerstner 2006, tables 3 and 4, all-to-all full
    pairing("visual cortex, delay 1 ms", (5e-10, 6.2e-3, 7e-3, 2.3e-4), 101.0, 125.0, 1.0),
    pairing("hippocampus, delay 0.1 ms", (6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3), 946.0, 27.0, 0.1),
)
PEERS = (spike_pairs("stdp_triplet_synapse", "triplet", PAIRINGS),)
