"""Arrays from outside as the numbers that they should be: nothing is cast, cut or wrapped; what is not right is one sentence."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from brian2chip.errors import UserError

#: Sizes of the dimensions of an array, None where any will do.
Shape = Sequence[int | None]
#: Largest whole number that an array of the package holds.
LARGEST = int(np.iinfo(np.int64).max)


def is_whole(value: Any) -> bool:
    """Return whether a value is one whole number; 1.0 and True are none."""
    return isinstance(value, Integral) and not isinstance(value, bool | np.bool_)


def as_numbers(value: Any, what: str) -> np.ndarray:
    """Return a list, tensor or other array as a NumPy array of real numbers, the same object where it is one.

    Raises
    ------
    UserError
        When NumPy cannot read it, or it holds anything but real numbers; ``what`` begins the sentence and is plural.
    """
    try:
        array = value if isinstance(value, np.ndarray) else np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{what} were given as {type(value).__name__}, which NumPy cannot read ({error!s:.120}); give an array.") from None
    if array.dtype.kind not in "iuf":
        raise UserError(f"{what} were given as {type(value).__name__} of {_kind(array)}; give an array of real numbers.")
    return array


def whole_numbers(
    value: Any, name: str, where: str, *, low: int | None = None, high: int | None = None, shape: Shape | None = None
) -> np.ndarray:
    """Return whole numbers as int64; an array without entries may be of any type.

    Parameters
    ----------
    value : array
    name : str
        What it is called, for messages, e.g. ``"t"``.
    where : str
        Where it stands, for messages, e.g. ``"'spikes.npz'"``.
    low, high : int, optional
        Smallest and largest allowed value.
    shape : sequence of int or None, optional
        Sizes of the dimensions, None where any will do.

    Raises
    ------
    UserError
        For truth values, real or complex numbers, texts, values outside the range, and other shapes.
    """
    array = _shaped(value, name, where, shape)
    if array.size and array.dtype.kind not in "iu":
        raise UserError(f"{name} of {where} holds {_kind(array)}{_example(array)}; it must hold whole numbers (an array of integers).")
    if array.size:
        _check_range(array, name, where, low, LARGEST if high is None else high)
    return array.astype(np.int64, copy=False)


def real_numbers(
    value: Any, name: str, where: str, *, low: float | None = None, high: float | None = None, shape: Shape | None = None
) -> np.ndarray:
    """Return finite real numbers as float64; whole numbers serve. Parameters and errors as :func:`whole_numbers`."""
    array = _shaped(value, name, where, shape)
    if array.dtype.kind not in "iuf":
        raise UserError(f"{name} of {where} holds {_kind(array)}; it must hold real numbers.")
    if not np.all(np.isfinite(array)):
        raise UserError(f"{name} of {where} holds values that are not finite (NaN or infinity); every number must be finite.")
    if array.size:
        _check_range(array, name, where, low, high)
    return array.astype(np.float64, copy=False)


def truth_values(value: Any, name: str, where: str, *, shape: Shape | None = None) -> np.ndarray:
    """Return truth values as bool; the whole numbers 0 and 1 serve. Parameters and errors as :func:`whole_numbers`."""
    array = _shaped(value, name, where, shape)
    if array.dtype.kind == "b":
        return array
    if array.dtype.kind not in "iu" or np.any((array != 0) & (array != 1)):
        raise UserError(f"{name} of {where} holds {_kind(array)}{_example(array)}; it must hold truth values (or 0 and 1).")
    return array.astype(bool)


def _shaped(value: Any, name: str, where: str, shape: Shape | None) -> np.ndarray:
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:  # lists of different lengths, tensors with a gradient
        raise UserError(f"{name} of {where} is no array ({error!s:.120}); give an array of numbers.") from None
    if shape is not None and (array.ndim != len(shape) or any(n is not None and n != m for n, m in zip(shape, array.shape))):
        wanted = "one number" if not shape else f"({', '.join('any' if n is None else str(n) for n in shape)})"
        raise UserError(f"{name} of {where} has shape {array.shape}; it must be {wanted}.")
    return array


def _check_range(array: np.ndarray, name: str, where: str, low: Any, high: Any) -> None:
    smallest, largest = array.min(), array.max()
    if (low is not None and smallest < low) or (high is not None and largest > high):
        given = f"is {smallest}" if smallest == largest else f"goes from {smallest} to {largest}"
        allowed = f"at least {low}" if high in (None, LARGEST) else f"at most {high}" if low is None else f"{low} to {high}"
        raise UserError(f"{name} of {where} {given}; allowed is {allowed}.")


def _kind(array: np.ndarray) -> str:
    kinds = {"b": "truth values", "f": "real numbers", "c": "complex numbers", "U": "texts", "S": "bytes", "O": "objects"}
    return kinds.get(array.dtype.kind, "whole numbers" if array.dtype.kind in "iu" else str(array.dtype))


def _example(array: np.ndarray) -> str:
    return f" (e.g. {array.ravel()[0]!s:.40})" if array.size else ""
