"""Linear integrate-and-fire neuron with a calcium variable (Brader, Senn & Fusi 2007), the postsynaptic side of SDSP."""

from brian2.units import Hz, ms

from brian2chip.core.model import Model

# v is in units of the firing threshold, the current I in thresholds a second. The lower limit of the clip is the reflecting
# barrier: the leak never takes v below 0. Fourth-order Runge-Kutta makes the decay of C exact to rounding.
# Published: J_C, tau_C. Ours: leak, and the teacher, which holds v above theta_V for `pulse` before a prescribed spike.
BRADER = Model(
    name="brader",
    source="Brader, Senn & Fusi 2007, Neural Comput 19:2881 (neuron and calcium variable)",
    equations="""
    dv/dt = clip(I - leak, -v/dt, V_theta/dt) : 1
    dC/dt = -C/tau_C : 1
    I : Hz
    """,
    threshold="v > V_theta",
    reset="v = 0; C += J_C",
    method="rk4",
    parameters={"V_theta": 1.0, "leak": 10 * Hz, "J_C": 1.0, "tau_C": 60 * ms, "v_pulse": 0.9, "pulse": 3 * ms},
    bounds={"V_theta": (1e-9, None), "leak": (0 * Hz, None), "J_C": (0, None), "tau_C": (0.1 * ms, None), "pulse": (0 * ms, None)},
    teacher=("v_post = v_pulse_post", "v_post = 2*V_theta_post"),
    dt=5e-4,  # both equations are solved exactly between events; a sixth of the pulse
    excitatory="v_post += 0.4*drive*V_theta_post",
)
