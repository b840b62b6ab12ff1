"""Inhibitory plasticity of Vogels et al. 2011: near-coincident spikes, in either order, strengthen; each presynaptic spike weakens."""

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return the final weight from the definition: every pair adds its exponential, whichever came first; ``p`` and times in SI.

    At equal times the presynaptic spike comes first, which makes no difference while no bound is met.
    """
    w, seen = float(initial["w"]), ([], [])
    for t, side in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
        near = sum(np.exp(-(t - s) / p["tau"]) for s in seen[1 - side])
        w = min(max(w + p["eta"] * (near - (p["alpha"] if side == 0 else 0.0)), 0.0), p["w_max"])
        seen[side].append(t)
    return {"w": w}


VOGELS_SPREKELER = Rule(
    name="vogels_sprekeler",
    source="Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569; constants of Brian2's example Vogels_et_al_2011.py",
    model="""
        dx/dt = -x/tau : 1 (event-driven)  # trace of presynaptic spikes
        dy/dt = -y/tau : 1 (event-driven)  # trace of postsynaptic spikes
        w : 1
    """,
    on_pre="w = clip(w + eta*(y - alpha), 0, w_max); x += 1",
    on_post="w = clip(w + eta*x, 0, w_max); y += 1",
    # alpha = 2*3*Hz*20*ms: the neuron is to fire at 3 Hz, where pairs by chance strengthen as much as presynaptic spikes weaken.
    parameters={"tau": 20 * ms, "eta": 0.01, "alpha": 0.12, "w_max": 100.0},
    bounds={"tau": (0.1 * ms, 10000 * ms), "eta": (0, None), "alpha": (0, None), "w_max": (0, None)},
    initial={"w": 1.0},
    convention="Symmetric in t_post - t_pre; alpha is twice the target rate times tau; at equal times the presynaptic spike acts first.",
    # NEST's test_vogels_sprekeler_synapse.
    presets={"nest_test": {"eta": 0.001, "alpha": 0.1, "w": 5.0}},
    oracle=event_by_event,
)
