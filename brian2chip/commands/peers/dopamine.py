"""NEST's stdp_dopamine_synapse: pair STDP whose eligibility dopamine turns into a change."""

from brian2.units import ms

from brian2chip.commands.peers._spike_pairs import Pairing, spike_pairs

#: Concentration of dopamine above its baseline, in NEST's unit of 1/ms.
DOPAMINE = 0.004


def transmitter(nest):
    """Return the volume transmitter that NEST's synapse asks for; no dopamine neuron fires."""
    return {"volume_transmitter": nest.Create("volume_transmitter")}


def pairing(name: str, A_plus: float, A_minus: float, tau_c: float, delay_ms: float) -> Pairing:
    """Return a configuration; a baseline of -DOPAMINE is a constant concentration of it."""
    return Pairing(
        name,
        synapse={"A_plus": A_plus, "A_minus": A_minus, "tau_plus": 20.0, "tau_c": tau_c, "b": -DOPAMINE, "Wmin": 0.0, "Wmax": 200.0},
        neuron={"tau_minus": 25.0},
        ours={"A_plus": A_plus, "A_minus": A_minus, "tau_plus": 20 * ms, "tau_minus": 25 * ms, "tau_c": tau_c * ms, "tau_s": 1 * ms}
        | {"s_max": 200.0},
        weight=5.0,
        delay_ms=delay_ms,
    )


PAIRINGS = (
    pairing("eligibility of 1 s, delay 1 ms", 0.1, 0.15, 1000.0, 1.0),
    pairing("eligibility of 100 ms, delay 0.1 ms", 0.3, 0.1, 100.0, 0.1),
)
CONSTANT = (
    "dopamine is constant, which in NEST is a negative baseline; NEST integrates between spikes exactly, Brian2 by Euler's method, "
    "so 2e-4 is allowed; tau_s is 1 ms, as NEST counts in ms; trains in which spikes meet are left out"
)
PEERS = (
    spike_pairs(
        "stdp_dopamine_synapse",
        "izhikevich_2007",
        PAIRINGS,
        CONSTANT,
        meeting=False,
        tolerance=2e-4,
        prepare=transmitter,
        variable="s",
        third_factors={"dopamine": DOPAMINE},
    ),
)
