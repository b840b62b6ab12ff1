"""JSON from outside: strict, bounded, and checked by a JSON Schema; what is wrong is one sentence with the place."""

from __future__ import annotations

import functools
import json
import math
import os
from collections.abc import Mapping
from typing import Any

from brian2chip.core import files
from brian2chip.errors import UserError

#: Objects and lists within one another.
DEEPEST = 40
#: Bytes that a JSON file may have.
LARGEST = 64 << 20


def read_json(
    path: str | os.PathLike,
    what: str,
    schema: Mapping[str, Any] | None = None,
    *,
    largest: int = LARGEST,
    inside: str | os.PathLike | None = None,
) -> Any:
    """Return the document of a JSON file.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages.
    schema : mapping, optional
        A JSON Schema that the document must match; whole numbers are those written without point and exponent.
    largest, inside
        As :func:`brian2chip.core.files.open_file` takes them.

    Raises
    ------
    UserError
        For a file that cannot be read, is not JSON, or does not match the schema.
    """
    return parse_json(files.read_text(path, what, largest=largest, inside=inside), f"the {what} file {files.shown(path)}", schema)


def parse_json(text: str, where: str, schema: Mapping[str, Any] | None = None) -> Any:
    """Return the document of a JSON text.

    Parameters
    ----------
    text : str
    where : str
        Begins the sentence of an error, e.g. ``"the head of 'net.npz'"``.
    schema : mapping, optional

    Raises
    ------
    UserError
        For anything but JSON of finite numbers and different names, at most :data:`DEEPEST` levels deep, that matches the schema.
    """
    try:
        document = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse, parse_float=_finite)
        if "\\u" in text:
            json.dumps(document, ensure_ascii=False).encode()  # halves of surrogate pairs, which no file and no terminal takes
    except RecursionError:
        raise UserError(f"{where} is nested more than {DEEPEST} levels deep.") from None
    except UnicodeEncodeError:
        raise UserError(f"{where} holds half a surrogate pair, which is no text.") from None
    except ValueError as error:  # also whole numbers of thousands of digits
        raise UserError(f"{where} is not JSON ({' '.join(str(error).split())[:160]}).") from None
    _check_depth(document, where)
    if schema is not None:
        check(document, schema, where)
    return document


def check(document: Any, schema: Mapping[str, Any], where: str) -> None:
    """Raise UserError with the place of the first difference unless a document matches a JSON Schema."""
    from jsonschema.exceptions import best_match  # a tenth of a second, which those who read no JSON need not wait for

    error = best_match(_validator()(schema).iter_errors(document))
    if error is not None:
        place = "/".join(str(step)[:60] for step in error.absolute_path)
        raise UserError(f"{where} is not valid{f' at {place}' if place else ''}: {_message(error)}.")


@functools.cache
def _validator() -> type:
    """Return the checker of JSON Schema, for which 1.0 is no whole number."""
    from jsonschema.validators import Draft202012Validator, extend  # see check

    whole = lambda _, value: isinstance(value, int) and not isinstance(value, bool)  # noqa: E731
    return extend(Draft202012Validator, type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", whole))


def object_of(**members: Any) -> dict[str, Any]:
    """Return the schema of an object that has exactly these members."""
    return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def list_of(item: Any, most: int = 100_000) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": item, "maxItems": most}


def _message(error: Any) -> str:
    """Return what is wrong, with long values cut out of the middle."""
    text = " ".join(error.message.split())
    return text if len(text) <= 200 else f"{text[:120]} ... {text[-70:]}"


def _without_repeats(items: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(items)
    if len(found) < len(items):
        names = [name for name, _ in items]
        raise ValueError(f"the name {next(n for n in names if names.count(n) > 1)[:60]!r} is given twice in one object")
    return found


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise ValueError(f"the number {digits[:40]} is too large")
    return value


def _check_depth(document: Any, where: str) -> None:
    level = [document]
    for _ in range(DEEPEST):
        inner = [value.values() if isinstance(value, dict) else value for value in level if isinstance(value, (dict, list))]
        level = [value for values in inner for value in values]
        if not level:
            return
    raise UserError(f"{where} is nested more than {DEEPEST} levels deep.")
