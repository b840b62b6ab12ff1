"""The adaptive LIF neuron of e-prop in discrete time, with its pseudo-derivative and filtered spike train (Bellec et al. 2020)."""

from __future__ import annotations

from brian2 import ms

from brian2chip.core.model import Model

# Pseudo-derivatives stand for the derivative of the spike by the membrane potential: of v - A in units of `width`, `gamma` high.
PSEUDO_DERIVATIVES = {
    "piecewise_linear": "gamma*clip(1 - abs(v - A)/width, 0, 1)",
    "exponential": "gamma*exp(-abs(v - A)/width)",
    "fast_sigmoid": "gamma*(1 + abs(v - A)/width)**(-2)",
    "arctan": "gamma/(1 + ((v - A)/width)**2)",
}

# I collects this step's spikes; L is the learning signal; z_out is the spike train as the readout filters it.
RECURRENT = """
v : 1
I : 1
b : 1
A : 1
z : 1
r : 1
psi : 1
zbar : 1
z_out : 1
L : 1
count : 1
u : 1
beta : 1 (constant)
f_av = count/n_steps : 1
alpha : 1 (shared, constant)
rho : 1 (shared, constant)
kappa : 1 (shared, constant)
gain : 1 (shared, constant)
v_th : 1 (shared, constant)
gamma : 1 (shared, constant)
width : 1 (shared, constant)
n_ref : 1 (shared, constant)
n_steps : 1 (shared, constant)
c_reg : 1 (shared, constant)
f_target : 1 (shared, constant)
resolution : 1 (shared, constant)
limit : 1 (shared, constant)
"""
# The spikes z are those of the step before; they and this step's input spikes have arrived in I.
LEAK = """
v = alpha*v + gain*I - v_th*z
I = 0
b = rho*b + z
A = v_th + beta*b
zbar = alpha*zbar + gain*z
"""
FIRE = """
psi = int(r <= 0)*{pseudo_derivative}
z = int(v > A)*int(r <= 0)
r = clip(r + n_ref*z - 1, 0, n_ref)
z_out = kappa*z_out + (1 - kappa)*z
count += z
"""

EPROP = Model(
    name="eprop",
    source="Bellec et al. 2020, Nature Communications 11:3625, eqs. 6 to 11, in the order of the published code",
    equations=RECURRENT,
    threshold="z > 0.5",
    reset="",
    parameters={"dt": 1 * ms},
    regular=((LEAK, "dt"), (FIRE.format(pseudo_derivative=PSEUDO_DERIVATIVES["piecewise_linear"]), "dt")),
)
