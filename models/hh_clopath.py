"""Hodgkin-Huxley neuron with alpha-shaped currents and the filtered voltages that Clopath's rule reads, as in NEST."""

from brian2.units import ms, mV, nS, pF

from brian2chip.core.model import Model
from brian2chip.engine.functions.delayed import delayed

# The spike is part of the voltage here, so nothing is clamped. m, h and n start at their equilibrium for -65 mV. A spike is counted when
# v rises above v_spike; NEST counts at the maximum, which plasticity does not see.
HH_CLOPATH = Model(
    name="hh_clopath",
    source="Hodgkin & Huxley 1952, J Physiol 117:500; constants of NEST's hh_psc_alpha_clopath, delay and filters as in its test",
    equations="""
    dv/dt = (g_Na*m**3*h*(E_Na - v) + g_K*n**4*(E_K - v) + g_L*(E_L - v) + I_ex + I)/C : volt
    dm/dt = alpha_m*(1 - m) - beta_m*m : 1
    dh/dt = alpha_h*(1 - h) - beta_h*h : 1
    dn/dt = alpha_n*(1 - n) - beta_n*n : 1
    alpha_m = 1/ms/exprel(-(v + 40*mV)/(10*mV)) : Hz
    beta_m = 4/ms*exp(-(v + 65*mV)/(18*mV)) : Hz
    alpha_h = 0.07/ms*exp(-(v + 65*mV)/(20*mV)) : Hz
    beta_h = 1/ms/(1 + exp(-(v + 35*mV)/(10*mV))) : Hz
    alpha_n = 0.1/ms/exprel(-(v + 55*mV)/(10*mV)) : Hz
    beta_n = 0.125/ms*exp(-(v + 65*mV)/(80*mV)) : Hz
    dI_ex/dt = J_ex - I_ex/tau_ex : amp
    dJ_ex/dt = -J_ex/tau_ex : amp/second

    du_plus/dt = (v - u_plus)/tau_plus : volt
    du_minus/dt = (v - u_minus)/tau_minus : volt
    du_square/dt = ((v - v_rest)**2 - u_square)/tau_bar_bar : volt**2
    u = v : volt (constant over dt)
    u_bar_plus = delayed(1, u_plus, i, N, t_in_timesteps, timestep(delay, dt)) : volt (constant over dt)
    u_bar_bar = u_square : volt**2 (constant over dt)
    u_bar_minus = delayed(2, u_minus, i, N, t_in_timesteps, timestep(delay, dt)) : volt (constant over dt)
    I : amp
    """,
    threshold="v > v_spike",
    reset="",
    refractory="v > v_spike",
    method="rk4",
    initial={
        "v": -64.9 * mV,
        "m": 0.052932485257249577,
        "h": 0.59612075350846028,
        "n": 0.31767691406069742,
        "u_plus": -64.9 * mV,
        "u_minus": -64.9 * mV,
    },
    parameters={
        "C": 100 * pF,
        "g_Na": 12000 * nS,
        "g_K": 3600 * nS,
        "g_L": 30 * nS,
        "E_Na": 50 * mV,
        "E_K": -77 * mV,
        "E_L": -54.402 * mV,
        "v_rest": -64.9 * mV,
        "v_spike": 0 * mV,
        "tau_ex": 0.2 * ms,
        "tau_plus": 114 * ms,
        "tau_minus": 10 * ms,
        "tau_bar_bar": 500 * ms,
        "delay": 5 * ms,
    },
    bounds={
        "C": (1e-6 * pF, None),
        **{tau: (1e-3 * ms, None) for tau in ("tau_ex", "tau_plus", "tau_minus", "tau_bar_bar")},
        "delay": (0 * ms, 1000 * ms),
    },
    dt=5e-5,
    functions={"delayed": delayed},
)
