"""e-prop evaluated at presynaptic spikes instead of at every step: the same gradient for a fraction of the operations.

Between two spikes of neuron i all that synapse ij sums up is linear in its (zbar, epsilon_a, e_bar), with coefficients that depend on
neuron j alone. So neuron j carries, since the start of a block of steps, the responses of (epsilon_a, e_bar, gradient, e_sum)
to zbar = 1 (``p``), to epsilon_a = 1 (``q``) and to e_bar = 1 (``r``) at the start of the block. The synapses apply them once
at the end of the block. A spike inside the block adds to the synapse the values at the start of the block that would have the same effect
(``d``, the responses' inverse). Nothing is neglected; blocks are short enough that the inverse costs about one digit of sixteen.
"""

from __future__ import annotations

import numpy as np
from brian2 import ms

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.rule import Rule
from brian2chip.plasticity.eprop import CONVENTION, RUNTIME, SOURCE

EPROP_EVENTS = Rule(
    name="eprop_events",
    source=f"{SOURCE}, eqs. 23-28 and 38, rearranged: see the file's docstring",
    model="w : 1\nepsilon_a : 1\ne_bar : 1\ngradient : 1\ne_sum : 1",
    on_pre="I_post += w\nepsilon_a += d_a_post\ne_bar += d_f_post\ngradient += d_g_post\ne_sum += d_s_post",
    regular=(
        (
            """
zbar_start = zbar_pre/decay_post
gradient += zbar_start*p_g_post + epsilon_a*q_g_post + e_bar*r_g_post
e_sum += zbar_start*p_s_post + epsilon_a*q_s_post
e_bar = zbar_start*p_f_post + epsilon_a*q_f_post + e_bar*r_f_post
epsilon_a = zbar_start*p_a_post + epsilon_a*q_a_post
""",
            "block",
        ),
    ),
    parameters={"block": 50 * ms},
    convention=CONVENTION,
    post="eprop_events",
    devices=RUNTIME,
)


def block_steps(network: NetworkConfig, dt: float) -> int:
    """Return how many steps a block may have so that no response shrinks below exp(-3); 0 when a threshold adapts too strongly."""
    slowest = np.exp(-dt / network.tau_a) - network.gamma * network.beta
    if slowest <= 0.5:
        return 0
    return max(1, int(3 / max(dt / network.tau_m, dt / network.tau_out, -np.log(slowest))))
