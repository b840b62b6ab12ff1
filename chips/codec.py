"""From a chip's list of fields: check, quantise, realise, pack and unpack."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from numbers import Integral, Real

import numpy as np

from brian2chip.chips.field import Field
from brian2chip.errors import UserError, unknown


def check(field: Field, codes, chip: str = "the chip") -> np.ndarray:
    """Return the codes as int64 (Python integers for fields of over 63 bits), checked to be whole numbers in the field's range.

    Real numbers and truth values are refused even where they equal a whole number.

    Raises
    ------
    UserError
        With the first offending value and its index.
    """
    try:
        array = np.asarray(codes, object if field.bits > 63 else None)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{field.name} of {chip} cannot be read as an array ({error!s:.100}); give whole numbers.") from None
    if not whole(array):
        given = " ".join(repr(codes).split())[:80]
        raise UserError(f"{field.name} of {chip} takes integers from {field.minimum} to {field.maximum}, not {given}.")
    wrong = (array < field.minimum) | (array > field.maximum)
    if np.any(wrong):
        where = np.argwhere(wrong)[0] if array.ndim else ()
        at = f" at index {tuple(int(k) for k in where)}" if array.ndim else ""
        raise UserError(
            f"{field.name} of {chip} was given as {array[tuple(where)]}{at}; it takes integers from {field.minimum} to {field.maximum}."
        )
    return array.astype(_kind(field))


def code(field: Field, value, chip: str = "the chip") -> int:
    """Return one code as a plain integer; errors as :func:`check`."""
    found = check(field, value, chip)
    if found.ndim:
        raise UserError(f"{field.name} of {chip} takes one integer from {field.minimum} to {field.maximum}, not {found.size} of them.")
    return int(found[()])


def is_positive(value) -> bool:
    """Return whether a value is one finite number above 0; truth values are none."""
    return isinstance(value, Real) and not isinstance(value, bool | np.bool_) and 0 < value < np.inf


def whole(array: np.ndarray) -> bool:
    """Return whether an array holds nothing but whole numbers; truth values are none."""
    if array.dtype == object:
        return all(isinstance(value, Integral) and not isinstance(value, bool | np.bool_) for value in array.flat)
    return array.dtype.kind in "iu"


def _kind(field: Field) -> type:
    return object if field.bits > 63 else np.int64


def quantise(
    field: Field, values, scale: float | None = None, rounding: str | None = None, rng: np.random.Generator | None = None
) -> np.ndarray:
    """Return the codes nearest to values in the field's unit, saturated at its range.

    Parameters
    ----------
    field : Field
    values : array
        In the field's unit.
    scale : float, optional
        Value of one least significant bit; the field's own by default.
    rounding : {"nearest", "floor", "stochastic"}, optional
        The field's own by default; "stochastic" needs ``rng``.
    rng : numpy Generator, optional
    """
    exact = np.asarray(values, float) / (field.scale if scale is None else scale)
    mode = rounding or field.rounding
    if mode == "nearest":
        codes = np.rint(exact)
    elif mode == "floor":
        codes = np.floor(exact)
    elif mode == "stochastic":
        codes = np.floor(exact + rng.random(exact.shape))
    else:
        raise unknown("rounding", mode, ("nearest", "floor", "stochastic"))
    return np.clip(codes, field.minimum, field.maximum).astype(np.int64)


def realise(field: Field, codes, scale: float | None = None) -> np.ndarray:
    """Return what the codes stand for, in the field's unit."""
    return np.asarray(codes, float) * (field.scale if scale is None else scale)


def pack(fields: Iterable[Field], values: Mapping[str, np.ndarray], keep: np.ndarray | None = None) -> np.ndarray:
    """Return words (Python integers in an object array) with every field's code at its place.

    Parameters
    ----------
    fields : iterable of Field
        The fields of one kind of word.
    values : mapping of field name to codes, all of one shape
        Fields that are not named take their default.
    keep : object array, optional
        Words whose other bits are kept.
    """
    fields = list(fields)
    arrays = np.broadcast_arrays(*(np.asarray(values.get(f.name, f.default)) for f in fields))
    words = np.zeros(arrays[0].shape, object) if keep is None else np.array(keep, object)
    for f, codes in zip(fields, arrays):
        mask = (1 << f.bits) - 1
        codes = check(f, codes).astype(object) & mask
        words = (words & ~(mask << f.lsb)) | (codes << f.lsb)
    return words


def unpack(fields: Iterable[Field], words) -> dict[str, np.ndarray]:
    """Return ``{field name: codes}`` read from words; the inverse of :func:`pack`."""
    words = np.asarray(words, object)
    out = {}
    for f in fields:
        code = ((words >> f.lsb) & ((1 << f.bits) - 1)).astype(_kind(f))
        out[f.name] = np.where(code > f.maximum, code - (1 << f.bits), code) if f.signed else code
    return out
