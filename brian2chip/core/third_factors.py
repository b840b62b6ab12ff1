"""Third factors of a rule: what it reads from outside of its synapse and its two neurons, and where that comes from."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from brian2chip.core.equations import PARAMETER, Equation
from brian2chip.core.later import brian2
from brian2chip.core.quantities import unit_name
from brian2chip.core.signal import Signal, is_timed_array
from brian2chip.core.starts import variables
from brian2chip.core.units import Quantity, get_dimensions, get_unit, have_same_dimensions
from brian2chip.errors import UserError, unknown

HOW = "a number, a Signal over time, or a shared variable of another group"  # what a third factor may be in a network of the user's


def declared(owner: str, given: Any) -> dict[str, Signal | None]:
    """Return the third factors that a definition names, each with its signal or None; a TimedArray becomes a signal."""
    named = dict.fromkeys(given) if isinstance(given, tuple | list) else dict(given)
    found = {name: Signal.from_timed_array(value) if is_timed_array(value) else value for name, value in named.items()}
    for name, value in found.items():
        if not (value is None or isinstance(value, Signal)):
            raise UserError(
                f"third factor {name} of {owner} was given as {value!r}; give a Signal, or None where whoever runs it gives one, and a "
                "number in initial."
            )
    return found


def factors(rule: Any) -> dict[str, Equation]:
    """Return the third factors of a rule, by name: those it declares, and shared or linked variables that its own code never sets.

    Raises
    ------
    UserError
        For a declared one that is no variable of its equations, or a signal of another unit.
    """
    stored = variables(rule.model)
    for name, signal in rule.third_factors.items():
        if name not in stored:
            raise unknown(f"variable in the equations of rule {rule.name!r} for the third factor called", name, stored)
        _check_unit(rule, stored[name], name, signal)
    return {name: e for name, e in stored.items() if name in rule.third_factors or (_is_outside(e) and not _sets(rule, name))}


def _is_outside(equation: Equation) -> bool:
    return equation.type == PARAMETER and bool({"shared", "linked"} & set(equation.flags)) and "constant" not in equation.flags


def _sets(rule: Any, name: str) -> bool:
    code = "\n".join([*(code for code, _ in rule.regular), *(path.code for path in rule.pathways)])
    return re.search(rf"(?m)(?:^|;)\s*{re.escape(name)}\s*[-+*/]?=(?!=)", code) is not None


def _check_unit(rule: Any, equation: Equation, name: str, value: Any) -> None:
    needed = Quantity(1.0, dim=equation.dim)
    given = value.unit if isinstance(value, Signal) else value
    if given is not None and not have_same_dimensions(given, needed):
        raise UserError(
            f"third factor {name} of rule {rule.name!r} was given in the unit {unit_name(given)}; it needs the unit {unit_name(needed)}."
        )


def without(rule: Any, names: Any) -> Any:
    """Return the rule with some variables taken from its equations and starts, to be provided from elsewhere."""
    return replace(
        rule,
        model="\n".join(line for line in rule.model.splitlines() if line.partition(":")[0].strip() not in names),
        initial={name: value for name, value in rule.initial.items() if name not in names},
        third_factors={name: value for name, value in rule.third_factors.items() if name not in names},
    )


def rewritten(rule: Any, change: Callable[[str], str]) -> Any:
    """Return the rule with a change made to its equations and all its code."""

    def changed(code: Any) -> Any:
        return {name: change(one) for name, one in code.items()} if isinstance(code, Mapping) else change(code)

    return replace(
        rule,
        model=change(rule.model),
        on_pre=changed(rule.on_pre),
        on_post=changed(rule.on_post),
        regular=tuple((change(code), period) for code, period in rule.regular),
    )


def signals_as_factors(rule: Any) -> Any:
    """Return the rule with each parameter that is a TimedArray, read as ``name(t)``, turned into a third factor with that signal."""
    for name, value in rule.parameters.items():
        if is_timed_array(value):
            signal, call = Signal.from_timed_array(value), re.compile(rf"\b{re.escape(name)}\s*\(\s*t\s*\)")
            rule = rewritten(rule, lambda code, name=name, call=call: call.sub(name, code))
            rule = replace(
                rule,
                model=f"{rule.model}\n{name} : {unit_text(signal.unit)} (shared)",
                parameters={key: one for key, one in rule.parameters.items() if key != name},
                third_factors={**rule.third_factors, name: signal},
            )
    return rule


def unit_text(value: Any) -> str:
    """Return the unit of a value as equations write it."""
    dimensions = get_dimensions(value)
    return "1" if dimensions.is_dimensionless else repr(get_unit(dimensions))


@dataclass(frozen=True)
class Sources:
    """Where the third factors of synapses in a user's own network come from.

    Attributes
    ----------
    rule : Rule
        With equations in which a signal is a function of time, and without the variables that are linked.
    numbers : mapping
        Values to start with.
    links : mapping of name to (group, variable, index)
        Variables of other groups.
    namespace : mapping
        Signals, as functions of time.
    """

    rule: Any
    numbers: Mapping[str, Any] = field(default_factory=dict)
    links: Mapping[str, tuple] = field(default_factory=dict)
    namespace: Mapping[str, Any] = field(default_factory=dict)


def sources(rule: Any, given: Mapping[str, Any], target: Any) -> Sources:
    """Return where the third factors of a rule come from in a user's network.

    Raises
    ------
    UserError
        For one that is not given, an unknown name, another unit, and a variable that cannot be told which synapse reads which value.
    """
    found = factors(rule)
    for name in given:
        if name not in found:
            raise unknown(f"third factor of rule {rule.name!r} called", name, found)
    numbers, links, namespace, lines = {}, {}, {}, []
    for name, equation in found.items():
        value = given.get(name, rule.third_factors.get(name))
        if value is None and name in rule.initial:
            continue
        if value is None:
            raise UserError(
                f"rule {rule.name!r} reads the third factor {name}, which was not given; give third_factors={{{name!r}: ...}}, {HOW}."
            )
        value = Signal.from_timed_array(value) if is_timed_array(value) else value
        linked = _linked(value)
        if linked is not None:
            links[name] = _link(rule, equation, linked, target)
            continue
        _check_unit(rule, equation, name, value)
        if isinstance(value, Signal):
            namespace[f"{name}_over_time"] = value.timed_array()
            lines.append(f"{name} = {name}_over_time(t) : {unit_text(value.unit)} (shared)")
        elif np.ndim(value):
            raise UserError(f"third factor {name} of rule {rule.name!r} was given as {value!r}; give {HOW}.")
        else:
            numbers[name] = value
            if "linked" in equation.flags:
                lines.append(f"{name} : {unit_text(Quantity(1.0, dim=equation.dim))} (shared)")
    gone = set(links) | {line.split()[0] for line in lines}
    bare = without(rule, gone)
    namespace |= {name: value for name, value in rule.parameters.items() if is_timed_array(value)}
    return Sources(replace(bare, model="\n".join([bare.model, *lines])), numbers, links, namespace)


def _linked(value: Any) -> Any:
    """Return Brian2's link to ``group.x``, None for anything else."""
    try:
        return brian2.linked_var(value)
    except ValueError:
        return None


def _link(rule: Any, equation: Equation, link: Any, target: Any) -> tuple:
    name, group, variable = equation.varname, link.group, link.name
    try:
        size, whole = 1 if link.variable.scalar else len(group), not isinstance(group, brian2.Subgroup)
        same, called = group.name == target.name, f"{group.name}.{variable}"
    except ReferenceError:  # a part of a group that was not kept
        size, whole, same, called = 0, False, False, variable
    if not same and (not whole or (size != 1 and isinstance(target, brian2.Subgroup))):
        raise UserError(
            f"third factor {name} of rule {rule.name!r} was given {called}, and a part of a group cannot be told from the whole; link a "
            "shared variable, a group of one, or a variable of the target itself."
        )
    _check_unit(rule, equation, name, Quantity(1.0, dim=link.variable.dim))
    if size != 1 and size != len(target):
        raise UserError(
            f"third factor {name} of rule {rule.name!r} was given {called}, which has {size} values for {len(target)} target neurons; give "
            "a shared variable, a group of one, or one that has as many as the target."
        )
    return group, variable, "0" if size == 1 else "_postsynaptic_idx"
