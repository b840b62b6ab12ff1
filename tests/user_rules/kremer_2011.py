"""Pair STDP with a short window of potentiation and a long one of depression; the weight is the size of an EPSP."""

from brian2 import ms, mV

from brian2chip import Rule

TAU_M, TAU_E = 10 * ms, 2 * ms
#: The jump of an exponential current that makes an EPSP of 1 mV in the membrane.
EPSC = 1 * mV * float(TAU_E / TAU_M) ** float(TAU_M / (TAU_E - TAU_M))

KREMER_2011 = Rule(
    name="kremer_2011",
    source="Kremer, Leger, Goodman, Brette & Bourdieu 2011, J Neurosci 31:10689, as Brian2's example Kremer_et_al_2011_barrel_cortex.py",
    model="""
        dx/dt = -x/tau_p : volt (event-driven)
        dy/dt = -y/tau_d : volt (event-driven)
        w : volt
    """,
    on_pre="x += A_p; w = clip(w + y, 0*volt, EPSC)",
    on_post="y += A_d; w = clip(w + x, 0*volt, EPSC)",
    parameters={"tau_p": 5 * ms, "tau_d": 25 * ms, "A_p": 0.05 * EPSC, "A_d": -0.04 * EPSC, "EPSC": EPSC},
    initial={"w": 0.5 * EPSC},
    weight="w/EPSC",
    convention="dt = t_post - t_pre; dt > 0 potentiates; at equal times both act, the presynaptic spike first.",
)
