"""Check parameters and starting values before any long work: names, units, bounds, NaN; one sentence each."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

import numpy as np

from brian2chip.core.later import brian2
from brian2chip.core.quantities import unit_name
from brian2chip.core.units import DimensionMismatchError, have_same_dimensions
from brian2chip.errors import UserError, unknown

#: What a preset may give beside parameters: what a spike does in a published variant, and its oracle.
VARIANT = ("on_pre", "on_post", "oracle")


def checked_parameters(thing: Any, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters of a rule or model with changes applied.

    Raises
    ------
    UserError
        For a name that does not exist, a wrong unit, NaN, or a value outside its bounds.
    """
    parameters = dict(thing.parameters)
    for name, value in changes.items():
        if name not in parameters:
            raise unknown(f"parameter of {thing.name!r} called", name, parameters)
        expected = parameters[name]
        numeric = _number(thing, name, value, f" with unit {unit_name(expected)}")
        if not have_same_dimensions(expected, value):
            raise UserError(
                f"parameter {name} of {thing.name!r} was given as {value!r} with unit {unit_name(value)}; "
                f"it needs the unit {unit_name(expected)}."
            )
        if not np.isfinite(numeric):
            raise UserError(f"parameter {name} of {thing.name!r} is {numeric}; give a finite number.")
        _check_within(thing, name, value)
        parameters[name] = value
    return parameters


def check_defaults(thing: Any, presets: Mapping[str, Mapping[str, Any]] | None = None) -> None:
    """Check the parameters that a definition itself gives, their bounds and its presets.

    Raises
    ------
    UserError
        For a default that is not one number, bounds of another unit or of no parameter, a default outside them, or a preset that
        :func:`checked_parameters` refuses.
    """
    for name, value in thing.parameters.items():
        if not is_signal(value) and np.isnan(_number(thing, name, value, "")):
            raise UserError(f"parameter {name} of {thing.name!r} is nan; give a number.")
    for name, bounds in thing.bounds.items():
        if name not in thing.parameters:
            raise unknown(f"parameter of {thing.name!r}, for its bounds, called", name, thing.parameters)
        if not (isinstance(bounds, tuple | list) and len(bounds) == 2):
            raise UserError(f"the bounds of {name} of {thing.name!r} were given as {bounds!r}; give (low, high), None for an open end.")
        for bound in bounds:
            _check_bound(thing, name, bound)
        _check_within(thing, name, thing.parameters[name])
    for name, preset in (presets or {}).items():
        try:
            checked_parameters(thing, _split(thing, preset)[0])
        except UserError as error:
            raise UserError(f"preset {name!r}: {error}") from error


def is_signal(value: Any) -> bool:
    """Return whether a parameter is a signal over time, Brian2's ``TimedArray``; there is none where Brian2 was not imported."""
    return "brian2" in sys.modules and isinstance(value, brian2.TimedArray)


def check_numbers(thing: Any) -> None:
    """Refuse parameters that are signals over time: the account of a rule reads them, a protocol cannot run them."""
    for name, value in thing.parameters.items():
        _number(thing, name, value, "")


def _number(thing: Any, name: str, value: Any, unit: str) -> float:
    """Return a parameter as a plain SI number."""
    if is_signal(value):
        raise UserError(
            f"parameter {name} of {thing.name!r} is a TimedArray, but a parameter is one number; write a signal over time into the code as "
            "an expression of t, such as 0.5*int(t > 10*ms)."
        )
    try:
        if isinstance(value, str | bytes):
            raise TypeError
        return float(np.asarray(value))
    except (TypeError, ValueError, DimensionMismatchError):
        raise UserError(f"parameter {name} of {thing.name!r} must be one number{unit}, not {value!r}.") from None


def _check_bound(thing: Any, name: str, bound: Any) -> None:
    if bound is None:
        return
    value = thing.parameters[name]
    if np.isnan(_number(thing, name, bound, f" with unit {unit_name(value)}")) or not have_same_dimensions(value, bound):
        raise UserError(
            f"a bound of parameter {name} of {thing.name!r} was given as {bound!r} with unit {unit_name(bound)}; it needs the unit "
            f"{unit_name(value)}."
        )


def _check_within(thing: Any, name: str, value: Any) -> None:
    low, high = thing.bounds.get(name, (None, None))
    if (low is not None and value < low) or (high is not None and value > high):
        raise UserError(
            f"parameter {name} of {thing.name!r} was given as {value!r}; it must lie between "
            f"{'minus infinity' if low is None else low} and {'infinity' if high is None else high}."
        )


def with_preset(thing: Any, preset: str) -> Any:
    """Return a rule or model with one of its published parameter sets or variants, named ``"name:preset"``."""
    values, variant = _split(thing, thing.presets[preset])
    return replace(thing.with_parameters(**values), name=f"{thing.name}:{preset}", **variant)


def _split(thing: Any, preset: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the parameters of a preset, and what else of the thing it gives."""
    own = {field.name for field in fields(thing)}
    variant = {name: value for name, value in preset.items() if name in VARIANT and name in own}
    return {name: value for name, value in preset.items() if name not in variant}, variant


def with_parameters(self, /, **changes):
    """Return the same thing with some parameters changed; checks names, units and bounds."""
    return replace(self, parameters=checked_parameters(self, changes))
