"""Inhibitory plasticity: coincident spikes of either order strengthen, each presynaptic spike weakens."""

from brian2 import ms

from brian2chip import Rule

VOGELS_2011 = Rule(
    name="own_inhibitory",
    source="Vogels, Sprekeler, Zenke, Clopath & Gerstner 2011, Science 334:1569; constants of NEST's test of vogels_sprekeler_synapse",
    model="""
        dx/dt = -x/tau : 1 (event-driven)
        dy/dt = -y/tau : 1 (event-driven)
        w : 1
    """,
    on_pre="w = clip(w + eta*(y - alpha), 0, w_max); x += 1",
    on_post="w = clip(w + eta*x, 0, w_max); y += 1",
    parameters={"tau": 20 * ms, "eta": 0.001, "alpha": 0.1, "w_max": 10.0},
    initial={"w": 5.0},
    convention="Symmetric in t_post - t_pre; alpha is twice the target rate times tau; at equal times the presynaptic spike acts first.",
)
