"""SDSP of Brader, Senn & Fusi 2007: a bistable synapse that reads the membrane and the calcium of its neuron at presynaptic spikes."""

import numpy as np
from brian2.units import Hz

from brian2chip.core.rule import Rule
from brian2chip.models.brader import BRADER


def event_by_event(pre, post, p, initial):
    """Return X just after the last presynaptic spike, for a neuron that fires ``post`` under its teacher; all in SI.

    From the paper: the state of the neuron at each presynaptic spike is computed from the list of its own earlier spikes.
    """
    neuron = {name: float(np.asarray(value)) for name, value in BRADER.parameters.items()}
    X, last = float(initial["X"]), 0.0
    for t in sorted(pre):
        earlier = [s for s in post if s < t - 1e-9]
        calcium = neuron["J_C"] * sum(np.exp(-(t - s) / neuron["tau_C"]) for s in earlier)
        depolarised = any(s - neuron["pulse"] - 1e-9 <= t <= s + 1e-9 for s in post)
        rate = p["alpha"] if X > p["theta_X"] else -p["beta"]
        X = min(max(X + rate * (t - last), 0.0), 1.0)
        if depolarised and p["theta_up_low"] < calcium < p["theta_up_high"]:
            X = min(X + p["a"], 1.0)
        elif not depolarised and p["theta_down_low"] < calcium < p["theta_down_high"]:
            X = max(X - p["b"], 0.0)
        last = t
    return {"X": X}


SDSP = Rule(
    name="sdsp",
    source="Brader, Senn & Fusi 2007, Neural Comput 19:2881 (synaptic dynamics; constants of its published ports)",
    model="""
        X : 1            # internal variable
        t_last : second  # last presynaptic spike
    """,
    # Between presynaptic spikes X moves away from theta_X and never across it, so its drift is exact when it is made up for at the
    # next one.
    on_pre="""
        X = clip(X + (alpha*int(X > theta_X) - beta*int(X <= theta_X))*(t - t_last), 0, 1)
        up = int(v_post > theta_V)*int(C_post > theta_up_low)*int(C_post < theta_up_high)
        down = int(v_post <= theta_V)*int(C_post > theta_down_low)*int(C_post < theta_down_high)
        X = clip(X + a*up - b*down, 0, 1)
        t_last = t
    """,
    parameters={
        "a": 0.1,
        "b": 0.1,
        "alpha": 3.5 * Hz,
        "beta": 3.5 * Hz,
        "theta_X": 0.5,
        "theta_V": 0.8,
        "theta_up_low": 3.0,
        "theta_up_high": 13.0,
        "theta_down_low": 3.0,
        "theta_down_high": 4.0,
    },
    bounds={"a": (0, 1), "b": (0, 1), "alpha": (0 * Hz, None), "beta": (0 * Hz, None), "theta_X": (0, 1)},
    initial={"X": [0.0, 1.0]},
    weight="int(X > theta_X)",
    convention="Changes at presynaptic spikes; at equal times the presynaptic spike sees the membrane that fires and the calcium before.",
    post="brader",
    devices=("numpy", "cython", "cpp_standalone"),
    oracle=event_by_event,
)
