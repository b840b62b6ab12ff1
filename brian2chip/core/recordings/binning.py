"""From recordings, events in continuous time, to samples in steps; what is left out or counted once is logged."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from brian2chip.core.samples import LARGEST, Samples, distinct
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: Events of all recordings together, and the part of a step by which a time may lie before its border: decimal times are not exact.
MOST, EDGE = 1 << 27, 1e-6

#: Times in seconds, channels, and the class of a recording: a number, or a name.
Recording = tuple[np.ndarray, np.ndarray, int | str]


@dataclass(frozen=True)
class Recordings:
    """Recordings with a class each, read one after another.

    Attributes
    ----------
    what : str
        What they are, for messages, e.g. ``"the SHD or SSC file 'shd_train.h5'"``.
    n_in : int
        Channels.
    each : callable
        Returns the recordings, checked, in their order.
    """

    what: str
    n_in: int
    each: Callable[[], Iterable[Recording]]


def binned(
    recordings: Recordings, dt: float, n_steps: int | None = None, *, mask=None, classes: list[str] | None = None
) -> tuple[Samples, list[str]]:
    """Return samples, and the names of their classes where they have names.

    An event belongs to the step in which it lies; several of one channel in one step count once; later events are left out.

    Parameters
    ----------
    recordings : Recordings
    dt : float
        Seconds of a step.
    n_steps : int, optional
        By default up to the last event.
    mask : bool array [n_steps], optional
    classes : list of str, optional
        Names that the classes must have, in the order of their numbers; by default those that occur, in their order.

    Raises
    ------
    UserError
        For no recordings, more events than memory may hold, and a class that is not among those given.
    """
    events, labels = [], []
    given = late = kept = 0
    for times, channels, label in recordings.each():
        step = np.floor(times / dt + EDGE)
        inside = step < (LARGEST["n_steps"] if n_steps is None else n_steps)
        if n_steps is None and not inside.all():
            raise UserError(f"{recordings.what} lasts {times.max():g} s, too long for steps of {dt:g} s; give a longer dt or a duration.")
        events.append(distinct(step[inside].astype(np.int64) * recordings.n_in + channels[inside]))
        labels.append(label)
        given, late, kept = given + len(times), late + int(np.sum(~inside)), kept + len(events[-1])
        if kept > MOST:
            raise UserError(f"{recordings.what}: there are more than {MOST} events in steps of {dt:g} s; take fewer recordings at once.")
    if not labels:
        raise UserError(f"{recordings.what}: there are no recordings.")
    numbers, names = _numbered(labels, recordings.what, classes)
    keys, lengths = np.concatenate(events), [len(one) for one in events]
    steps = int(keys.max(initial=0)) // recordings.n_in + 1 if n_steps is None else n_steps
    _say(recordings.what, given, late, given - late - kept, steps * dt)
    sample = np.repeat(np.arange(len(labels)), lengths)
    every = np.ones(steps, bool) if mask is None else mask
    found = Samples(sample, keys // recordings.n_in, keys % recordings.n_in, len(labels), steps, recordings.n_in, every, label=numbers)
    return found, names


def steps_in(duration: float, dt: float) -> int:
    """Return how many steps a duration takes, the last of which may go beyond it."""
    return max(1, math.ceil(duration / dt - EDGE))


def _say(what: str, given: int, late: int, merged: int, end: float) -> None:
    """Log which events are no spike of their own."""
    said = [f"{late} come after {end:g} s and are left out"] if late else []
    said += [f"{merged} fall into the step of another one of their channel, with which they count once"] if merged else []
    if said:
        logger.warning("%s: of %d events %s.", what, given, " and ".join(said))


def _numbered(labels: list[int | str], what: str, classes: list[str] | None) -> tuple[np.ndarray, list[str]]:
    """Return the numbers of the classes and, where they have names, these in the order of the numbers."""
    if not any(isinstance(label, str) for label in labels):
        return np.array(labels, np.int64), []
    names = in_order(map(str, labels)) if classes is None else classes
    if strange := sorted(set(map(str, labels)) - set(names)):
        raise UserError(f"{what}: the class {strange[0][:60]!r} is not among those that are trained ({', '.join(names)[:200]}).")
    place = {name: k for k, name in enumerate(names)}
    return np.array([place[str(label)] for label in labels], np.int64), list(names)


def in_order(names: Iterable[str]) -> list[str]:
    """Return names without repetition, whole numbers by their value."""
    return sorted(set(names), key=lambda name: (not name.isdecimal(), int(name) if name.isdecimal() else 0, name))
