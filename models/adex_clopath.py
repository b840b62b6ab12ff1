"""AdEx with spike after-current, adaptive threshold and the filtered voltages that Clopath's rule reads (Clopath et al. 2010)."""

from brian2.units import ms, mV, nS, pA, pF

from brian2chip.core.model import Model
from brian2chip.engine.functions.delayed import delayed

# v is integrated; u is the voltage that filters and synapses see. Two options are not in the paper, but in the authors' code and in NEST,
# and the published figures need them: the spike, which u shows as v_clamp for t_clamp after it (Brian2 counts from the beginning of the
# step in which a neuron fires), and the delay after which synapses see the filtered voltages. t_clamp = 0*ms and delay = 0*ms leave them
# out. b is the 0.0805 of the authors' code, which is in pA there; 80.5 pA is that of Brette & Gerstner 2005 (preset "brette_gerstner").
ADEX_CLOPATH = Model(
    name="adex_clopath",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344; constants as in NEST's aeif_psc_delta_clopath and its test",
    equations="""
    dv/dt = (g_L*(E_L - V) + g_L*Delta_T*exp((V - V_T)/Delta_T) - w_ad + z + I)/C*(1 - spiking) : volt
    dw_ad/dt = (a*(V - E_L) - w_ad)/tau_w*(1 - spiking) : amp
    dz/dt = -z/tau_z : amp
    dV_T/dt = (V_T_rest - V_T)/tau_V_T : volt
    spiking = int(t - lastspike < t_clamp + dt/2) : 1 (constant over dt)
    V = clip(v, -1*volt, v_peak) + (v_clamp - v)*spiking : volt

    du_plus/dt = (V - u_plus)/tau_plus : volt
    du_minus/dt = (V - u_minus)/tau_minus : volt
    du_square/dt = ((V - E_L)**2 - u_square)/tau_bar_bar : volt**2
    u = V : volt (constant over dt)
    u_bar_plus = delayed(1, u_plus, i, N, t_in_timesteps, timestep(delay, dt)) : volt (constant over dt)
    u_bar_bar = u_square : volt**2 (constant over dt)
    u_bar_minus = delayed(2, u_minus, i, N, t_in_timesteps, timestep(delay, dt)) : volt (constant over dt)
    I : amp
    """,
    threshold="v >= v_peak",
    reset="v = v_reset; w_ad += b; z = I_sp; V_T = V_T_max",
    refractory="t_clamp",
    method="rk4",
    initial={"v": -70.6 * mV, "V_T": -50.4 * mV, "u_plus": -70.6 * mV, "u_minus": -70.6 * mV},
    parameters={
        "C": 281 * pF,
        "g_L": 30 * nS,
        "E_L": -70.6 * mV,
        "Delta_T": 2 * mV,
        "v_peak": 33 * mV,
        "v_reset": -49.6 * mV,
        "tau_w": 144 * ms,
        "a": 4 * nS,
        "b": 0.0805 * pA,
        "tau_z": 40 * ms,
        "I_sp": 400 * pA,
        "tau_V_T": 50 * ms,
        "V_T_rest": -50.4 * mV,
        "V_T_max": 30.4 * mV,
        "v_clamp": 33 * mV,
        "t_clamp": 2 * ms,
        "tau_plus": 7 * ms,
        "tau_minus": 10 * ms,
        "tau_bar_bar": 500 * ms,
        "delay": 4 * ms,
    },
    presets={"brette_gerstner": {"b": 80.5 * pA}},
    bounds={
        "C": (1e-6 * pF, None),
        "g_L": (0 * nS, None),
        "Delta_T": (1e-6 * mV, None),
        **{tau: (1e-3 * ms, None) for tau in ("tau_w", "tau_z", "tau_V_T", "tau_plus", "tau_minus", "tau_bar_bar")},
        "t_clamp": (0 * ms, None),
        "delay": (0 * ms, 1000 * ms),
    },
    excitatory="v_post += 0.5*mV*drive",
    functions={"delayed": delayed},
)
