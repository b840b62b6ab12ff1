"""Recordings of N-MNIST and its relatives (``.bin``): 40 bits an event."""

from __future__ import annotations

import os

import numpy as np

from brian2chip.core.files import read_bytes, shown
from brian2chip.core.recordings.pixels import EVENT
from brian2chip.errors import UserError

#: Pixels a side (Orchard et al. 2015), and bytes that a recording may have.
SIDE, LARGEST = 34, 64 << 20
#: The y of an event that says that the clock went round, and the microseconds that it then adds.
ROUND, ROUND_US = 240, 1 << 13


def read_nmnist(path: str | os.PathLike, *, side: int = SIDE, inside: str | os.PathLike | None = None) -> np.ndarray:
    """Return the events of a recording with fields ``x``, ``y``, ``t`` (microseconds) and ``p``, as from_tonic takes them.

    Parameters
    ----------
    path : path
        An event is one byte x, one byte y, one bit polarity and 23 bits of microseconds, high byte first (Orchard et al. 2015).
    side : int
        Pixels a side of the sensor.
    inside : path, optional
        A folder that the file must be in, after all links are followed.

    Raises
    ------
    UserError
        For a file that is missing or too large, cut off within an event, or has an event beside the sensor.
    """
    data = read_bytes(path, "recording", largest=LARGEST, inside=inside)
    if len(data) % 5:
        raise UserError(f"{shown(path)} has {len(data)} bytes, which is no whole number of events of 5 bytes; fetch it again.")
    x, y, high, middle, low = np.frombuffer(data, np.uint8).reshape(-1, 5).T.astype(np.int64)
    rounds = y == ROUND
    events = np.zeros(len(x), EVENT)
    events["x"], events["y"], events["p"] = x, y, high >> 7
    events["t"] = ((high & 127) << 16 | middle << 8 | low) + ROUND_US * np.cumsum(rounds)
    events = events[~rounds]
    beside = np.flatnonzero((events["x"] >= side) | (events["y"] >= side))
    if beside.size:
        k = beside[0]
        place = f"event {k} is at pixel ({events['x'][k]}, {events['y'][k]})"
        raise UserError(f"{shown(path)}: {place}; the sensor has pixels 0 to {side - 1} a side.")
    return events
