"""How a protocol makes a neuron fire: by a pulse of current, by a step of its voltage, or by a spike that simply happens."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.quantities import parse_value
from brian2chip.core.units import Quantity, have_same_dimensions, second
from brian2chip.errors import UserError, unknown


@dataclass(frozen=True)
class CurrentPulse:
    """A pulse of current that makes the neuron fire by its own equations.

    Attributes
    ----------
    amplitude : Quantity or number
        Added to the variable while the pulse lasts.
    duration : Quantity
    variable : str or None
        The model's variable that takes the current; by default ``I``, or the only parameter of its equations with that unit.
    latency : Quantity or None
        From the beginning of the pulse to the spike; by default as it is found with the neuron at rest.
    """

    amplitude: Any
    duration: Quantity
    variable: str | None = None
    latency: Quantity | None = None

    def __post_init__(self):
        _check_amount("amplitude of a current pulse", self.amplitude)
        _check_time("duration of a current pulse", self.duration)
        if self.latency is not None:
            _check_time("latency of a current pulse", self.latency)


@dataclass(frozen=True)
class VoltageStep:
    """A voltage clamp: the neuron is held at a level for a time, and then fires.

    Attributes
    ----------
    level : Quantity or number
    duration : Quantity
        How long before the spike it is held, less where the last spike is nearer.
    variable : str
        The model's variable that is held.
    """

    level: Any
    duration: Quantity
    variable: str = "v"

    def __post_init__(self):
        _check_amount("level of a voltage step", self.level)
        _check_time("duration of a voltage step", self.duration)


@dataclass(frozen=True)
class PrescribedSpike:
    """The spike happens: the neuron is reset and its synapses see it, whatever its voltage was."""


Drive = CurrentPulse | VoltageStep | PrescribedSpike
FORMS = {
    "current_pulse": (CurrentPulse, "current_pulse(2nA, 3ms)"),
    "voltage_step": (VoltageStep, "voltage_step(-20mV, 2ms)"),
    "prescribed": (PrescribedSpike, "prescribed"),
}


def parse_drive(text: str) -> Drive:
    """Return the drive that a text such as ``"current_pulse(2nA, 3ms)"``, ``"voltage_step(-20mV, 2ms, v)"`` or ``"prescribed"`` names.

    Raises
    ------
    UserError
        For anything else.
    """
    found = re.fullmatch(r"\s*(\w+)\s*(?:\(([^()]*)\))?\s*", text)
    name = found[1] if found else text
    if name not in FORMS:
        raise unknown("way to make a neuron fire called", name, FORMS)
    kind, form = FORMS[name]
    parts = [part.strip() for part in (found[2] or "").split(",") if part.strip()]
    if kind is PrescribedSpike and not parts:
        return PrescribedSpike()
    if kind is PrescribedSpike or len(parts) not in (2, 3):
        raise UserError(f"the drive was given as {text!r}; write {form}.")
    return kind(parse_value(parts[0]), parse_value(parts[1]), *parts[2:])


def _check_amount(what: str, value: Any) -> None:
    try:
        good = not isinstance(value, str | bool) and np.ndim(value) == 0 and bool(np.isfinite(float(np.asarray(value))))
    except (TypeError, ValueError):
        good = False
    if not good:
        raise UserError(f"the {what} was given as {value!r}; give one number with its unit.")


def _check_time(what: str, value: Any) -> None:
    if np.ndim(value) or not (have_same_dimensions(value, second) and 0 * second < value < np.inf * second):
        raise UserError(f"the {what} was given as {value!r}; give a time, such as 3*ms.")
