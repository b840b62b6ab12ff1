"""e-prop: eligibility traces at the synapse times a learning signal broadcast to its neuron (Bellec et al. 2020).

The rules differ in the lines below, between synapse and gradient; neurons, readout and optimiser are common. Every rule runs once
a time step at every synapse, when the learning signal ``L`` of the step is known. Of the presynaptic neuron it reads the filtered
spike train ``zbar``; of the postsynaptic one the pseudo-derivative ``psi``, the learning signal ``L`` and constants.
"""

from __future__ import annotations

from brian2 import ms

from brian2chip.core.rule import Rule

SOURCE = "Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020, Nature Communications 11:3625"
CONVENTION = "weights change against the gradient of the loss; recurrent spikes of the last step count as activity of this step"
RUNTIME = ("numpy", "cython", "cpp_standalone")

# Eligibility of an adaptive neuron (eqs. 24, 25): the threshold's part is epsilon_a; beta = 0 makes it that of the LIF neuron (eq. 23).
ELIGIBILITY = """
eligibility = psi_post*(zbar_pre - beta_post*epsilon_a)
epsilon_a = rho_post*epsilon_a + eligibility
"""
# What the readout's leak makes of it (eq. 28).
FILTER = """
e_bar = kappa_post*e_bar + (1 - kappa_post)*eligibility
"""
# Gradient of the loss, and what the firing-rate regularisation (eq. 38) needs at the end of the trial, when the rate is known.
ACCUMULATE = """
gradient += L_post*e_bar
e_sum += eligibility
"""
REGULARISE = """
gradient += c_reg_post*(f_av_post - f_target_post)*e_sum/n_steps_post
"""
# On line the weight follows at once, and the rate is the mean of the trial so far.
ON_LINE = """
w -= rate*(L_post*e_bar + c_reg_post*(f_av_post - f_target_post)*eligibility/n_steps_post)
"""
# Weights of n bits: the real-valued result is rounded up or down at random, by the numbers u in [0, 1) that both neurons draw.
ROUND = """
chance = (u_pre + u_post) % 1
w = clip(resolution_post*floor(w/resolution_post + chance), -limit_post, limit_post - resolution_post)
"""

ON_PRE = "I_post += w"

EPROP = Rule(
    name="eprop",
    source=f"{SOURCE}, eqs. 23-28 and 38; applied once a batch",
    model="w : 1\nepsilon_a : 1\ne_bar : 1\ngradient : 1\ne_sum : 1",
    on_pre=ON_PRE,
    regular=((ELIGIBILITY + FILTER + ACCUMULATE, "dt"),),
    parameters={"dt": 1 * ms},
    convention=CONVENTION,
    post="eprop",
    devices=RUNTIME,
)

EPROP_NO_FILTER = Rule(
    name="eprop_no_filter",
    source=f"{SOURCE}, without eq. 28: the gradient takes the eligibility itself, as ReckOn does (Frenkel & Indiveri 2022, ISSCC)",
    model="w : 1\nepsilon_a : 1\ngradient : 1\ne_sum : 1",
    on_pre=ON_PRE,
    regular=((ELIGIBILITY + ACCUMULATE.replace("e_bar", "eligibility"), "dt"),),
    parameters={"dt": 1 * ms},
    convention=CONVENTION,
    post="eprop",
    devices=RUNTIME,
)
"""e-prop without the readout's filter on the eligibility, as ReckOn computes it."""

EPROP_ONLINE = Rule(
    name="eprop_online",
    source=f"{SOURCE}, eqs. 23-28 and 38; applied at every step",
    model="w : 1\nrate : 1 (shared, constant)\nepsilon_a : 1\ne_bar : 1",
    on_pre=ON_PRE,
    regular=((ELIGIBILITY + FILTER + ON_LINE, "dt"),),
    parameters={"dt": 1 * ms},
    convention=CONVENTION,
    post="eprop",
    devices=RUNTIME,
)
"""e-prop that changes the weights at every step instead of once a batch."""

EPROP_FACTORISED = Rule(
    name="eprop_factorised",
    source="Frenkel & Indiveri 2022, ISSCC (ReckOn): LIF, no readout filter, on line; the traces are the neurons', not the synapses'",
    model="w : 1\nrate : 1 (shared, constant)",
    on_pre=ON_PRE,
    regular=(("eligibility = psi_post*zbar_pre" + ON_LINE.replace("e_bar", "eligibility"), "dt"),),
    parameters={"dt": 1 * ms},
    convention=CONVENTION,
    post="eprop",
    devices=RUNTIME,
)
"""e-prop of LIF neurons without the filter: the traces are the neurons', not the synapses'; changes the weights at every step."""

EPROP_FACTORISED_NBIT = Rule(
    name="eprop_factorised_nbit",
    source="Frenkel & Indiveri 2022, ISSCC (ReckOn): as eprop_factorised, with weights of n bits and stochastic rounding",
    model="w : 1\nrate : 1 (shared, constant)",
    on_pre=ON_PRE,
    regular=(("eligibility = psi_post*zbar_pre" + ON_LINE.replace("e_bar", "eligibility") + ROUND, "dt"),),
    parameters={"dt": 1 * ms},
    convention=CONVENTION,
    post="eprop",
    devices=RUNTIME,
)
"""Factorised e-prop on weights of n bits, rounded at random at every step."""
