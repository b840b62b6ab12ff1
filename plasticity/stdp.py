"""Pair-based STDP: exponential windows, all-to-all or three schemes of nearest neighbours, additive to multiplicative."""

from functools import partial

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return the final state from the definition: every pair adds its exponential; ``p`` and times in SI.

    Source: Morrison, Diesmann & Gerstner 2008, section 4; at equal times the presynaptic spike comes first.
    """
    w = float(initial["w"])
    scale = p["w_max"] - p["w_min"]
    events = sorted([(t, 0) for t in pre] + [(t, 1) for t in post])
    for k, (t, kind) in enumerate(events):
        other = [s for s, c in events[:k] if c != kind]
        if p["all_to_all"] == 0:
            other = other[-1:]  # the nearest spike of the other side
        if kind == 0:
            window = sum(np.exp(-(t - s) / p["tau_minus"]) for s in other)
            w -= p["A_minus"] * ((w - p["w_min"]) / scale) ** p["mu"] * window
        else:
            window = sum(np.exp(-(t - s) / p["tau_plus"]) for s in other)
            w += p["A_plus"] * ((p["w_max"] - w) / scale) ** p["mu"] * window
        w = min(max(w, p["w_min"]), p["w_max"])
    return {"w": w}


def between_neighbours(pre, post, p, initial, *, restricted):
    """Return the same for the pre-centred or the restricted scheme, judged by which spikes lie between the two of a pair.

    Source: Morrison, Diesmann & Gerstner 2008, figure 7 B and C.
    """
    w, scale = float(initial["w"]), p["w_max"] - p["w_min"]
    events = sorted([(t, 0) for t in pre] + [(t, 1) for t in post])
    for k, (t, kind) in enumerate(events):
        own = max((j for j in range(k) if events[j][1] == kind), default=-1)
        before = [(j, s) for j, (s, c) in enumerate(events[:k]) if c != kind]
        if kind == 1 or restricted:
            before = [(j, s) for j, s in before if j > own]  # since the last spike of the same side
        if kind == 0 or restricted:
            before = before[-1:]
        if kind == 0:
            window = sum(np.exp(-(t - s) / p["tau_minus"]) for _, s in before)
            w -= p["A_minus"] * ((w - p["w_min"]) / scale) ** p["mu"] * window
        else:
            window = sum(np.exp(-(t - s) / p["tau_plus"]) for _, s in before)
            w += p["A_plus"] * ((p["w_max"] - w) / scale) ** p["mu"] * window
        w = min(max(w, p["w_min"]), p["w_max"])
    return {"w": w}


DEPRESS = "w = clip(w - A_minus*((w - w_min)/(w_max - w_min))**mu*y, w_min, w_max)"
POTENTIATE = "w = clip(w + A_plus*((w_max - w)/(w_max - w_min))**mu*x, w_min, w_max)"

STDP = Rule(
    name="stdp",
    source="Bi & Poo 1998 (window), 2001 (fit); Guetig, Aharonov, Rotter & Sompolinsky 2003 eq. 3 (weight exponent mu); Morrison, "
    "Diesmann & Gerstner 2008 fig. 7 (nearest neighbours)",
    model="""
        dx/dt = -x/tau_plus : 1 (event-driven)   # trace of presynaptic spikes
        dy/dt = -y/tau_minus : 1 (event-driven)  # trace of postsynaptic spikes
        w : 1
    """,
    on_pre=f"""
        {DEPRESS}
        x = all_to_all*x + 1
    """,
    on_post=f"""
        {POTENTIATE}
        y = all_to_all*y + 1
    """,
    # 0.777/60: the published potentiation of 60 pairings (Bi & Poo 2001), divided among them. The published depression amplitude
    # could not be verified; A_minus is the best fit to the digitised points (brian2chip fit bi_poo_1998 --rule stdp: 0.0032 +- 0.0011).
    parameters={
        "tau_plus": 16.8 * ms,
        "tau_minus": 33.7 * ms,
        "A_plus": 0.777 / 60,
        "A_minus": 0.0032,
        "mu": 0.0,
        "w_min": 0.0,
        "w_max": 2.0,
        "all_to_all": 1.0,
    },
    bounds={
        "tau_plus": (0.1 * ms, 10000 * ms),
        "tau_minus": (0.1 * ms, 10000 * ms),
        "A_plus": (0, None),
        "A_minus": (0, None),
        "mu": (0, 1),
        "all_to_all": (0, 1),
    },
    initial={"w": 1.0},
    convention="dt = t_post - t_pre; dt > 0 potentiates; at equal times the presynaptic spike acts first.",
    presets={
        # Morrison, Diesmann & Gerstner 2008, figure 7. A, symmetric: every spike and the last one of the other side.
        "nearest": {"all_to_all": 0.0},
        # B, pre-centred: every presynaptic spike with the last and the next postsynaptic one. The next one uses its trace up, which
        # is then no longer the same at all synapses of a neuron.
        "nearest_pre_centred": {
            "on_pre": f"{DEPRESS}\nx += 1",
            "on_post": f"{POTENTIATE}\nx = 0\ny = 1",
            "oracle": partial(between_neighbours, restricted=False),
        },
        # C, restricted: only spikes that follow one another, with none of either side between them.
        "nearest_restricted": {
            "on_pre": f"{DEPRESS}\ny = 0\nx = 1",
            "on_post": f"{POTENTIATE}\nx = 0\ny = 1",
            "oracle": partial(between_neighbours, restricted=True),
        },
        "multiplicative": {"mu": 1.0, "A_plus": 2 * 0.777 / 60, "A_minus": 2 * 0.0032},
        # Song, Miller & Abbott 2000 with the constants of Brian2's example synapses/STDP.py: 0.01 and 0.0105 of the largest weight, 2.
        "song_2000": {"A_plus": 0.02, "A_minus": 0.021, "tau_plus": 20 * ms, "tau_minus": 20 * ms},
    },
    tissue={"": "hippocampus", "nearest": "hippocampus", "multiplicative": "hippocampus"},
    oracle=event_by_event,
)
