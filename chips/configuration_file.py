"""A chip's configuration as a small JSON document and arrays beside it, and back into the checked dataclass that it was.

The typed fields of the dataclass are the schema: whole numbers, real numbers, texts, truth values, arrays, tuples, mappings by name,
other dataclasses, and ``None`` where the type allows it. What only the chip knows, ranges and shapes, its ``__post_init__`` checks.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any

import numpy as np

from brian2chip.errors import UserError

ARRAY, BYTES = "array", "bytes_of_an_integer"


def document_and_arrays(configuration: Any, version: int) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the JSON document of a configuration and its arrays by name."""
    arrays: dict[str, np.ndarray] = {}
    return {"version": version, "kind": type(configuration).__name__, "fields": _packed(configuration, "", arrays)}, arrays


def configuration_of(expected: Any, version: int, document: Any, arrays: Mapping[str, np.ndarray], chip: str) -> Any:
    """Return the configuration of a document and its arrays, checked.

    Parameters
    ----------
    expected : type
        The dataclass.
    version : int
        Of the schema that this package reads.
    document, arrays
        As :func:`document_and_arrays` made them.
    chip : str
        Its name, for messages.

    Raises
    ------
    UserError
        For another version, a field that is missing, unknown or of another kind, and values that the dataclass refuses.
    """
    if not isinstance(document, dict) or not isinstance(document.get("fields"), dict):
        raise UserError(f"the configuration of {chip} must be a JSON object with 'version' and 'fields'; write it again.")
    if document.get("version") != version:
        raise UserError(
            f"the configuration of {chip} has version {document.get('version')!r} and this package reads version {version}; write it again."
        )
    return _unpacked(expected, document["fields"], arrays, f"the configuration of {chip}")


def _packed(value: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    if dataclasses.is_dataclass(value):
        return {f.name: _packed(getattr(value, f.name), f"{name}.{f.name}".strip("."), arrays) for f in dataclasses.fields(value)}
    if isinstance(value, np.ndarray):
        if value.dtype != object:
            arrays[name] = value
            return {ARRAY: name}
        width = max(1, -(-max((int(v).bit_length() for v in value.flat), default=1) // 8))
        flat = np.frombuffer(b"".join(int(v).to_bytes(width, "little") for v in value.flat), np.uint8)
        arrays[name] = flat.reshape((*value.shape, width))
        return {ARRAY: name, BYTES: width}
    if isinstance(value, Mapping):
        return {str(k): _packed(v, f"{name}.{k}", arrays) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_packed(v, f"{name}.{k}", arrays) for k, v in enumerate(value)]
    return value.item() if isinstance(value, np.generic) else value


def _unpacked(expected: Any, given: Any, arrays: Mapping[str, np.ndarray], where: str) -> Any:
    """Return a value of the expected type, or one sentence."""
    origin, inner = typing.get_origin(expected), typing.get_args(expected)
    if origin in (typing.Union, types.UnionType):
        others = [t for t in inner if t is not type(None)]
        return None if given is None else _unpacked(others[0], given, arrays, where)
    if dataclasses.is_dataclass(origin or expected):
        return _dataclass(origin or expected, inner, given, arrays, where)
    if expected is np.ndarray:
        return _array(given, arrays, where)
    if origin in (dict, Mapping):
        if not isinstance(given, dict):
            raise UserError(f"{where} must be a mapping by name, not {given!r:.60}; write it again.")
        return {k: _unpacked(inner[1], v, arrays, f"{where}, {k}") for k, v in given.items()}
    if origin is tuple:
        kinds = [inner[0]] * len(given) if isinstance(given, list) and inner[-1] is Ellipsis else inner
        if not isinstance(given, list) or len(given) != len(kinds):
            raise UserError(f"{where} must be a list of {len(kinds)} values, not {given!r:.60}; write it again.")
        return tuple(_unpacked(kind, v, arrays, f"{where}, entry {k}") for k, (kind, v) in enumerate(zip(kinds, given)))
    return _plain(expected, given, where)


def _plain(expected: type, given: Any, where: str) -> Any:
    """Return a number, text or truth value; a whole number serves as a real one, a truth value not as a number."""
    words = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
    right = isinstance(given, (int, float) if expected is float else expected) and (expected is bool or not isinstance(given, bool))
    if not right:
        raise UserError(f"{where} must be {words[expected]}, not {given!r:.60}; write it again.")
    return expected(given)


def _dataclass(expected: type, inner: tuple, given: Any, arrays: Mapping[str, np.ndarray], where: str) -> Any:
    names = [f.name for f in dataclasses.fields(expected)]
    if not isinstance(given, dict) or set(given) != set(names):
        has = ", ".join(given) if isinstance(given, dict) else f"{given!r:.60}"
        raise UserError(f"{where} must have the fields {', '.join(names)}, not {has}; write it again.")
    hints, free = typing.get_type_hints(expected), dict(zip(getattr(expected, "__parameters__", ()), inner))
    return expected(**{name: _unpacked(free.get(hints[name], hints[name]), given[name], arrays, f"{where}, {name}") for name in names})


def _array(given: Any, arrays: Mapping[str, np.ndarray], where: str) -> np.ndarray:
    name = given.get(ARRAY) if isinstance(given, dict) else None
    if not isinstance(name, str) or name not in arrays:
        raise UserError(f"{where} has no array beside it; write the folder again.")
    array = arrays[name]
    if array.dtype.kind not in "biuf":
        raise UserError(f"{where} is an array of {array.dtype}; it must hold numbers; write the folder again.")
    if BYTES not in given:
        return array
    if array.dtype != np.uint8 or array.ndim < 1 or array.shape[-1] != given[BYTES]:
        raise UserError(
            f"{where} must be bytes of whole numbers, {given[BYTES]!r} each, not {array.dtype} of shape {array.shape}; write it again."
        )
    words = np.empty(array.shape[:-1], object)
    words.ravel()[:] = [int.from_bytes(row.tobytes(), "little") for row in np.ascontiguousarray(array).reshape(-1, array.shape[-1])]
    return words
