"""One varied quantity of a sweep: a list of values, a range, or a range to draw from, as Python or a command line gives it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.quantities import parse_value, unit_name
from brian2chip.core.units import DimensionMismatchError, Quantity, get_dimensions, have_same_dimensions
from brian2chip.errors import UserError

#: Values of one axis.
MOST_VALUES = 10_000_000
#: What begins a number.
NUMBER = re.compile(r"\s*[+-]?\.?[0-9]")


@dataclass(frozen=True)
class Axis:
    """A varied quantity.

    Attributes
    ----------
    name : str
    values : array
        Plain SI numbers, whole numbers, truth values or texts.
    dimensions : Dimension or None
        Of values with a unit.
    """

    name: str
    values: np.ndarray
    dimensions: Any = None

    def quantity(self, plain: Any) -> Any:
        """Return a value of a table as a rule or a setting takes it: with its unit."""
        plain = plain.item() if isinstance(plain, np.generic) else plain
        return plain if self.dimensions is None else Quantity(plain, dim=self.dimensions)

    def described(self) -> dict[str, Any]:
        """Return name, unit and how many values, for a reader."""
        unit = None if self.dimensions is None else unit_name(self.quantity(1.0))
        return {"name": self.name, "unit": unit, "values": len(self.values)}


@dataclass(frozen=True)
class Span:
    """A range from which values are drawn.

    Attributes
    ----------
    low, high : float
        Plain SI numbers, ``low < high``.
    log : bool
        Whether the logarithm is drawn evenly.
    dimensions : Dimension or None
    """

    low: float
    high: float
    log: bool = False
    dimensions: Any = None

    def values(self, share: np.ndarray) -> np.ndarray:
        """Return the values at shares from 0 to 1 of the range."""
        if self.log:
            return self.low * (self.high / self.low) ** share
        return self.low + (self.high - self.low) * share


def axis(name: str, given: Any) -> Axis:
    """Return an axis from a value, a list of values with or without units, or texts.

    Raises
    ------
    UserError
        For no value, values of different kinds or units, and numbers that are not finite.
    """
    if isinstance(given, str | bool) or np.ndim(given) == 0 and not isinstance(given, Sequence):
        given = [given]
    each = given if isinstance(given, np.ndarray) else list(given)
    if np.size(each) == 0:
        raise UserError(f"{name} was given no value, so the grid is empty; give at least one.")
    if np.size(each) > MOST_VALUES:
        raise UserError(f"{name} was given {np.size(each)} values; at most {MOST_VALUES} are possible.")
    if isinstance(each, list) and all(isinstance(one, str) for one in each):
        return Axis(name, np.array(each, object))
    first = each[0]
    try:
        if isinstance(each, list) and not all(have_same_dimensions(one, first) for one in each):
            raise DimensionMismatchError("units differ")
        values = np.array([np.asarray(one).item() for one in each] if isinstance(each, list) else np.asarray(each))
    except (TypeError, ValueError, DimensionMismatchError):
        values = np.array([], object)
    if values.ndim != 1 or values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        raise UserError(f"the values of {name} were given as {given!r:.80}; give finite numbers with one unit, or texts.")
    dimensions = get_dimensions(first)
    return Axis(name, values, None if dimensions.is_dimensionless else dimensions)


def span(name: str, given: Any) -> Span | Axis:
    """Return a range to draw from ``(low, high)`` or ``(low, high, "log")``, or the axis of a single value.

    Raises
    ------
    UserError
        For lists, ends of different units or in the wrong order, and a logarithm of what is not positive.
    """
    if not isinstance(given, tuple):
        one = axis(name, given)
        if len(one.values) != 1:
            raise UserError(f"{name} was given {len(one.values)} values, and points are drawn; give a range, LOW:HIGH, or one value.")
        return one
    low, high, *log = given
    ends = axis(name, [low, high])
    a, b = ends.values.tolist() if ends.values.dtype.kind in "iuf" else (0, 0)
    if not a < b or log not in ([], ["log"]) or log and a <= 0:
        raise UserError(f"the range of {name} was given as {given!r:.80}; give a lower and a higher number, both positive with log.")
    return Span(float(a), float(b), bool(log), ends.dimensions)


def parsed(name: str, text: str, drawn: bool) -> Any:
    """Return what :func:`axis`, or for drawn points :func:`span`, takes, from ``10ms:30ms:20``, ``a,b``, ``[1, 2]*ms`` or ``1:9:log``.

    Raises
    ------
    UserError
        For anything else.
    """
    if not NUMBER.match(text.removeprefix("[")) or ":" not in text:
        return _list(text)
    low, *rest = (part.strip() for part in text.split(":"))
    log = ["log"] if rest[-1] == "log" else []
    rest = rest[: len(rest) - len(log)]
    if drawn and len(rest) == 1:
        return (parse_value(low), parse_value(rest[0]), *log)
    if drawn or len(rest) != 2 or not rest[1].isdecimal():
        wanted = "LOW:HIGH or LOW:HIGH:log, e.g. 10ms:30ms" if drawn else "LOW:HIGH:COUNT or LOW:HIGH:COUNT:log, e.g. 10ms:30ms:20"
        raise UserError(f"{name} was given as {text[:80]!r}; write {wanted}, or values between commas.")
    return spaced(name, parse_value(low), parse_value(rest[0]), int(rest[1]), bool(log))


def spaced(name: str, low: Any, high: Any, count: int, log: bool) -> Any:
    """Return so many values from low to high, with their unit."""
    if not 0 < count <= MOST_VALUES:
        raise UserError(f"{name} was asked for at {count} values; give from 1 to {MOST_VALUES}.")
    ends = span(name, (low, high, *(["log"] if log else [])))
    values = ends.values(np.linspace(0, 1, count))
    return values if ends.dimensions is None else Quantity(values, dim=ends.dimensions)


def _list(text: str) -> Any:
    inside, bracket, unit = text.strip().removeprefix("[").partition("]")
    parts = [part.strip() + unit for part in inside.split(",")] if bracket else [part.strip() for part in text.split(",")]
    return [parse_value(part) if NUMBER.match(part) else {"True": True, "False": False}.get(part, part) for part in parts]
