"""Soma and dendrite of Urbanczik & Senn 2014: the soma fires stochastically, and the dendrite predicts the rate."""

from brian2.units import kHz, ms, mV, nS, pF

from brian2chip.core.model import Model

# In the paper voltages have no unit; here, as in NEST, one of the paper's is V_unit. The dendrite sees nothing of the soma. phi is the rate
# at which the soma fires at its voltage, phi_star that of the voltage V_star at which the dendrite alone would hold it, and h_star the
# logarithmic derivative of phi there.
URBANCZIK_SENN = Model(
    name="urbanczik_senn",
    source="Urbanczik & Senn 2014, Neuron 81:521; constants of NEST's pp_cond_exp_mc_urbanczik",
    equations="""
    dv/dt = (g_L*(E_L - v) + g_sp*(V_w - v) + g_ex*(E_ex - v) + g_in*(E_in - v) + I)/C : volt
    dV_w/dt = (g_w*(E_L - V_w) + I_w)/C_w : volt
    dI_w/dt = -I_w/tau_s : amp
    dg_ex/dt = -g_ex/tau_ex : siemens
    dg_in/dt = -g_in/tau_in : siemens

    phi = phi_max/(1 + k*exp((theta - v)*beta)) : Hz
    V_star = (g_L*E_L + g_sp*V_w)/(g_L + g_sp) : volt
    phi_star = phi_max/(1 + k*exp((theta - V_star)*beta)) : Hz
    h_star = V_unit*beta/(1 + exp((V_star - theta)*beta)/k) : 1
    I : amp
    """,
    threshold="rand() < phi*dt",
    reset="",
    refractory="t_ref",
    method="rk4",
    initial={"v": -70 * mV, "V_w": -70 * mV},
    parameters={
        "C": 300 * pF,
        "g_L": 30 * nS,
        "E_L": -70 * mV,
        "g_sp": 600 * nS,
        "E_ex": 0 * mV,
        "E_in": -75 * mV,
        "tau_ex": 3 * ms,
        "tau_in": 3 * ms,
        "C_w": 300 * pF,
        "g_w": 30 * nS,
        "tau_s": 3 * ms,
        "phi_max": 0.15 * kHz,
        "k": 0.5,
        "beta": 1 / (3 * mV),
        "theta": -55 * mV,
        "V_unit": 15 * mV,
        "t_ref": 3 * ms,
    },
    bounds={
        **{C: (1e-6 * pF, None) for C in ("C", "C_w")},
        **{g: (0 * nS, None) for g in ("g_L", "g_sp", "g_w")},
        **{tau: (1e-3 * ms, None) for tau in ("tau_ex", "tau_in", "tau_s")},
        "phi_max": (0 * kHz, None),
        "k": (0, None),
        "t_ref": (0 * ms, None),
    },
    prescribed=False,  # its spikes are the soma's answer to its voltage, which is what the rule learns to predict
)
