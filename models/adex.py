"""Adaptive exponential integrate-and-fire neuron (AdEx)."""

from brian2.units import ms, mV, nA, nS, pF

from brian2chip.core.model import Model

# In the model v grows to infinity in finite time; v_cut ends that upswing, so far up that its value moves a
# spike by one step at most.
ADEX = Model(
    name="adex",
    source="Brette & Gerstner 2005, J Neurophysiol 94:3637, eqs 2-3",
    equations="""
    dv/dt = (g_L*(E_L - v) + g_L*Delta_T*exp((v - V_T)/Delta_T) - w + I)/C : volt
    dw/dt = (a*(v - E_L) - w)/tau_w : amp
    I : amp
    """,
    threshold="v > v_cut",
    reset="v = v_reset; w += b",
    method="euler",
    initial={"v": -70.6 * mV},
    parameters={
        "C": 281 * pF,
        "g_L": 30 * nS,
        "E_L": -70.6 * mV,
        "V_T": -50.4 * mV,
        "Delta_T": 2 * mV,
        "tau_w": 144 * ms,
        "a": 4 * nS,
        "b": 0.0805 * nA,
        "v_reset": -70.6 * mV,
        "v_cut": 0 * mV,
    },
    bounds={"C": (1e-6 * pF, None), "g_L": (0 * nS, None), "Delta_T": (1e-6 * mV, None), "tau_w": (1e-6 * ms, None)},
)
