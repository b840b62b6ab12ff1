"""Short-term depression and facilitation of Tsodyks & Markram: alone, or in front of any rule (with_short_term)."""

import numpy as np
from brian2.units import ms

from brian2chip.core.rule import Rule


def event_by_event(pre, post, p, initial):
    """Return what the last spike released, by the paper's recursion from spike to spike; ``p`` and times in SI."""
    u, x, release, last = 0.0, 1.0, p["U"], None
    for t in sorted(pre):
        if last is not None:
            u *= np.exp(-(t - last) / p["tau_fac"])
            x = 1 - (1 - x) * np.exp(-(t - last) / p["tau_rec"])
        u += p["U"] * (1 - u)
        release, last = u * x, t
        x -= release
    return {"release": release}


TSODYKS_MARKRAM = Rule(
    name="tsodyks_markram",
    source="Tsodyks & Markram 1997, PNAS 94:719; Tsodyks, Pawelzik & Markram 1998, Neural Comput 10:821",
    model="""
        du_S/dt = -u_S/tau_fac : 1 (event-driven)       # what earlier spikes added to the utilisation
        dx_S/dt = (1 - x_S)/tau_rec : 1 (event-driven)  # resources that have recovered
        release : 1                                     # part of the full efficacy that the last spike has released
    """,
    on_pre="""
        u_S += U*(1 - u_S)
        release = u_S*x_S
        x_S -= release
    """,
    # Depression alone is a tau_fac far below any interval. Presets: figure 1 of Tsodyks, Pawelzik & Markram 1998, by the constants in
    # Brian2's example of it (which draws the figure with U = 0.6: the published 0.5 does not match the picture).
    parameters={"U": 0.5, "tau_rec": 800 * ms, "tau_fac": 0.001 * ms},
    bounds={"U": (0, 1), "tau_rec": (0.001 * ms, None), "tau_fac": (0.001 * ms, None)},
    initial={"x_S": 1.0, "release": "U"},
    weight="release",
    convention="Spikes of the postsynaptic neuron do nothing.",
    presets={
        "depressing": {"U": 0.5, "tau_rec": 800 * ms, "tau_fac": 0.001 * ms},
        "facilitating": {"U": 0.03, "tau_rec": 130 * ms, "tau_fac": 530 * ms},
    },
    oracle=event_by_event,
)
