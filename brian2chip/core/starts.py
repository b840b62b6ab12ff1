"""Starting values of a rule's or a model's variables: names, units and kinds checked, then plain SI numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from brian2 import Equations, second
from brian2.units.fundamentalunits import DimensionMismatchError, Quantity, have_same_dimensions

from brian2chip.core.brian2_internals import DIFFERENTIAL_EQUATION, FLOAT, PARAMETER, SingleEquation
from brian2chip.core.parameters import checked_parameters
from brian2chip.core.quantities import unit_name
from brian2chip.errors import UserError, unknown


@lru_cache(maxsize=256)
def parsed(equations: str) -> Equations:
    """Return equations as Brian2 reads them; a fit asks for the same ones again and again."""
    return Equations(equations)


def variables(equations: str) -> dict[str, SingleEquation]:
    """Return the variables that equations store, by name."""
    return {e.varname: e for e in parsed(equations).values() if e.type in (DIFFERENTIAL_EQUATION, PARAMETER)}


def numbers(owner: str, name: str, value: Any) -> np.ndarray:
    """Return a starting value, or a sequence of them, as an array of SI numbers without dimension or with one.

    Raises
    ------
    UserError
        For anything but numbers.
    """
    try:
        given = np.asarray(value)
        if given.dtype.kind not in "biuf" or given.ndim > 1 or not given.size or not np.isfinite(given).all():
            raise TypeError
    except (TypeError, ValueError, DimensionMismatchError):
        raise UserError(f"the start of {name} in {owner} was given as {value!r}; give a number with its unit, or a list of them.") from None
    return given.astype(float)


def check_starts(owner: str, equations: str, initial: Mapping[str, Any]) -> None:
    """Check starting values against the equations whose variables they are for.

    Raises
    ------
    UserError
        For a name that is no variable, a wrong unit, a fraction for a whole number, or several values for a shared variable.
    """
    stored = variables(equations) if initial else {}
    for name, value in initial.items():
        if name == "delay":
            raise UserError(f"{owner} gives a start for its delay, which is no variable; leave it out of initial and give delay=...")
        if name not in stored:
            raise unknown(f"variable in the equations of {owner} with a start called", name, stored)
        _check_start(owner, stored[name], value, numbers(owner, name, value))


def _check_start(owner: str, equation: SingleEquation, value: Any, given: np.ndarray) -> None:
    name = equation.varname
    if "linked" in equation.flags:
        raise UserError(f"{name} of {owner} is linked to another group and cannot have a start; declare it (shared) instead.")
    for one in [value] if not isinstance(value, tuple | list) else value:
        if not have_same_dimensions(one, _one(equation)) and np.any(np.asarray(one)):  # nothing is nothing in every unit
            needed = unit_name(_one(equation))
            raise UserError(f"the start of {name} in {owner} was given as {one!r} with unit {unit_name(one)}; it needs the unit {needed}.")
    if "shared" in equation.flags and given.size > 1:
        raise UserError(f"{name} of {owner} is shared by all synapses and was given {given.size} starts; give one.")
    if equation.var_type != FLOAT and (given != np.floor(given)).any():
        raise UserError(f"the start of {name} in {owner} was given as {value!r}; it must be whole, as the variable is.")


def _one(equation: SingleEquation) -> Any:
    """Return 1 in the unit of a variable."""
    return Quantity(1.0, dim=equation.dim)


def with_values(self, /, **changes):
    """Return the same rule with some parameters or starting values changed; checks names, units and bounds."""
    parameters = {name: value for name, value in changes.items() if name in self.parameters}
    initial = {name: value for name, value in changes.items() if name not in self.parameters}
    if initial:
        known = variables(self.model)
        for name in initial:
            if name not in known:
                raise unknown(f"parameter or start of {self.name!r} called", name, [*self.parameters, *known])
        check_starts(f"rule {self.name!r}", self.model, initial)
    return replace(self, parameters=checked_parameters(self, parameters), initial={**self.initial, **initial})


def check_delay(owner: str, delay: Any) -> None:
    """Check the delay of a rule's synapses.

    Raises
    ------
    UserError
        For anything but one time that is not negative.
    """
    if delay is not None and (np.ndim(delay) or not have_same_dimensions(delay, second) or not 0 * second <= delay < np.inf * second):
        raise UserError(f"the delay of {owner} was given as {delay!r}; give one time, such as 5*ms.")
