"""STDP with power-law potentiation and multiplicative depression of Morrison, Aertsen & Diesmann 2007."""

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return the final state from the sums over all earlier spikes of the other side; ``p`` and times in SI."""
    w, seen = float(initial["w"]), ([], [])
    for t, kind in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
        if kind == 0:
            w -= p["eta"] * p["alpha"] * w * sum(np.exp(-(t - s) / p["tau_minus"]) for s in seen[1])
        else:
            w += p["eta"] * p["w_0"] ** (1 - p["mu"]) * w ** p["mu"] * sum(np.exp(-(t - s) / p["tau_plus"]) for s in seen[0])
        w = max(w, 0.0)
        seen[kind].append(t)
    return {"w": w}


STDP_POWER_LAW = Rule(
    name="stdp_power_law",
    source="Morrison, Aertsen & Diesmann 2007, Neural Comput 19:1437; constants of NEST's hpc_benchmark, which names it",
    model="""
        dx/dt = -x/tau_plus : 1 (event-driven)   # trace of presynaptic spikes
        dy/dt = -y/tau_minus : 1 (event-driven)  # trace of postsynaptic spikes
        w : 1
    """,
    on_pre="""
        w = clip(w - eta*alpha*w*y, 0, inf)
        x += 1
    """,
    on_post="""
        w = w + eta*w_0**(1 - mu)*w**mu*x
        y += 1
    """,
    # eta is the lambda of the paper, a word of Python's. A weight of w_0 grows by eta of itself; NEST has w_0 = 1 pA. The network of
    # hpc_benchmark starts from 0.14 mV, which are 45.61 pA by the function in it: the weight 1 of our protocols.
    parameters={
        "tau_plus": 15 * ms,
        "tau_minus": 30 * ms,
        "eta": 0.1,
        "alpha": 0.0513,
        "mu": 0.4,
        "w_0": 1 / 45.61,
    },
    bounds={
        "tau_plus": (0.1 * ms, 10000 * ms),
        "tau_minus": (0.1 * ms, 10000 * ms),
        "eta": (0, None),
        "alpha": (0, None),
        "mu": (0, 1),
        "w_0": (0, None),
    },
    initial={"w": 1.0},
    convention="dt = t_post - t_pre; dt > 0 potentiates; at equal times the presynaptic spike acts first.",
    # The default constants of NEST 3.10's stdp_pl_synapse_hom and of its neurons.
    presets={"nest_default": {"tau_plus": 20 * ms, "tau_minus": 20 * ms, "eta": 0.1, "alpha": 1.0, "mu": 0.4, "w_0": 1.0}},
    oracle=event_by_event,
)
