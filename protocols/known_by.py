"""What determines the program of a rule in a protocol: by it the program is found again without being built."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np

from brian2chip.core.model import Model
from brian2chip.core.pathways import built_with
from brian2chip.core.protocol import Stimulus
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.units import get_dimensions
from brian2chip.protocols.network_objects import si

#: Fields of a rule that do not reach its network, which is given parameters and starts anew for every run.
NOT_BUILT = ("name", "source", "file", "parameters", "initial", "bounds", "presets", "weight", "convention", "devices", "oracle", "tissue")


def of_rule(rule: Rule, neuron: Model | None) -> tuple:
    """Return what determines the synapses of a rule, and the neurons, beside the parameters and starts that every run is given."""
    return (
        {field.name: getattr(rule, field.name) for field in fields(rule) if field.name not in NOT_BUILT},
        {name: repr(get_dimensions(value)) for name, value in rule.parameters.items()},
        [si(rule.parameters[name]) for name in sorted(built_with(rule))],
        list(rule.initial),
        None if neuron is None else replace(neuron, source="", presets={}, bounds={}),
    )


def known_by(rule: Rule, stimulus: Stimulus, room: int, together: bool, own: bool, n: int) -> tuple:
    """Return what determines the program of a rule at independent synapses."""
    return (
        "independent synapses",
        of_rule(rule, None if rule.post is None else model(rule.post)),
        [np.asarray(column) for column in (stimulus.pre_i, stimulus.pre_t, stimulus.post_i, stimulus.post_t)],
        (room, together, own, None if own else n),
    )
