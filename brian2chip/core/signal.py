"""A signal over time, such as a concentration of dopamine or a reward, which a rule reads as a third factor."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.csv_files import REAL, read_csv
from brian2chip.core.later import brian2
from brian2chip.core.quantities import parse_value
from brian2chip.core.units import DimensionMismatchError, Quantity, get_dimensions, have_same_dimensions, second
from brian2chip.errors import UserError

if TYPE_CHECKING:
    from brian2 import TimedArray

#: Changes of one signal.
MOST_CHANGES = 1_000_000
TIMES = {"time_s": 1.0, "time_ms": 1e-3, "time_us": 1e-6}


def is_timed_array(value: Any) -> bool:
    """Return whether a value is a ``TimedArray``; as long as nobody imported Brian2 nobody has one."""
    return "brian2" in sys.modules and isinstance(value, brian2.TimedArray)


@dataclass(frozen=True, eq=False)
class Signal:
    """A signal that holds each of its values until the next; before the first it is what the rule starts with, or zero.

    Attributes
    ----------
    times : array of Quantity
        When it changes, rising; plain numbers are seconds. Kept in seconds.
    values : array of Quantity or number
        What it is from then on. Kept as SI numbers.
    unit : Quantity
        1 in the unit of the values.

    Raises
    ------
    UserError
        For times that do not rise or are negative, values that are not finite, and arrays of different lengths.
    """

    times: Any
    values: Any
    unit: Any = None

    def __post_init__(self):
        times, values = _numbers("times", self.times), _numbers("values", self.values)
        if not (have_same_dimensions(self.times, second) or have_same_dimensions(self.times, 1)):
            raise UserError("the times of a signal were given in another unit than seconds; give them as [0, 10]*ms.")
        dim = get_dimensions(self.values if self.unit is None else self.unit)
        if times.shape != values.shape:
            raise UserError(f"a signal was given {times.size} times and {values.size} values; give one value for each time.")
        if not times.size or times.size > MOST_CHANGES:
            raise UserError(f"a signal was given {times.size} values; give 1 to {MOST_CHANGES}.")
        if times[0] < 0 or not (np.diff(times) > 0).all():
            raise UserError("the times of a signal must rise from 0 s or later; sort them, each once.")
        for name, value in (("times", times), ("values", values), ("unit", Quantity(1.0, dim=dim))):
            object.__setattr__(self, name, value)

    @staticmethod
    def from_function(function: Callable[[np.ndarray], Any], duration: Quantity, dt: Quantity) -> Signal:
        """Return a signal from a function of an array of times (Quantity, s), which is called once, before anything runs."""
        if not (have_same_dimensions(duration, second) and have_same_dimensions(dt, second) and 0 * second < dt <= duration):
            raise UserError(f"a signal was given the duration {duration!r} and the step {dt!r}; give two times, such as 2*second and 1*ms.")
        steps = float(duration / dt)
        if steps > MOST_CHANGES:
            raise UserError(f"a signal of {steps:.3g} steps was asked for; at most {MOST_CHANGES} are kept, so give a longer dt.")
        times = np.arange(round(steps)) * dt
        return Signal(times, function(times))

    @staticmethod
    def pulses(times: Any, height: Any = 1.0, width: Quantity | None = None) -> Signal:
        """Return a signal that is ``height`` (one, or one a pulse) for ``width`` from each time on, and zero otherwise, e.g. a reward."""
        if width is None or np.ndim(width) or not (have_same_dimensions(width, second) and width > 0 * second):
            raise UserError(f"the width of a signal's pulses was given as {width!r}; give a time, such as 10*ms.")
        start, width_s = np.atleast_1d(_numbers("times", times)), float(np.asarray(width))
        gaps = np.diff(start)
        if (gaps < width_s * (1 - 1e-9)).any():
            raise UserError(f"pulses of {width} were given {1e3 * gaps.min():g} ms apart; make them shorter, or space them wider.")
        end = start + width_s
        ends = np.r_[gaps > width_s * (1 + 1e-9), True]  # no return to zero where the next one begins
        heights = np.broadcast_to(_numbers("values", height), start.shape)
        every, value = np.r_[start, end[ends]], np.r_[heights, np.zeros(ends.sum())]
        order = np.argsort(every, kind="stable")
        return Signal(every[order], value[order], Quantity(1.0, dim=get_dimensions(height)))

    @staticmethod
    def from_csv(path: str | os.PathLike) -> Signal:
        """Return a signal from a table of two columns: ``time_ms`` (``time_s``, ``time_us``) and ``value``, or ``value_mV`` with a unit."""
        table = read_csv(path, "signal", _columns)
        time, value = table.columns
        unit = 1.0 if value == "value" else parse_value(f"1 {value.removeprefix('value_')}")
        return Signal(table[time].to_numpy() * TIMES[time], table[value].to_numpy() * unit)

    @staticmethod
    def from_timed_array(array: TimedArray) -> Signal:
        """Return the signal that a one-dimensional ``TimedArray`` of Brian2 is."""
        if np.ndim(array.values) != 1:
            raise UserError("a TimedArray with a column for each neuron was given as a signal; give one of a single row of values.")
        return Signal(np.arange(len(array.values)) * float(array.dt), Quantity(array.values, dim=array.dim))

    def timed_array(self) -> TimedArray:
        """Return the same signal as Brian2's ``TimedArray``, at the longest step that holds every change."""
        nanoseconds = np.rint(self.times * 1e9).astype(np.int64)
        step = int(np.gcd.reduce(nanoseconds)) or int(1e9)
        last = int(nanoseconds[-1]) // step
        if last >= 10 * MOST_CHANGES:
            raise UserError(
                f"a signal changes at times that only a step of {step / 1e3:g} us holds; round them to the grid of the network."
            )
        held = np.searchsorted(nanoseconds, np.arange(last + 1) * step, side="right") - 1
        values = np.where(held < 0, 0.0, self.values[np.maximum(held, 0)])
        return brian2.TimedArray(Quantity(values, dim=get_dimensions(self.unit)), dt=step * 1e-9 * second)


def _columns(head: list[str]) -> dict[str, str]:
    if len(head) == 2 and head[0] in TIMES and (head[1] == "value" or head[1].startswith("value_")):
        return dict.fromkeys(head, REAL)
    return {"time_ms": REAL, "value": REAL}


def _numbers(what: str, given: Any) -> np.ndarray:
    try:
        array = np.atleast_1d(np.asarray(given))
        if array.dtype.kind not in "biuf" or array.ndim != 1 or not np.isfinite(array).all():
            raise TypeError
    except (TypeError, ValueError, DimensionMismatchError):
        raise UserError(f"the {what} of a signal must be a sequence of finite numbers with their unit.") from None
    return array.astype(float)
