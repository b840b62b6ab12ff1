"""Leaky integrate-and-fire neurons: current-based and conductance-based, with a refractory period."""

from brian2.units import Mohm, ms, mV

from brian2chip.core.model import Model

LIF = Model(
    name="lif",
    source="Gerstner, Kistler, Naud & Paninski 2014, Neuronal Dynamics, eqs 1.5 and 1.9, with an exponential synaptic current",
    equations="""
    dv/dt = (E_L - v + R_m*(I + I_syn))/tau_m : volt (unless refractory)
    dI_syn/dt = -I_syn/tau_syn : amp
    I : amp
    """,
    threshold="v > v_threshold",
    reset="v = v_reset",
    refractory="t_ref",
    method="exact",
    initial={"v": -70 * mV},
    parameters={
        "tau_m": 20 * ms,
        "tau_syn": 5 * ms,
        "R_m": 100 * Mohm,
        "E_L": -70 * mV,
        "v_threshold": -50 * mV,
        "v_reset": -60 * mV,
        "t_ref": 2 * ms,
    },
    bounds={"tau_m": (1e-6 * ms, None), "tau_syn": (1e-6 * ms, None), "R_m": (0 * Mohm, None), "t_ref": (0 * ms, None)},
)
"""Leaky integrate-and-fire neuron with an exponential synaptic current and a refractory period."""

# Conductances are in units of the leak conductance, so R_m appears with the injected current alone.
# Exponential Euler solves v exactly while the conductances are held over a step.
LIF_CONDUCTANCE = Model(
    name="lif_conductance",
    source="Song, Miller & Abbott 2000, Nat Neurosci 3:919, with the constants of Brian2's example synapses/STDP.py",
    equations="""
    dv/dt = (E_L - v + g_e*(E_e - v) + g_i*(E_i - v) + R_m*I)/tau_m : volt (unless refractory)
    dg_e/dt = -g_e/tau_e : 1
    dg_i/dt = -g_i/tau_i : 1
    I : amp
    """,
    threshold="v > v_threshold",
    reset="v = v_reset",
    refractory="t_ref",
    method="exponential_euler",
    initial={"v": -74 * mV},
    parameters={
        "tau_m": 10 * ms,
        "tau_e": 5 * ms,
        "tau_i": 5 * ms,
        "R_m": 100 * Mohm,
        "E_L": -74 * mV,
        "E_e": 0 * mV,
        "E_i": -74 * mV,
        "v_threshold": -54 * mV,
        "v_reset": -60 * mV,
        "t_ref": 0 * ms,
    },
    bounds={
        "tau_m": (1e-6 * ms, None),
        "tau_e": (1e-6 * ms, None),
        "tau_i": (1e-6 * ms, None),
        "R_m": (0 * Mohm, None),
        "t_ref": (0 * ms, None),
    },
    excitatory="g_e_post += drive",
)
"""Leaky integrate-and-fire neuron with excitatory and inhibitory conductances."""
