"""Fields of a definition against their annotations, so that what is given wrongly is one sentence when the definition is made."""

from __future__ import annotations

import collections.abc
import functools
import numbers
import types
import typing
from dataclasses import fields
from typing import Any

import numpy as np

from brian2chip.errors import UserError

#: Characters that a name may have: it becomes part of file names.
LONGEST_NAME = 100
WORDS = {str: "text", bool: "True or False", int: "a whole number", float: "a number", type(None): "None", np.ndarray: "an array"}


def check_fields(thing: Any, what: str | None = None) -> None:
    """Raise where a field of a dataclass is not of its annotated type, or its name no name.

    Parameters
    ----------
    thing : dataclass
    what : str, optional
        What messages call it; its kind and its name by default.

    Raises
    ------
    UserError
        For the first such field: what was given, and what it must be.
    """
    hints = _hints(type(thing))
    kind = "".join(f" {c.lower()}" if c.isupper() else c for c in type(thing).__name__).strip()
    if "name" in hints and what is None:
        name = thing.name
        if not (isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable() and name.strip() == name):
            raise UserError(f"the name of a {kind} was given as {_short(name)}; give a text of 1 to {LONGEST_NAME} characters in one line.")
        what = f"{kind} {name!r}"
    for f in fields(thing):
        value = getattr(thing, f.name)
        if not fits(value, hints[f.name]):
            hint = " in SI units, without a unit" if isinstance(value, np.ndarray) and not np.ndim(value) else ""
            raise UserError(f"{f.name} of {what} was given as {_short(value)}; it must be {words(hints[f.name])}{hint}.")


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def fits(value: Any, annotation: Any) -> bool:
    """Return whether a value is of an annotated type; a list passes for a tuple, and a whole number in floating point for an int."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation is Any:
        return True
    if origin in (typing.Union, types.UnionType):
        return any(fits(value, one) for one in inner)
    if annotation is None:
        return value is None
    if annotation in (int, float):
        real = isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool_)
        return real and (annotation is float or value == np.floor(value))
    if origin is tuple:
        return isinstance(value, tuple | list) and _fit_each(value, inner)
    if origin is collections.abc.Mapping:
        return isinstance(value, collections.abc.Mapping) and all(fits(k, inner[0]) and fits(v, inner[1]) for k, v in value.items())
    if collections.abc.Callable in (annotation, origin):
        return callable(value)
    return isinstance(value, bool | np.bool_ if annotation is bool else annotation)


def _fit_each(values: Any, annotations: tuple) -> bool:
    if len(annotations) == 2 and annotations[1] is ...:
        return all(fits(value, annotations[0]) for value in values)
    return len(values) == len(annotations) and all(map(fits, values, annotations))


def words(annotation: Any) -> str:
    """Return an annotated type in words."""
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(words(one) for one in inner)
    if origin is tuple:
        return f"a sequence of {words(inner[0])}" if inner[-1] is ... else f"({', '.join(map(words, inner))})"
    if origin is collections.abc.Mapping:
        return "a mapping of names" + ("" if inner[1] is Any else f" to {words(inner[1])}")
    if collections.abc.Callable in (annotation, origin):
        return "a function"
    return WORDS.get(annotation) or f"a {annotation.__name__}"


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 80 else f"{text[:77]}..."
