"""The adaptive LIF neuron of e-prop in discrete time, with its pseudo-derivative and filtered spike train (Bellec et al. 2020)."""

from __future__ import annotations

from dataclasses import replace

from brian2.units import ms

from brian2chip.core.model import Model
from brian2chip.models.discrete import DiscreteNeuron

# Pseudo-derivatives stand for the derivative of the spike by the membrane potential: of v - A in units of `width`, `gamma` high.
PSEUDO_DERIVATIVES = {
    "piecewise_linear": "gamma*clip(1 - abs(v - A)/width, 0, 1)",
    "exponential": "gamma*exp(-abs(v - A)/width)",
    "fast_sigmoid": "gamma*(1 + abs(v - A)/width)**(-2)",
    "arctan": "gamma/(1 + ((v - A)/width)**2)",
}

NEURON = DiscreteNeuron(adaptive=True, refractory=True, fires=">")
#: What reads the network out; its alpha is called kappa in the paper, its gain is 1 - kappa, and it sees the spikes of the present step.
READOUT = DiscreteNeuron(spikes=False, collected=False)

# What learning adds: L is the learning signal; zbar and z_out are the spike train as the synapses and as the readout filter it.
LEARNING = """\
psi : 1
zbar : 1
z_out : 1
L : 1
count : 1
u : 1
f_av = count/n_steps : 1
kappa : 1 (shared, constant)
gamma : 1 (shared, constant)
width : 1 (shared, constant)
n_steps : 1 (shared, constant)
c_reg : 1 (shared, constant)
f_target : 1 (shared, constant)
resolution : 1 (shared, constant)
limit : 1 (shared, constant)
"""
# The first part of a step, in which z is still the spike of the step before.
INTEGRATE = NEURON.integrate + "zbar = alpha*zbar + gain*z\n"


def fire(surrogate: str) -> str:
    """Return the second part of a step: the pseudo-derivative of that name or expression, the spike, and what follows from it."""
    psi = f"psi = int(r <= 0)*{PSEUDO_DERIVATIVES.get(surrogate, f'({surrogate})')}\n"
    return psi + NEURON.fire + "z_out = kappa*z_out + (1 - kappa)*z\ncount += z\n"


EPROP = Model(
    name="eprop",
    source="Bellec et al. 2020, Nature Communications 11:3625, eqs. 6 to 11, in the order of the published code",
    equations=NEURON.equations + NEURON.declared(each=("beta",)) + LEARNING,
    threshold=NEURON.threshold,
    reset=NEURON.reset_code,
    parameters={"step": 1 * ms},
    regular=((INTEGRATE, "step"), (fire("piecewise_linear"), "step")),
    dt=1e-3,
    prescribed=False,
)


def with_surrogate(model: Model, surrogate: str) -> Model:
    """Return the neuron of e-prop with another of the :data:`PSEUDO_DERIVATIVES`, or with an expression of the user's."""
    integrate, _ = model.regular
    return replace(model, regular=(integrate, (fire(surrogate), "step")))
