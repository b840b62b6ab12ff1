"""The neuron of e-prop with the responses by which e-prop is evaluated at presynaptic spikes; see plasticity/eprop_events.py."""

from __future__ import annotations

from brian2chip.core.model import Model
from brian2chip.models.eprop import EPROP

RESPONSES = ("p_a", "p_f", "p_g", "p_s", "q_a", "q_f", "q_g", "q_s", "r_f", "r_g", "decay", "d_a", "d_f", "d_g", "d_s")
EQUATIONS = "\n".join(f"{name} : 1" for name in RESPONSES) + "\n"
START = {name: int(name in ("q_a", "r_f", "decay")) for name in RESPONSES}

# The lines of plasticity.eprop for each of the three responses; decay is zbar's own, alpha to the power of the steps since the start.
RESPOND = """
decay = alpha*decay
c = psi*(decay - beta*p_a)
p_a = rho*p_a + c
p_f = kappa*p_f + (1 - kappa)*c
p_g += L*p_f
p_s += c
c = -psi*beta*q_a
q_a = rho*q_a + c
q_f = kappa*q_f + (1 - kappa)*c
q_g += L*q_f
q_s += c
r_f = kappa*r_f
r_g += L*r_f
"""
# What a spike of the next step is worth at the start of the block.
INVERT = """
d_z = gain/(alpha*decay)
d_a = -d_z*p_a/q_a
d_f = -(d_z*p_f + d_a*q_f)/r_f
d_g = -(d_z*p_g + d_a*q_g + d_f*r_g)
d_s = -(d_z*p_s + d_a*q_s)
"""

EPROP_EVENTS = Model(
    name="eprop_events",
    source=EPROP.source,
    equations=EPROP.equations + EQUATIONS,
    threshold=EPROP.threshold,
    reset=EPROP.reset,
    parameters=EPROP.parameters,
    regular=(*EPROP.regular, (RESPOND, "step"), (INVERT, "step")),
    dt=EPROP.dt,
    prescribed=False,
)
