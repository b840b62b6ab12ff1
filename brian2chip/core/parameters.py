"""Check parameters before any long work: names, units, bounds, NaN; one sentence each."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from brian2.units.fundamentalunits import DimensionMismatchError, have_same_dimensions

from brian2chip.core.quantities import unit_name
from brian2chip.errors import UserError, unknown


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
