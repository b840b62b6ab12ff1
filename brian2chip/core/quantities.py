"""Numbers with units as a user types them, read by a small grammar: ``-60mV``, ``.5 ms``, ``1e-2s``, ``1 mV/ms``, ``20*ms``.

    value  = number [ ["*"] units ]
    units  = power { ("*" | "/" | blank) power }
    power  = name [ ("**" | "^") integer ]
    values = value { "," value } | "[" number { "," number } "]" [ ["*"] units ]

A name is one of Brian2's units. Nothing of what is typed is ever evaluated.
"""

from __future__ import annotations

import re

from brian2chip.core.units import NAMED, Quantity, get_dimensions, get_unit
from brian2chip.errors import UserError

#: Brian2 spells these out; people write the symbol, and so does it where it prints a value.
SYMBOLS = {"s": "second", "ks": "ksecond", "V": "volt", "A": "amp", "S": "siemens", "F": "farad", "J": "joule", "W": "watt"}
UNITS = NAMED | {symbol: NAMED[name] for symbol, name in SYMBOLS.items()}

#: Longer texts are no values.
LONGEST = 100
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf)\b")
POWER = re.compile(r"\s*(?P<by>\*(?!\*)|/|)\s*(?P<name>[A-Za-z_]\w*)(?:\s*(?:\*\*|\^)\s*(?P<power>[+-]?[0-9]))?")


def parse_value(text: str) -> float | Quantity:
    """Return the number, or the number with its unit, that a text like ``"20*ms"``, ``"-60mV"`` or ``"0.01"`` stands for.

    Raises
    ------
    UserError
        When the text is neither; it says which part cannot be read.
    """
    rest = text.strip() if len(text) <= LONGEST else ""
    number = NUMBER.match(rest)
    if number is None:
        raise UserError(f"cannot read the value {text[:LONGEST]!r}; write a number, or a number with a unit such as 20*ms or 1 mV/ms.")
    value: float | Quantity = float(number.group())
    rest = rest[number.end() :]
    while rest.strip():
        found = POWER.match(rest)
        if found is None:
            raise UserError(f"cannot read {rest.strip()!r} in the value {text!r}; after the number write units, such as 20*ms or 1 mV/ms.")
        if found["name"] not in UNITS:
            raise UserError(f"{found['name']!r} in the value {text!r} is no unit; write one of Brian2's, such as ms, mV, nA, Hz or nS.")
        power = int(found["power"] or 1)
        unit = UNITS[found["name"]] ** power
        value = value / unit if found["by"] == "/" else value * unit
        rest = rest[found.end() :]
    return value


def parse_values(text: str) -> float | Quantity | list[float | Quantity]:
    """Return the value of a text, or the list of several: ``"0.5"``, ``"0, 1"``, ``"10mV, 20mV"``, ``"[10, 20]*mV"``.

    Raises
    ------
    UserError
        As :func:`parse_value`.
    """
    inside, bracket, units = text.strip().removeprefix("[").partition("]")
    if "," not in text or not text.strip().startswith("[") or not bracket:
        return [parse_value(part) for part in text.split(",")] if "," in text else parse_value(text)
    return [parse_value(part + units) for part in inside.split(",")]


def parse_start(text: str) -> float | Quantity | list[float | Quantity] | str:
    """Return the value of a text as :func:`parse_values`, or the text itself where it calls a function, as ``"uniform(0, 1)"`` does."""
    return text if re.search(r"[A-Za-z_]\w*\s*\(", text) else parse_values(text)


def unit_name(value: float | Quantity) -> str:
    """Return the unit of a value as a reader would write it (``"s"``, ``"V"``, ``"1 (a plain number)"``)."""
    dimensions = get_dimensions(value)
    return "1 (a plain number)" if dimensions.is_dimensionless else str(get_unit(dimensions))
