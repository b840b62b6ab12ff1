"""e-prop evaluated at presynaptic spikes instead of at every step: the same gradient for a fraction of the operations.

Between two spikes of neuron i everything synapse ij sums up is linear in its (zbar, epsilon_a, e_bar), with coefficients that depend on
neuron j alone. So neuron j carries, since the start of a block of steps, the responses of (epsilon_a, e_bar, gradient, e_sum)
to zbar = 1 (``p``), to epsilon_a = 1 (``q``) and to e_bar = 1 (``r``) at the start of the block. The synapses apply them once
at the end of the block. A spike inside the block adds to the synapse the values at the start of the block that would have the same effect
(``d``, the responses' inverse). Nothing is neglected; blocks are short enough that the inverse costs about one digit of sixteen.
"""

from __future__ import annotations

import numpy as np

from brian2chip.core.learning_rule import LearningRule, NeuronExtension
from brian2chip.core.network_config import NetworkConfig
from brian2chip.errors import UserError
from brian2chip.models.eprop_events import EQUATIONS, INVERT, RESPOND, START
from brian2chip.plasticity.eprop import CONVENTION, REGULARISE, SOURCE


def block_steps(network: NetworkConfig, dt: float) -> int:
    """Return the largest number of steps of a block for which no response shrinks below exp(-3).

    Raises
    ------
    UserError
        When a threshold adapts too strongly.
    """
    slowest = np.exp(-dt / network.tau_a) - network.gamma * network.beta
    if slowest <= 0.5:
        raise UserError("the thresholds adapt too strongly (gamma*beta near one) for 'eprop_events'; use the rule 'eprop'.")
    return max(1, int(3 / max(dt / network.tau_m, dt / network.tau_out, -np.log(slowest))))


EPROP_EVENTS = LearningRule(
    name="eprop_events",
    source=f"{SOURCE}, eqs. 23-28 and 38, rearranged: see the file's docstring",
    model="epsilon_a : 1\ne_bar : 1\ngradient : 1\ne_sum : 1",
    on_pre="I_post += w\nepsilon_a += d_a_post\ne_bar += d_f_post\ngradient += d_g_post\ne_sum += d_s_post",
    code="""\
zbar_start = zbar_pre/decay_post
gradient += zbar_start*p_g_post + epsilon_a*q_g_post + e_bar*r_g_post
e_sum += zbar_start*p_s_post + epsilon_a*q_s_post
e_bar = zbar_start*p_f_post + epsilon_a*q_f_post + e_bar*r_f_post
epsilon_a = zbar_start*p_a_post + epsilon_a*q_a_post
""",
    state=("epsilon_a", "e_bar", "gradient", "e_sum"),
    runs_each="block",
    block=block_steps,
    gradient="gradient",
    at_sample_end=REGULARISE,
    post="eprop_events",
    extension=NeuronExtension(EQUATIONS, START, before=RESPOND, after=INVERT),
    convention=CONVENTION,
)
