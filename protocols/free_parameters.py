"""The free parameters of a fit as a vector: one number for all protocols, or one for each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.analysis.fit import checked_start
from brian2chip.core.pathways import built_with
from brian2chip.core.quantities import unit_name
from brian2chip.core.rule import Rule
from brian2chip.core.units import Quantity, get_dimensions, have_same_dimensions
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.efficacy import starts
from brian2chip.protocols.independence import takes_values_per_synapse
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.starting_weights import kept_within

#: A parameter of one protocol, ``A2_plus[wang_2005]``.
OF_PROTOCOL = re.compile(r"(\w+)\[(.+)\]")


@dataclass(frozen=True)
class FreeVector:
    """What a fit searches.

    Attributes
    ----------
    rule : Rule
    names : tuple of str
    start : tuple of float
    bounds : tuple of (low, high)
    columns : mapping of parameter to tuple of int
        The entries of the vector, one, or one for each protocol.
    """

    rule: Rule
    names: tuple[str, ...]
    start: tuple[float, ...]
    bounds: tuple[tuple[float | None, float | None], ...]
    columns: Mapping[str, tuple[int, ...]]

    @property
    def units(self) -> tuple[str, ...]:
        """The unit of each entry, as it is written: ``"s"``, or nothing for a plain number."""
        name_of = {k: name for name, which in self.columns.items() for k in which}
        names = [unit_name(self.rule.parameters[name_of[k]]) for k in range(len(self.names))]
        return tuple("" if name.startswith("1 ") else name for name in names)

    def rule_with(self, values: Sequence[float], protocol: int) -> Rule:
        """Return the rule with the values of a vector that belong to a protocol, by its number."""
        chosen = {name: values[which[0] if len(which) == 1 else which[protocol]] for name, which in self.columns.items()}
        dimensions = {name: get_dimensions(self.rule.parameters[name]) for name in chosen}
        return self.rule.with_parameters(**{name: Quantity(v, dim=dimensions[name]) for name, v in chosen.items()})

    def sets(self, rows: np.ndarray, protocol_of: np.ndarray) -> ParameterSets:
        """Return the parameter sets of vectors, one a row, for conditions of which each belongs to a protocol (its number)."""
        values = {name: rows[:, list(which)] for name, which in self.columns.items()}
        values = {name: value if value.shape[1] == 1 else value[:, protocol_of] for name, value in values.items()}
        return ParameterSets(self.rule, values, len(rows))


def split_starts(parameters: Mapping[str, Any]) -> tuple[dict[str, Any], dict[tuple[str, str], Any]]:
    """Return the values for all protocols, and those for one by parameter and protocol."""
    found = {name: OF_PROTOCOL.fullmatch(name) for name in parameters}
    shared = {name: value for name, value in parameters.items() if found[name] is None}
    return shared, {(match[1], match[2]): parameters[name] for name, match in found.items() if match is not None}


def free_vector(
    rule: Rule,
    free: Sequence[str] | None,
    separate: Sequence[str] | None,
    own: Mapping[tuple[str, str], Any],
    narrower: Mapping[str, tuple] | None,
    protocols: Sequence[str],
) -> FreeVector:
    """Return the vector of a fit.

    Raises
    ------
    UserError
        For names that are no parameters of the rule or not free, a value of its own for each of one protocol, bounds that are none, and
        starts that do not lie between them.
    """
    free = _checked_names(rule, free)
    separate = _checked_separate(rule, free, separate, protocols)
    for name, protocol in own:
        if name not in separate:
            raise UserError(f"{name}[{protocol}] was given a value of its own; name {name} in separate (--separate {name}) too.")
        if protocol not in protocols:
            raise unknown("protocol in this fit called", protocol, protocols)
        rule.with_parameters(**{name: own[name, protocol]})
    limits = _bounds(rule, free, _narrower(rule, free, narrower))
    names, start, columns = [], [], {}
    for name in free:
        whose = protocols if name in separate else [None]
        columns[name] = tuple(range(len(names), len(names) + len(whose)))
        names += [name if protocol is None else f"{name}[{protocol}]" for protocol in whose]
        start += [si(own.get((name, protocol), rule.parameters[name])) for protocol in whose]
    bounds = [limit for name, limit in zip(free, limits) for _ in columns[name]]
    checked_start(names, start, bounds)
    return FreeVector(rule, tuple(names), tuple(start), tuple(bounds), columns)


def _checked_separate(rule: Rule, free: list[str], separate: Sequence[str] | None, protocols: Sequence[str]) -> list[str]:
    separate = [] if separate is None else [separate] if isinstance(separate, str) else list(separate)
    fixed = built_with(rule)
    for name in separate:
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
        if name not in free:
            raise UserError(f"parameter {name!r} has a value for each protocol and is not free; free it too, or leave it out of separate.")
        if name in fixed:
            what = "a period of its code" if name in {period for _, period in rule.regular} else "a delay"
            raise UserError(f"{name} of {rule.name!r} is {what} and the same for all synapses; leave it out of separate.")
    if separate and len(protocols) < 2:
        raise UserError(f"{separate[0]} has a value for each protocol, and there is one protocol; name several, or leave separate out.")
    if separate and not takes_values_per_synapse(rule):
        raise UserError(f"rule {rule.name!r} has variables that its synapses share, which no value for each protocol can go into.")
    return separate


def _narrower(rule: Rule, free: Sequence[str], given: Mapping[str, tuple] | None) -> dict[str, tuple]:
    """Return bounds that were given, in SI."""
    if given is not None and not isinstance(given, Mapping):
        raise UserError(f"bounds were given as {given!r}; give a mapping of names to (low, high).")
    found = {}
    for name, ends in (given or {}).items():
        if name not in free:
            raise unknown("free parameter called", name, free)
        if not isinstance(ends, tuple | list) or len(ends) != 2:
            raise UserError(f"the bounds of {name} were given as {ends!r}; give (low, high), None for an end that stays.")
        for end in ends:
            if end is not None and not have_same_dimensions(end, rule.parameters[name]):
                needed = unit_name(rule.parameters[name])
                raise UserError(f"a bound of {name} was given as {end!r} with unit {unit_name(end)}; it needs the unit {needed}.")
            if end is not None:
                rule.with_parameters(**{name: end})
        low, high = (None if end is None else si(end) for end in ends)
        if low is not None and high is not None and low >= high:
            raise UserError(f"the bounds of {name} were given as {ends[0]} to {ends[1]}; the first must be the lower one.")
        found[name] = (low, high)
    return found


def _bounds(rule: Rule, free: Sequence[str], narrower: Mapping[str, tuple]) -> list[tuple[float | None, float | None]]:
    """Return the bounds of the free parameters; one by which the rule's code clips a variable cannot pass that variable's start."""
    bounds = {name: [None if bound is None else si(bound) for bound in rule.bounds.get(name, (None, None))] for name in free}
    for variable, low, high in kept_within(rule):
        begin = [state.get(variable, 0.0) for state in starts(rule)]
        if low in bounds:
            bounds[low][1] = min(begin) if bounds[low][1] is None else min(bounds[low][1], *begin)
        if high in bounds:
            bounds[high][0] = max(begin) if bounds[high][0] is None else max(bounds[high][0], *begin)
    for name, ends in narrower.items():
        bounds[name] = [old if end is None else end for old, end in zip(bounds[name], ends)]
    return [tuple(bounds[name]) for name in free]


def _checked_names(rule: Rule, free: list[str] | None) -> list[str]:
    """Return the parameters to fit, the amplitudes when none are named."""
    free = [name for name in rule.parameters if name.startswith("A")] if free is None else [free] if isinstance(free, str) else list(free)
    if not free:
        raise UserError(f"name the parameters of {rule.name!r} to fit with --free; it has {', '.join(rule.parameters) or 'none'}.")
    for name in free:
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
        if free.count(name) > 1:
            raise UserError(f"parameter {name!r} was given twice to be fitted; name it once.")
    return free
