"""Whether synapses of one network learn as if each were alone: what a rule's equations share, draw, or do to a neuron."""

from __future__ import annotations

import json
from types import SimpleNamespace

from brian2chip.core.equations import equations
from brian2chip.core.later import brian2
from brian2chip.core.remembered import remembered
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule

#: Numbers of a synapse, and of all of them, which differ between networks of one set and of many.
OF_THE_NETWORK = frozenset({"i", "j", "N", "N_pre", "N_post", "N_incoming", "N_outgoing"})


def takes_values_per_synapse(rule: Rule) -> bool:
    """Return whether each synapse can have parameters of its own: nothing that all synapses share is made of them."""
    return not any("shared" in equation.flags for equation in equations(rule.model).values())


def can_share_neurons(rule: Rule) -> bool:
    """Return whether synapses between the same two neurons learn as if alone: none acts on a neuron, draws, or counts others."""
    pathways = [(path.name, path.side, path.code) for path in rule.pathways]
    neuron = None if rule.post is None else model(rule.post).equations
    text = json.dumps([rule.model, pathways, [code for code, _ in rule.regular], neuron])
    return takes_values_per_synapse(rule) and remembered(_learn_alone, text)


def _learn_alone(text: str) -> bool:
    from brian2chip.analysis.statements import RANDOM, statements  # it imports Brian2

    own, pathways, regular, neuron = json.loads(text)
    paths = [SimpleNamespace(name=name, side=side, code=code) for name, side, code in pathways]
    rule = SimpleNamespace(pathways=paths, regular=[(code, "") for code in regular])
    found = brian2.Equations(own)
    read = statements(rule, found, None if neuron is None else SimpleNamespace(equations=neuron))
    acts = any(":" not in s.target and (s.target not in found or "summed" in found[s.target].flags) for s in read)
    return not acts and not any(s.reads & {RANDOM, *OF_THE_NETWORK} for s in read)
