"""Voltage-based STDP with homeostasis of Clopath, Busing, Vasilaki & Gerstner 2010: reads its neuron's voltage and its low-passed copies."""

from brian2.units import ms, mV

from brian2chip.core.rule import Rule

CLOPATH = Rule(
    name="clopath",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344; constants as in NEST's clopath_synapse and its example",
    model="""
        x_bar = x_last*exp(-(t - t_last)/tau_x) : Hz
        x_last : Hz
        t_last : second
        dw/dt = clip(LTP, (w_min - w)/dt, (w_max - w)/dt) : 1 (clock-driven)
        LTP = A_LTP*x_bar*above*(u_post - theta_plus)*(u_bar_plus_post - theta_minus) : Hz
        above = int(u_post > theta_plus)*int(u_bar_plus_post > theta_minus) : 1
    """,
    on_pre="""
        A = A_LTD*(1 - homeostasis + homeostasis*u_bar_bar_post/u_ref**2)
        w = clip(w - A*(u_bar_minus_post - theta_minus)*int(u_bar_minus_post > theta_minus), w_min, w_max)
        x_last = x_bar + 1/tau_x
        t_last = t
    """,
    parameters={
        "A_LTD": 14e-5 / mV,
        "A_LTP": 8e-5 / mV**2,
        "theta_minus": -70.6 * mV,
        "theta_plus": -45.3 * mV,
        "tau_x": 15 * ms,
        "homeostasis": 0.0,
        "u_ref": 60**0.5 * mV,
        "w_min": 0.0,
        "w_max": 100.0,
    },
    initial={"w": 0.5},
    post="adex_clopath",
    devices=("numpy", "cython", "cpp_standalone"),
)
