"""Learning by dendritic prediction of somatic spiking (Urbanczik & Senn 2014): a synapse on the dendrite of a two-compartment neuron."""

from brian2.units import ms, pA

from brian2chip.core.rule import Rule

# The synapse changes with PI = [S(t) - phi(V*)] h(V*) PSP(t), low-passed: S are the spikes of the soma, V* is the voltage that the dendrite
# would give it, and PSP, the difference of two filtered presynaptic trains, is what the synapse contributes to the dendrite's voltage, with
# the dendrite's C_w/g_w as tau_fall and its tau_s as tau_rise. w is the size of the current; PI_unit makes currents of the paper's numbers
# without units (a factor of NEST's).
URBANCZIK_SENN_RULE = Rule(
    name="urbanczik_senn",
    source="Urbanczik & Senn 2014, Neuron 81:521, equations as in NEST's urbanczik_synapse; constants of its test",
    model="""
        dw/dt = clip(eta*Delta, (w_min - w)/dt, (w_max - w)/dt) : amp (clock-driven)
        dDelta/dt = (-phi_star_post*PI - Delta)/tau_Delta : amp/second (clock-driven)
        PI = PI_unit*h_star_post*PSP : amp
        PSP = tau_fall*tau_rise/(tau_fall - tau_rise)*(x_fall - x_rise) : second
        x_fall = x_fall_last*exp(-(t - t_last)/tau_fall) : 1
        x_rise = x_rise_last*exp(-(t - t_last)/tau_rise) : 1
        x_fall_last : 1
        x_rise_last : 1
        t_last : second
    """,
    on_pre="""
        x_fall_last = x_fall + 1
        x_rise_last = x_rise + 1
        t_last = t
    """,
    on_post="Delta += PI/tau_Delta",
    parameters={
        "eta": 0.75,
        "tau_Delta": 100 * ms,
        "tau_fall": 10 * ms,
        "tau_rise": 3 * ms,
        "PI_unit": 15 * pA / ms,
        "w_min": 0 * pA,
        "w_max": 1350 * pA,
    },
    initial={"w": 100 * pA},
    convention="the presynaptic current begins with its spike; at equal times the postsynaptic spike sees the presynaptic one.",
    post="urbanczik_senn",
    devices=("numpy", "cython", "cpp_standalone"),
)
