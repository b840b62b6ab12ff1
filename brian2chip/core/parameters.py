"""Check parameters before any long work: names, units, bounds, NaN; one sentence each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from brian2.units.allunits import *  # noqa: F403  (the names a user may write in "20*ms")
from brian2.units.fundamentalunits import DimensionMismatchError, Quantity, get_dimensions, get_unit, have_same_dimensions
from brian2.units.stdunits import *  # noqa: F403

from brian2chip.errors import UserError, unknown

UNITS = {name: value for name, value in globals().items() if isinstance(value, Quantity)}


def parse_value(text: str) -> Any:
    """Return the number or Quantity written as ``"20*ms"``, ``"20 ms"`` or ``"0.01"``.

    Raises
    ------
    UserError
        When the text is neither.
    """
    expression = text.strip()
    if " " in expression and "*" not in expression:
        expression = "*".join(expression.split())
    elif expression[:1].isdigit():
        number = expression.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        if number and number != expression and expression[len(number) :] not in ("e", "E"):
            expression = f"{number.rstrip('*')}*{expression[len(number) :]}"
    try:
        value = eval(expression, {"__builtins__": {}}, {**UNITS, "nan": np.nan, "inf": np.inf})  # units and numbers only
        float(np.asarray(value))
    except Exception:
        raise UserError(f"cannot read the value {text!r}; write a number or a number with a unit such as 20*ms.") from None
    return value


def unit_name(value: Any) -> str:
    """Return the unit of a value as a reader would write it (``"s"``, ``"V"``, ``"1"``)."""
    dimensions = get_dimensions(value)
    return "1 (a plain number)" if dimensions.is_dimensionless else str(get_unit(dimensions))


def checked_parameters(thing: Any, changes: dict[str, Any]) -> dict[str, Any]:
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
        try:
            numeric = float(np.asarray(value))
        except (TypeError, ValueError, DimensionMismatchError):
            needed = unit_name(expected)
            raise UserError(f"parameter {name} of {thing.name!r} must be one number with unit {needed}, not {value!r}.") from None
        if not have_same_dimensions(expected, value):
            raise UserError(
                f"parameter {name} of {thing.name!r} was given as {value!r} with unit {unit_name(value)}; "
                f"it needs the unit {unit_name(expected)}."
            )
        if not np.isfinite(numeric):
            raise UserError(f"parameter {name} of {thing.name!r} is {numeric}; give a finite number.")
        low, high = thing.bounds.get(name, (None, None))
        if (low is not None and value < low) or (high is not None and value > high):
            raise UserError(
                f"parameter {name} of {thing.name!r} was given as {value!r}; it must lie between "
                f"{'minus infinity' if low is None else low} and {'infinity' if high is None else high}."
            )
        parameters[name] = value
    return parameters


def with_preset(thing: Any, preset: str) -> Any:
    """Return a rule or model with one of its published parameter sets, named ``"name:preset"``."""
    return replace(thing, name=f"{thing.name}:{preset}", parameters=checked_parameters(thing, dict(thing.presets[preset])))


def with_parameters(self, **changes):
    """Return the same thing with some parameters changed; checks names, units and bounds."""
    return replace(self, parameters=checked_parameters(self, changes))
