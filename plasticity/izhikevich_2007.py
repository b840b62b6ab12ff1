"""Dopamine-modulated STDP: spike pairs leave an eligibility trace, which dopamine turns into a change seconds later."""

import numpy as np
from brian2.units import ms, second

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial, end=None, dopamine=()):
    """Return the state at ``end`` (the last spike by default): between events trace and weight are exponentials, solved exactly.

    From the paper, all in SI: ``dopamine`` are (time, level) from which on the level holds, beside that of ``initial`` before them. At
    equal times the level changes first and the presynaptic spike comes before the postsynaptic one.
    """
    s, c, level, last = float(initial["s"]), float(initial.get("c", 0.0)), float(initial.get("dopamine", 0.0)), 0.0
    events = sorted([(t, 0, value) for t, value in dopamine] + [(t, 1, 0) for t in pre] + [(t, 2, 0) for t in post])
    end = events[-1][0] if end is None else end
    for t, kind, value in [*events, (end, 3, 0)]:
        decay = np.exp(-(t - last) / p["tau_c"])
        s = min(max(s + c * (1 - decay) * level * p["tau_c"] / p["tau_s"], 0.0), p["s_max"])
        c, last = c * decay, t
        if kind == 0:
            level = value
        elif kind == 1:
            c -= p["A_minus"] * sum(np.exp(-(t - e) / p["tau_minus"]) for e, k, _ in events if k == 2 and e < t)
        elif kind == 2:
            c += p["A_plus"] * sum(np.exp(-(t - e) / p["tau_plus"]) for e, k, _ in events if k == 1 and e <= t)
    return {"s": s, "c": c}


IZHIKEVICH_2007 = Rule(
    name="izhikevich_2007",
    source="Izhikevich 2007, Cereb Cortex 17:2443, eqs 1-3; constants of the author's program of figure 1, daspnet.m",
    model="""
        dx/dt = -x/tau_plus : 1 (event-driven)
        dy/dt = -y/tau_minus : 1 (event-driven)
        dc/dt = -c/tau_c : 1 (clock-driven)            # eligibility of the synapse
        ds/dt = c*dopamine/tau_s : 1 (clock-driven)    # its strength, in mV
        dopamine : 1 (shared)                          # uM, in the whole tissue
    """,
    # Between spikes of its neurons c keeps its sign, so a strength that is clipped at them is clipped where it should be.
    on_pre="s = clip(s, 0, s_max); c -= A_minus*y; x += 1",
    on_post="s = clip(s, 0, s_max); c += A_plus*x; y += 1",
    # The program adds c*dopamine to s every 10 ms: tau_s.
    parameters={
        "tau_plus": 20 * ms,
        "tau_minus": 20 * ms,
        "tau_c": 1 * second,
        "tau_s": 10 * ms,
        "A_plus": 0.1,
        "A_minus": 0.15,
        "s_max": 4.0,
    },
    bounds={
        "tau_plus": (0.1 * ms, 10000 * ms),
        "tau_minus": (0.1 * ms, 10000 * ms),
        "tau_c": (1 * ms, 1000 * second),
        "tau_s": (0.01 * ms, None),
        "A_plus": (0, None),
        "A_minus": (0, None),
        "s_max": (0, None),
    },
    third_factors=("dopamine",),
    # Without a protocol or a signal that says more there is the program's tonic level.
    initial={"s": 1.0, "dopamine": 0.002},
    weight="clip(s, 0, s_max)",
    convention="dt = t_post - t_pre; dt > 0 and dopamine potentiate; at equal times the presynaptic spike acts first.",
    oracle=event_by_event,
)
