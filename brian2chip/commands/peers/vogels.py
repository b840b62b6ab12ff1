"""NEST's vogels_sprekeler_synapse: inhibitory STDP that balances the rate of its target."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs


def pairing(name: str, eta: float, alpha: float, tau: float, weight: float, delay_ms: float) -> Pairing:
    """Return a configuration; in NEST the traces of both sides have constants of their own, which the rule has equal."""
    constants = {"eta": eta, "alpha": alpha}
    return Pairing(
        name,
        synapse={**constants, "tau": tau, "Wmax": 100.0},
        neuron={"tau_minus": tau},
        ours={**constants, "tau": tau * ms, "w_max": 100.0},
        weight=weight,
        delay_ms=delay_ms,
    )


PAIRINGS = (
    pairing("NEST's test, delay 1 ms", 0.001, 0.1, 20.0, 5.0, 1.0),
    pairing("alpha 0.12 and tau 35 ms, delay 0.1 ms", 0.01, 0.12, 35.0, 1.0, 0.1),
)
PEERS = (spike_pairs("vogels_sprekeler_synapse", "vogels_sprekeler", PAIRINGS),)
