"""Triplet-like STDP of unsupervised digit recognition: a postsynaptic spike potentiates by both traces, each set and not summed."""

from brian2 import ms

from brian2chip import Rule

DIEHL_COOK_2015 = Rule(
    name="diehl_cook_2015",
    source="Diehl & Cook 2015, Front Comput Neurosci 9:99, as the authors' code (peter-u-diehl/stdp-mnist) defines and sets it",
    model="""
        dx/dt = -x/tau_x : 1 (event-driven)
        dy1/dt = -y1/tau_y1 : 1 (event-driven)
        dy2/dt = -y2/tau_y2 : 1 (event-driven)
        w : 1
    """,
    on_pre="x = 1; w = clip(w - nu_minus*y1, 0, w_max)",
    on_post="w = clip(w + nu_plus*x*y2, 0, w_max); y1 = 1; y2 = 1",
    parameters={"tau_x": 20 * ms, "tau_y1": 20 * ms, "tau_y2": 40 * ms, "nu_minus": 1e-4, "nu_plus": 1e-2, "w_max": 1.0},
    initial={"w": 0.5},
    convention="dt = t_post - t_pre; the first of several postsynaptic spikes changes nothing.",
)
