"""e-prop: eligibility traces at the synapse times a learning signal broadcast to its neuron (Bellec et al. 2020).

The rules differ in the lines below, between synapse and gradient; neurons, readout and optimiser are shared. Every rule runs once
per time step at every synapse, when the learning signal ``L`` of the step is known. Of the presynaptic neuron it reads the filtered
spike train ``zbar``; of the postsynaptic one the pseudo-derivative ``psi``, the learning signal ``L`` and constants.
"""

from __future__ import annotations

from brian2chip.core.learning_rule import LearningRule

SOURCE = "Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein, Maass 2020, Nature Communications 11:3625"
RECKON = "Frenkel & Indiveri 2022, ISSCC (ReckOn)"
CONVENTION = "weights change against the gradient of the loss; recurrent spikes of the last step count as activity of this step"

# Eligibility of an adaptive neuron (eqs. 24, 25): the threshold's part is epsilon_a; beta = 0 makes it that of the LIF neuron (eq. 23).
ELIGIBILITY = """\
eligibility = psi_post*(zbar_pre - beta_post*epsilon_a)
epsilon_a = rho_post*epsilon_a + eligibility
"""
ELIGIBILITY_LIF = """\
eligibility = psi_post*zbar_pre
"""
# What the readout's leak makes of it (eq. 28).
FILTER = """\
e_bar = kappa_post*e_bar + (1 - kappa_post)*eligibility
"""
# Gradient of the loss, and what the firing-rate regularisation (eq. 38) needs at the end of the sample, when the rate is known.
ACCUMULATE = """\
gradient += L_post*e_bar
e_sum += eligibility
"""
ACCUMULATE_UNFILTERED = """\
gradient += L_post*eligibility
e_sum += eligibility
"""
REGULARISE = """\
gradient += c_reg_post*(f_av_post - f_target_post)*e_sum/n_steps_post
"""
# On line the weight follows at once, and the rate is the mean of the sample so far.
ON_LINE = """\
w -= rate*(L_post*e_bar + c_reg_post*(f_av_post - f_target_post)*eligibility/n_steps_post)
"""
ON_LINE_UNFILTERED = """\
w -= rate*(L_post*eligibility + c_reg_post*(f_av_post - f_target_post)*eligibility/n_steps_post)
"""
# Weights of n bits: the real-valued result is rounded up or down at random, by the numbers u in [0, 1) that both neurons draw.
ROUND = """\
chance = (u_pre + u_post) % 1
w = clip(resolution_post*floor(w/resolution_post + chance), -limit_post, limit_post - resolution_post)
"""

EPROP = LearningRule(
    name="eprop",
    source=f"{SOURCE}, eqs. 23-28 and 38; applied once a batch",
    model="epsilon_a : 1\ne_bar : 1\ngradient : 1\ne_sum : 1",
    code=ELIGIBILITY + FILTER + ACCUMULATE,
    state=("epsilon_a", "e_bar", "gradient", "e_sum"),
    gradient="gradient",
    at_sample_end=REGULARISE,
    convention=CONVENTION,
)
"""e-prop (Bellec et al. 2020): eligibility traces times the learning signal at every step, applied once a batch."""

EPROP_NO_FILTER = LearningRule(
    name="eprop_no_filter",
    source=f"{SOURCE}, without eq. 28: the gradient takes the eligibility itself, as ReckOn does (Frenkel & Indiveri 2022, ISSCC)",
    model="epsilon_a : 1\ngradient : 1\ne_sum : 1",
    code=ELIGIBILITY + ACCUMULATE_UNFILTERED,
    state=("epsilon_a", "gradient", "e_sum"),
    gradient="gradient",
    at_sample_end=REGULARISE,
    convention=CONVENTION,
)
"""e-prop without the filter of the readout's leak, as ReckOn computes it, applied once a batch."""

EPROP_ONLINE = LearningRule(
    name="eprop_online",
    source=f"{SOURCE}, eqs. 23-28 and 38; applied at every step",
    model="epsilon_a : 1\ne_bar : 1",
    code=ELIGIBILITY + FILTER + ON_LINE,
    state=("epsilon_a", "e_bar"),
    updates_each="step",
    convention=CONVENTION,
)
"""e-prop on line: the weights follow at every step."""

EPROP_FACTORISED = LearningRule(
    name="eprop_factorised",
    source=f"{RECKON}: LIF, no readout filter, on line; the traces are the neurons', not the synapses'",
    model="",
    code=ELIGIBILITY_LIF + ON_LINE_UNFILTERED,
    updates_each="step",
    adaptive_neurons=False,
    convention=CONVENTION,
)
"""e-prop on line for LIF neurons without readout filter: the traces are the neurons', so memory grows with N (ReckOn)."""

EPROP_FACTORISED_NBIT = LearningRule(
    name="eprop_factorised_nbit",
    source=f"{RECKON}: as eprop_factorised, with weights of n bits and stochastic rounding",
    model="",
    code=ELIGIBILITY_LIF + ON_LINE_UNFILTERED + ROUND,
    updates_each="step",
    adaptive_neurons=False,
    rounds=True,
    convention=CONVENTION,
)
"""eprop_factorised with weights of n bits and stochastic rounding at every step."""
