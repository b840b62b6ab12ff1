"""What is wrong with the start of a rule in a protocol, found before anything runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

import numpy as np

from brian2chip.core.equations import assignments, equations
from brian2chip.core.expressions import value_of
from brian2chip.core.parameters import check_numbers
from brian2chip.core.rule import Rule
from brian2chip.core.starts import check_starts, variables
from brian2chip.errors import UserError
from brian2chip.protocols.efficacy import plain, starting_weight, starts


def check_start(rule: Rule, relative: bool) -> None:
    """Refuse a rule that cannot be measured from where it starts; to be called where Brian2's errors are explained.

    Parameters
    ----------
    rule : Rule
    relative : bool
        Whether the protocol measures changes relative to the starting weight.

    Raises
    ------
    UserError
        For starts of unknown names or wrong units, starts that the rule's own code would clip at the first spike, linked variables, a
        weight that cannot be evaluated, or a starting weight of zero where changes are relative to it.
    """
    check_numbers(rule)
    linked = [e.varname for e in equations(rule.model).values() if "linked" in e.flags]
    if linked:
        raise UserError(
            f"rule {rule.name!r} links {linked[0]} to another group, which a protocol has not; write {linked[0]} : unit (shared) and "
            "give its value in initial."
        )
    check_starts(f"rule {rule.name!r}", rule.model, rule.initial)
    states = starts(rule)
    check_range(rule, {name: (min(s[name] for s in states), max(s[name] for s in states)) for name in rule.initial})
    weight = np.asarray(starting_weight(rule))
    if not np.isfinite(weight).all():
        raise UserError(f"rule {rule.name!r} starts with weight={rule.weight!r} at {weight[0]:g}; give a finite start in initial.")
    if relative and weight.mean() == 0:
        raise UserError(
            f"rule {rule.name!r} starts with a weight ({rule.weight}) of 0, of which no change is a share; give it a start above zero, in "
            f"initial or, on the command line, with --set NAME=VALUE."
        )


def check_range(rule: Rule, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Refuse starts from low to high that the rule's own code would clip.

    Raises
    ------
    UserError
        With the start, and the values between which the code keeps the variable.
    """
    values, stored = {name: float(np.asarray(value)) for name, value in rule.parameters.items()}, variables(rule.model)
    for name, low, high in kept_within(rule):
        if name not in stored:
            continue
        bounds = [_number(bound, values) for bound in (low, high)]
        least, most = ranges.get(name, (0.0, 0.0))
        if (bounds[0] is not None and least < bounds[0]) or (bounds[1] is not None and most > bounds[1]):
            given = f"{least:g}" if least == most else f"{least:g} to {most:g}"
            raise UserError(
                f"rule {rule.name!r} starts {name} at {given}, but its code keeps it from {low}{_worth(low, bounds[0])} to "
                f"{high}{_worth(high, bounds[1])} and would clip it at the first "
                f"spike; start it inside, e.g. --set {name}=..., or change these."
            )


def kept_within(rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Yield (variable, low, high) of every statement ``variable = clip(..., low, high)`` of a rule."""
    for code in (*(path.code for path in rule.pathways), *(code for code, _ in rule.regular)):
        for target, operation, expression in assignments(code):
            match ast.parse(expression.strip(), mode="eval").body:
                case ast.Call(func=ast.Name(id="clip"), args=[_, low, high]) if operation == "=":
                    yield target, ast.unparse(low), ast.unparse(high)


def limits_of_starts(rule: Rule, values: Mapping[str, np.ndarray]) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield (variable, lowest, highest start) of what a rule's code clips, for arrays of its parameters' values."""
    stored = variables(rule.model)
    for name, *ends in kept_within(rule):
        if name in stored:
            low, high = (_array(end, values) for end in ends)
            yield name, -np.inf if low is None else low, np.inf if high is None else high


def _array(expression: str, values: Mapping[str, np.ndarray]) -> np.ndarray | None:
    """Return the values of a bound; None where it depends on more than parameters."""
    try:
        return np.asarray(value_of(expression, values.__getitem__, plain), float)
    except (UserError, TypeError):
        return None


def _number(expression: str, values: Mapping[str, float]) -> float | None:
    """Return the value of a bound; None where it depends on more than parameters."""
    try:
        return float(value_of(expression, values.__getitem__, plain))
    except (UserError, TypeError):
        return None


def _worth(expression: str, value: float | None) -> str:
    return "" if value is None or expression.replace(".", "").lstrip("-").isdigit() else f" = {value:g}"
