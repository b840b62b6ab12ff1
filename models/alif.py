"""Adaptive integrate-and-fire neuron: every spike raises the threshold, which then decays slowly."""

from brian2.units import ms

from brian2chip.core.model import Model

# The membrane keeps integrating while the neuron is refractory; only its spikes are withheld.
ALIF = Model(
    name="alif",
    source="Bellec, Scherr et al. 2020, Nat Commun 11:3625 (ALIF neuron); constants of the published evidence-accumulation code",
    equations="""
    dv/dt = -v/tau_m + I : 1
    da/dt = -a/tau_a : 1
    v_adaptive = v_threshold + beta*a : 1
    I : Hz
    """,
    threshold="v > v_adaptive",
    reset="v -= v_threshold; a += 1",
    refractory="t_ref",
    method="exact",
    parameters={"tau_m": 20 * ms, "tau_a": 2000 * ms, "v_threshold": 0.6, "beta": 0.0174, "t_ref": 5 * ms},
    bounds={"tau_m": (1e-6 * ms, None), "tau_a": (1e-6 * ms, None), "beta": (0, None), "t_ref": (0 * ms, None)},
)
