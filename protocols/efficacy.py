"""The efficacy that a protocol measures: a variable of a rule, or an expression of its variables, parameters and units."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2.units.fundamentalunits import DimensionMismatchError, Quantity, get_dimensions

from brian2chip.core.brian2_internals import SUBEXPRESSION
from brian2chip.core.expressions import CONSTANTS, UnknownName, value_of
from brian2chip.core.rule import Rule
from brian2chip.core.starts import numbers, parsed, variables
from brian2chip.errors import UserError

#: Units as plain SI numbers.
PLAIN = {name: np.asarray(value).item() for name, value in CONSTANTS.items()}


def state_names(rule: Rule) -> list[str]:
    """Return the variables stored by the rule's synapses."""
    return sorted(variables(rule.model))


def starts(rule: Rule) -> list[dict[str, float]]:
    """Return the initial states that equal shares of the synapses start from (one, unless the rule gives a sequence).

    Raises
    ------
    UserError
        For sequences of different lengths.
    """
    given = {name: np.atleast_1d(numbers(f"rule {rule.name!r}", name, value)) for name, value in rule.initial.items()}
    sizes = {len(values) for values in given.values()} - {1}
    if len(sizes) > 1:
        raise UserError(f"the starts of rule {rule.name!r} have {' and '.join(map(str, sorted(sizes)))} values; give equally many.")
    return [{name: float(values[k % len(values)]) for name, values in given.items()} for k in range(max(sizes, default=1))]


def efficacy(rule: Rule, state: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the measured efficacy from the synaptic state in SI: ``rule.weight`` is a variable or an expression of variables.

    Raises
    ------
    UserError
        For an expression that cannot be read, or names what is no variable of the synapse.
    """
    return np.asarray(_weight(rule, {**{k: float(np.asarray(v)) for k, v in rule.parameters.items()}, **state}, PLAIN), float)


def _weight(rule: Rule, known: Mapping[str, Any], constants: Mapping[str, Any]) -> Any:
    equations = parsed(rule.model)

    def variable(name: str) -> Any:
        if name in known:
            return known[name]
        if equations[name].type != SUBEXPRESSION:
            raise KeyError(name)
        return value_of(equations[name].expr.code, variable, constants)

    try:
        return value_of(rule.weight, variable, constants)
    except UnknownName as error:
        names = ", ".join([*variables(rule.model), *rule.parameters])
        raise UserError(
            f"rule {rule.name!r} measures weight={rule.weight!r}, in which {error.unknown!r} is no variable of its synapses; give weight= "
            f"of these: {names}."
        ) from None
    except RecursionError:
        raise UserError(f"rule {rule.name!r} measures weight={rule.weight!r}, which refers to itself.") from None


def starting_weight(rule: Rule) -> Quantity:
    """Return the measured efficacy of each starting state, with its unit.

    Raises
    ------
    UserError
        For an expression that cannot be read, or whose units do not agree.
    """
    stored, found = variables(rule.model), []
    for state in starts(rule):
        known = {name: Quantity(state.get(name, 0.0), dim=equation.dim) for name, equation in stored.items()}
        try:
            found.append(_weight(rule, {**rule.parameters, **known}, CONSTANTS))
        except DimensionMismatchError as error:
            reason = " ".join(str(error).split())
            raise UserError(f"rule {rule.name!r} measures weight={rule.weight!r}, whose units do not agree: {reason}") from error
    return Quantity([float(np.asarray(value)) for value in found], dim=get_dimensions(found[0]))
