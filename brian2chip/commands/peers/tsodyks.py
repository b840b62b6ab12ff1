"""NEST's tsodyks2_synapse: short-term depression and facilitation."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, U: float, tau_rec: float, tau_fac: float) -> Pairing:
    """Return a configuration that starts at rest; a tau_fac of 0 is 1 us in ours, which no interval sees."""
    return Pairing(
        name,
        synapse={"U": U, "u": U, "x": 1.0, "tau_rec": tau_rec, "tau_fac": tau_fac, "weight": 1.0},
        neuron={},
        ours={"U": U, "tau_rec": tau_rec * ms, "tau_fac": (tau_fac or 0.001) * ms},
        weight=None,
    )


PAIRINGS = (
    pairing("depressing: U 0.5, tau_rec 800 ms", 0.5, 800.0, 0.0),
    pairing("facilitating: U 0.03, tau_rec 130 ms, tau_fac 530 ms", 0.03, 130.0, 530.0),
    pairing("both: U 0.1, tau_rec 100 ms, tau_fac 1 s", 0.1, 100.0, 1000.0),
)
PEERS = (spike_pairs("tsodyks2_synapse", "tsodyks_markram", PAIRINGS, "compared is what a spike releases of a weight of 1"),)
