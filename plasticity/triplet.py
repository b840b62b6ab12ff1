"""Triplet STDP of Pfister & Gerstner 2006: full and minimal, all-to-all and nearest spike, the eight published sets."""

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return the final state from the sums over all earlier spikes (equations 3 and 4 of the paper); ``p`` and times in SI."""
    w = float(initial["w"])
    decay = lambda spikes, t, tau: sum(np.exp(-(t - s) / tau) for s in (spikes if p["all_to_all"] else spikes[-1:]))  # noqa: E731
    seen = ([], [])
    for t, kind in sorted([(t, 0) for t in pre] + [(t, 1) for t in post]):
        if kind == 0:
            w -= decay(seen[1], t, p["tau_minus"]) * (p["A2_minus"] + p["A3_minus"] * decay(seen[0], t, p["tau_x"]))
        else:
            w += decay(seen[0], t, p["tau_plus"]) * (p["A2_plus"] + p["A3_plus"] * decay(seen[1], t, p["tau_y"]))
        w = min(max(w, p["w_min"]), p["w_max"])
        seen[kind].append(t)
    return {"w": w}


def _set(all_to_all, A2_plus, A3_plus, A2_minus, A3_minus, tau_x, tau_y):
    return {
        "all_to_all": float(all_to_all),
        "A2_plus": A2_plus,
        "A3_plus": A3_plus,
        "A2_minus": A2_minus,
        "A3_minus": A3_minus,
        "tau_x": tau_x * ms,
        "tau_y": tau_y * ms,
    }


# Pfister & Gerstner 2006, tables 3 (visual cortex) and 4 (hippocampal culture). The minimal models have no slow presynaptic
# trace (A3_minus = 0), so their tau_x acts on nothing; it is set to that of the full model.
PRESETS = {
    "visual_cortex_all_full": _set(1, 5e-10, 6.2e-3, 7e-3, 2.3e-4, 101, 125),
    "visual_cortex_all_minimal": _set(1, 0.0, 6.5e-3, 7.1e-3, 0.0, 101, 114),
    "visual_cortex_nearest_full": _set(0, 8.8e-11, 5.3e-2, 6.6e-3, 3.1e-3, 714, 40),
    "visual_cortex_nearest_minimal": _set(0, 0.0, 5e-2, 8e-3, 0.0, 714, 40),
    "hippocampus_all_full": _set(1, 6.1e-3, 6.7e-3, 1.6e-3, 1.4e-3, 946, 27),
    "hippocampus_all_minimal": _set(1, 5.3e-3, 8.0e-3, 3.5e-3, 0.0, 946, 40),
    "hippocampus_nearest_full": _set(0, 4.6e-3, 9.1e-3, 3.0e-3, 7.5e-9, 575, 47),
    "hippocampus_nearest_minimal": _set(0, 4.6e-3, 9.1e-3, 3.0e-3, 0.0, 575, 48),
}

TRIPLET = Rule(
    name="triplet",
    source="Pfister & Gerstner 2006, J Neurosci 26:9673, equations 3-4, tables 3-4",
    model="""
        dr1/dt = -r1/tau_plus : 1 (event-driven)
        dr2/dt = -r2/tau_x : 1 (event-driven)
        do1/dt = -o1/tau_minus : 1 (event-driven)
        do2/dt = -o2/tau_y : 1 (event-driven)
        w : 1
    """,
    # The slow trace of a neuron's own spike is read before its increment ("t - epsilon" in the paper).
    on_pre="""
        w = clip(w - o1*(A2_minus + A3_minus*r2), w_min, w_max)
        r1 = all_to_all*r1 + 1
        r2 = all_to_all*r2 + 1
    """,
    on_post="""
        w = clip(w + r1*(A2_plus + A3_plus*o2), w_min, w_max)
        o1 = all_to_all*o1 + 1
        o2 = all_to_all*o2 + 1
    """,
    # The paper sets no upper bound; 100 times the initial weight is never reached by its protocols.
    parameters={"tau_plus": 16.8 * ms, "tau_minus": 33.7 * ms, "w_min": 0.0, "w_max": 100.0} | PRESETS["hippocampus_all_full"],
    bounds={
        **{tau: (0.1 * ms, 100000 * ms) for tau in ("tau_plus", "tau_minus", "tau_x", "tau_y")},
        **{A: (0, None) for A in ("A2_plus", "A3_plus", "A2_minus", "A3_minus")},
        "all_to_all": (0, 1),
    },
    initial={"w": 1.0},
    convention="dt = t_post - t_pre; dt > 0 potentiates; at equal times the presynaptic spike acts first.",
    presets=PRESETS,
    tissue={"": "hippocampus"} | {name: "hippocampus" if name.startswith("hippocampus") else "visual cortex" for name in PRESETS},
    oracle=event_by_event,
)
