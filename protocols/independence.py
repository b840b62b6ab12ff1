"""Whether synapses of one network learn as if each were alone: what a rule's equations share, draw, or do to a neuron."""

from __future__ import annotations

from brian2chip.analysis.statements import RANDOM, statements
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.starts import parsed

#: Numbers of a synapse, and of all of them, which differ between networks of one set and of many.
OF_THE_NETWORK = frozenset({"i", "j", "N", "N_pre", "N_post", "N_incoming", "N_outgoing"})


def takes_values_per_synapse(rule: Rule) -> bool:
    """Return whether each synapse can have parameters of its own: nothing that all synapses share is made of them."""
    return not any("shared" in equation.flags for equation in parsed(rule.model).values())


def can_share_neurons(rule: Rule) -> bool:
    """Return whether synapses between the same two neurons learn as if alone: none acts on a neuron, draws, or counts others."""
    equations = parsed(rule.model)
    found = statements(rule, equations, None if rule.post is None else model(rule.post))
    acts = any(":" not in s.target and (s.target not in equations or "summed" in equations[s.target].flags) for s in found)
    return takes_values_per_synapse(rule) and not acts and not any(s.reads & {RANDOM, *OF_THE_NETWORK} for s in found)
