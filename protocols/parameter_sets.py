"""Several parameter sets of one rule, as arrays that the synapses of one network take their values from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brian2chip.core.pathways import built_with
from brian2chip.core.rule import Rule
from brian2chip.core.start_expressions import with_numbers
from brian2chip.core.starts import variables
from brian2chip.core.units import Quantity, get_dimensions
from brian2chip.errors import UserError
from brian2chip.protocols.efficacy import efficacy, starts
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.starting_weights import check_start, limits_of_starts


@dataclass(frozen=True)
class ParameterSets:
    """Values of parameters and starts of a rule.

    Attributes
    ----------
    rule : Rule
        Its own values hold where ``values`` says nothing.
    values : mapping of str to array
        SI values [sets, 1] or, where stimuli of one set differ, [sets, stimuli].
    n : int
        Sets.
    """

    rule: Rule
    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    n: int = 1

    def part(self, first: int, last: int) -> ParameterSets:
        """Return the sets from ``first`` to before ``last``."""
        chosen = {name: value[first:last] for name, value in self.values.items()}
        fixed = built_with(self.rule) & chosen.keys()
        rule = self.rule.with_parameters(**{name: self.quantity(name, first) for name in fixed})
        return ParameterSets(rule, chosen, len(range(self.n)[first:last]))

    def quantity(self, name: str, k: int, stimulus: int = 0) -> Quantity:
        """Return a value of one set with its unit."""
        value = self.values[name]
        return Quantity(value[k, stimulus % value.shape[1]], dim=_dimensions(self.rule, name))

    def of(self, k: int, stimulus: int = 0) -> Rule:
        """Return the rule with the values of one set, those of one stimulus where stimuli differ."""
        return self.rule.with_parameters(**{name: self.quantity(name, k, stimulus) for name in self.values})

    def values_of(self, n_stimuli: int) -> dict[str, np.ndarray]:
        """Return SI values of all parameters and, as ``initial.w``, of all starts: each [sets, starts, stimuli] or of broadcast shape."""
        given = {name: np.asarray(value, float)[:, None, :] for name, value in self.values.items()}
        found = {name: np.full((1, 1, 1), si(value)) for name, value in self.rule.parameters.items()}
        states = starts(self.rule)
        begin = {name: np.array([state[name] for state in states])[None, :, None] for name in self.rule.initial}
        whole = (self.n, len(states), n_stimuli)
        every = {**found, **{f"initial.{name}": value for name, value in begin.items()}}
        changed = {name if name in found else f"initial.{name}": value for name, value in given.items()}
        return {name: np.broadcast_to(value, whole) for name, value in {**every, **changed}.items()}


def _dimensions(rule: Rule, name: str) -> Any:
    return get_dimensions(rule.parameters[name]) if name in rule.parameters else variables(rule.model)[name].dim


def each_with_numbers(sets: ParameterSets, seed: int) -> list[ParameterSets]:
    """Return the sets with every start that is an expression replaced by its values: one by one, as they may depend on parameters.

    Raises
    ------
    UserError
        For a start that reads a parameter that is not the same for all stimuli.
    """
    texts = {name: value for name, value in sets.rule.initial.items() if isinstance(value, str) and name not in sets.values}
    if not texts:
        return [sets]
    several = [name for name, value in sets.values.items() if value.shape[1] > 1]
    for name, text in texts.items():
        if read := [each for each in several if re.search(rf"\b{re.escape(each)}\b", text)]:
            raise UserError(f"{name} starts at {text!r}, and {read[0]} differs between experiments; give {name} a number as its start.")
    given = ({name: value[k : k + 1] for name, value in sets.values.items()} for k in range(sets.n))
    return [ParameterSets(with_numbers(sets.of(k), seed), values) for k, values in enumerate(given)]


def state_before(rule: Rule, values: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return what :func:`efficacy` needs at the start, from what :meth:`ParameterSets.values_of` returned."""
    begin = {name.removeprefix("initial."): value for name, value in values.items() if name.startswith("initial.")}
    return {name: 0.0 for name in variables(rule.model)} | {n: values[n] for n in rule.parameters} | begin


def check_sets(sets: ParameterSets, relative: bool) -> None:
    """Refuse sets that cannot be measured from where they start, as :func:`check_start` refuses one.

    Raises
    ------
    UserError
        With the sentence of the first set that is wrong.
    """
    if not sets.values:
        check_start(sets.rule, relative)
        return
    for k, stimulus in np.argwhere(wrong_sets(sets, relative)):
        check_start(sets.of(int(k), int(stimulus)), relative)


def wrong_sets(sets: ParameterSets, relative: bool) -> np.ndarray:
    """Return which sets, [sets, stimuli], :func:`check_sets` would refuse."""
    with np.errstate(all="ignore"):
        n_stimuli = max(value.shape[1] for value in sets.values.values())
        values = sets.values_of(n_stimuli)
        wrong = np.zeros((sets.n, n_stimuli), bool)
        for name, (low, high) in sets.rule.bounds.items():
            if name in sets.values:
                wrong |= (sets.values[name] < (-np.inf if low is None else si(low))) | (
                    sets.values[name] > (np.inf if high is None else si(high))
                )
        for value in sets.values.values():
            wrong |= ~np.isfinite(value)
        before = state_before(sets.rule, values)
        for name, low, high in limits_of_starts(sets.rule, {n: values[n] for n in sets.rule.parameters}):
            begin = np.broadcast_to(before[name], values_shape(values))
            wrong |= ((begin < low) | (begin > high)).any(axis=1)
        weight = np.broadcast_to(efficacy(sets.rule, before), values_shape(values))
        wrong |= ~np.isfinite(weight).all(axis=1) | (weight.mean(axis=1) == 0 if relative else False)
    return wrong


def values_shape(values: Mapping[str, np.ndarray]) -> tuple[int, ...]:
    """Return [sets, starts, stimuli]."""
    return np.broadcast_shapes(*(value.shape for value in values.values()))


def alike(rule: Rule) -> tuple:
    """Return what rules have in common that may run as parameter sets of one of them: all but values, names and sources."""
    parameters = [(name, str(get_dimensions(value))) for name, value in rule.parameters.items()]
    fixed = [si(rule.parameters[name]) for name in sorted(built_with(rule))]
    states = starts(rule)
    neuron = rule.post if rule.post is None or isinstance(rule.post, str) else id(rule.post)
    code = (rule.model, str(rule.pathways), rule.weight, rule.regular, rule.devices, neuron, str(rule.third_factors))
    begin = sorted(rule.initial) if len(states) == 1 else [sorted(state.items()) for state in states]
    return (*code, str(parameters), str(fixed), str(begin))


def sets_of(rules: Sequence[Rule]) -> ParameterSets:
    """Return the parameters and starts of several rules that are alike as sets of the first."""
    first = rules[0]
    if len(rules) == 1:
        return ParameterSets(first)
    table = {name: np.array([[si(rule.parameters[name])] for rule in rules]) for name in first.parameters}
    table |= {name: np.array([[starts(rule)[0][name]] for rule in rules]) for name in first.initial} if len(starts(first)) == 1 else {}
    changed = {name: value for name, value in table.items() if (value != value[0]).any()}
    return ParameterSets(first, changed, len(rules))
