"""Voltage-based STDP with homeostasis (Clopath, Busing, Vasilaki & Gerstner 2010): reads its neuron's voltage and filtered voltages."""

import numpy as np
from brian2.units import ms, mV

from brian2chip.core.rule import Rule
from brian2chip.models.adex_clopath import ADEX_CLOPATH

STEP = 1e-4  # s, of the oracle


def step_by_step(pre, post, p, initial):
    """Return the weight after the last spike, for an AdEx neuron at rest to which ``post`` happens; all in SI.

    Every equation of the paper is integrated at every step, the neuron's by Runge-Kutta; the filtered voltages are those of ``delay`` ago.
    """
    q = {name: float(np.asarray(value)) for name, value in ADEX_CLOPATH.parameters.items()}
    y = np.array([q["E_L"], 0.0, 0.0, q["V_T_rest"], q["E_L"], q["E_L"], 0.0])
    pre, post = ({round(t / STEP) for t in times} for times in (pre, post))
    back, held = round(q["delay"] / STEP), round(q["t_clamp"] / STEP)
    w, x, since, past = float(initial["w"]), 0.0, np.inf, []

    def seen(y, shown):
        return q["v_clamp"] if shown else min(y[0], q["v_peak"])

    def slope(y, shown):
        u, (_, w_ad, z, v_t, plus, minus, average) = seen(y, shown), y
        upswing = q["g_L"] * q["Delta_T"] * np.exp((u - v_t) / q["Delta_T"])
        dv = 0.0 if shown else (q["g_L"] * (q["E_L"] - u) + upswing - w_ad + z) / q["C"]
        dw_ad = 0.0 if shown else (q["a"] * (u - q["E_L"]) - w_ad) / q["tau_w"]
        filters = (u - plus) / q["tau_plus"], (u - minus) / q["tau_minus"], ((u - q["E_L"]) ** 2 - average) / q["tau_bar_bar"]
        return np.array([dv, dw_ad, -z / q["tau_z"], (q["V_T_rest"] - v_t) / q["tau_V_T"], *filters])

    for k in range(max(pre | post) + 1 + held):
        shown = since <= held
        u, average = seen(y, shown), y[6]
        past.append(y[4:6])
        plus, minus = past[k - back] if k >= back else past[k]
        above = max(u - p["theta_plus"], 0.0) * max(plus - p["theta_minus"], 0.0)
        w = min(max(w + STEP * p["A_LTP"] * x * above, p["w_min"]), p["w_max"])
        k1 = slope(y, shown)
        k2 = slope(y + STEP / 2 * k1, shown)
        k3 = slope(y + STEP / 2 * k2, shown)
        y = y + STEP / 6 * (k1 + 2 * k2 + 2 * k3 + slope(y + STEP * k3, shown))
        if k in pre:
            share = 1 - p["homeostasis"] + p["homeostasis"] * average / p["u_ref"] ** 2
            w = min(max(w - p["A_LTD"] * share * max(minus - p["theta_minus"], 0.0), p["w_min"]), p["w_max"])
            x += 1 / p["tau_x"]
        x *= np.exp(-STEP / p["tau_x"])
        since += 1
        if k in post:
            y[:4] = q["v_reset"], y[1] + q["b"], q["I_sp"], q["V_T_max"]
            since = 1
    return {"w": w}


CLOPATH = Rule(
    name="clopath",
    source="Clopath, Busing, Vasilaki & Gerstner 2010, Nat Neurosci 13:344; constants as in NEST's clopath_synapse and its example",
    # LTP while the neuron is depolarised, LTD at presynaptic spikes. x_bar is the low-passed presynaptic train; between spikes it is known
    # from its value after the last one.
    model="""
        dw/dt = clip(LTP, (w_min - w)/dt, (w_max - w)/dt) : 1 (clock-driven)
        LTP = A_LTP*x_bar*(u_post - theta_plus)*(u_bar_plus_post - theta_minus)*above : Hz
        above = int(u_post > theta_plus)*int(u_bar_plus_post > theta_minus) : 1
        x_bar = x_last*exp(-(t - t_last)/tau_x) : Hz
        x_last : Hz
        t_last : second
    """,
    # The paper scales LTD by the mean squared depolarisation over u_ref**2; where that mean is to be fixed, homeostasis is 0.
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
    bounds={
        "A_LTD": (0 / mV, None),
        "A_LTP": (0 / mV**2, None),
        "tau_x": (0.1 * ms, 10000 * ms),
        "homeostasis": (0, 1),
        "u_ref": (1e-3 * mV, None),
    },
    initial={"w": 0.5},
    convention="LTD at presynaptic spikes, from the voltage filtered up to then; LTP between them. At equal times LTP comes first.",
    post="adex_clopath",
    devices=("numpy", "cython", "cpp_standalone"),
    presets={
        "visual_cortex": {"A_LTD": 14e-5 / mV, "A_LTP": 8e-5 / mV**2, "tau_x": 15 * ms, "homeostasis": 0.0},
        "visual_cortex_homeostasis": {"homeostasis": 1.0, "u_ref": 60**0.5 * mV},
    },
    oracle=step_by_step,
    tissue="visual cortex",
)
