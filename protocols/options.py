"""Options of a protocol as they are given, checked against their defaults before anything runs."""

from __future__ import annotations

import numbers
from collections.abc import Mapping
from typing import Any

import numpy as np

from brian2chip.core.protocol import Protocol
from brian2chip.core.quantities import parse_value
from brian2chip.errors import UserError, unknown

#: Numbers of things, such as pairings or replicas.
LARGEST_COUNT = 1_000_000


def checked_options(protocol: Protocol, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the protocol's options with the given ones, each of the type of its default.

    Raises
    ------
    UserError
        For an unknown name, a fraction where the default is whole, a number out of range, or a value of another type.
    """
    options = dict(protocol.options) | ({"replicas": protocol.replicas} if protocol.replicas > 1 or "replicas" in given else {})
    for name, value in given.items():
        if not options:
            raise UserError(f"protocol {protocol.name!r} has no options, {name} was given; leave it out.")
        if name not in options:
            raise unknown(f"option of protocol {protocol.name!r} called", name, options)
        options[name] = _converted(f"option {name} of {protocol.name!r}", value, options[name])
    return options


def _converted(what: str, value: Any, default: Any) -> Any:
    if isinstance(default, bool):
        truth = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}.get(str(value).lower())
        if truth is None:
            raise UserError(f"{what} must be bool, true or false, not {value!r}.")
        return truth
    if isinstance(default, int | float):
        return _number(what, value, default)
    if not isinstance(value, type(default)) and default is not None:
        raise UserError(f"{what} must be {type(default).__name__}, not {value!r}.")
    return value


def _number(what: str, value: Any, default: int | float) -> int | float:
    kind = type(default)
    try:
        number = parse_value(value) if isinstance(value, str) else value
    except UserError:
        number = None
    if not isinstance(number, numbers.Real) or isinstance(number, bool):
        raise UserError(f"{what} must be {kind.__name__}, a plain number, not {value!r}.")
    if not (np.isfinite(number) and (number > 0 or default <= 0 and number >= min(0, default))):
        raise UserError(f"{what} must be a positive number, not {value!r}.")
    if kind is int and (number != int(number) or number > LARGEST_COUNT):
        raise UserError(f"{what} must be int, a whole number of at most {LARGEST_COUNT}, not {value!r}.")
    return kind(number)
