"""STDP with exponential dependence on the weight and an offset at every spike, Jonke et al. 2017."""

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return the final state from the sums over all earlier spikes of the other side; ``p`` and times in SI."""
    w, seen = float(initial["w"]), ([], [])
    for t, kind in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
        if kind == 0:
            window = sum(np.exp(-(t - s) / p["tau_minus"]) for s in seen[1])
            w -= p["eta"] * (p["alpha"] * np.exp(p["mu_minus"] * w) * window + p["beta"])
        else:
            window = sum(np.exp(-(t - s) / p["tau_plus"]) for s in seen[0])
            w += p["eta"] * (np.exp(p["mu_plus"] * w) * window - p["beta"])
        w = min(max(w, 0.0), p["w_max"])
        seen[kind].append(t)
    return {"w": w}


JONKE = Rule(
    name="jonke",
    source="Jonke, Legenstein, Habenschuss & Maass 2017, arXiv 1705.07614; Nessler, Pfeiffer, Buesing & Maass 2013; form and constants of "
    "NEST's jonke_synapse and its test",
    model="""
        dx/dt = -x/tau_plus : 1 (event-driven)   # trace of presynaptic spikes
        dy/dt = -y/tau_minus : 1 (event-driven)  # trace of postsynaptic spikes
        w : 1
    """,
    on_pre="""
        w = clip(w - eta*(alpha*exp(mu_minus*w)*y + beta), 0, w_max)
        x += 1
    """,
    on_post="""
        w = clip(w + eta*(exp(mu_plus*w)*x - beta), 0, w_max)
        y += 1
    """,
    # eta is lambda in NEST, whose test has 0.1*e and a start of 2. A tenth of it keeps 60 pairings from 1 off the bounds: our choice.
    parameters={
        "tau_plus": 36.8 * ms,
        "tau_minus": 33.7 * ms,
        "eta": 0.01 * np.e,
        "alpha": 1 / np.e,
        "beta": 0.0,
        "mu_plus": -1.0,
        "mu_minus": 0.0,
        "w_max": 100.0,
    },
    bounds={
        "tau_plus": (0.1 * ms, 10000 * ms),
        "tau_minus": (0.1 * ms, 10000 * ms),
        "eta": (0, None),
        "alpha": (0, None),
        "beta": (0, None),
        "w_max": (0, None),
    },
    initial={"w": 1.0},
    convention="dt = t_post - t_pre; dt > 0 potentiates; at equal times the presynaptic spike acts first.",
    presets={"nest_test": {"eta": 0.1 * np.e}},
    oracle=event_by_event,
)
