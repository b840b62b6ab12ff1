"""The pixels of an event camera, or the channels of a cochlea, as the inputs of a network; neighbours may become one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import is_whole, real_numbers, truth_values, whole_numbers
from brian2chip.core.samples import LARGEST
from brian2chip.errors import UserError

#: Events as the readers of recordings give them: pixel, microseconds, and whether it became brighter.
EVENT = np.dtype([("x", np.int64), ("y", np.int64), ("t", np.int64), ("p", bool)])


@dataclass(frozen=True)
class Sensor:
    """What the events of a recording come from.

    Attributes
    ----------
    width, height : int
        Pixels; a row of channels has height 1.
    polarities : int
        2 keeps events of either polarity apart, 1 makes them one input.
    pool : int
        Pixels per side that become one input.

    Raises
    ------
    UserError
        For what are no such numbers.
    """

    width: int
    height: int = 1
    polarities: int = 1
    pool: int = 1

    def __post_init__(self):
        if not all(is_whole(n) and n >= 1 for n in (self.width, self.height, self.polarities)) or self.polarities > 2:
            given = f"{(self.width, self.height, self.polarities)!r:.60}"
            raise UserError(f"sensor was given as {given}; give (width, height, polarities) with one or two polarities.")
        if not is_whole(self.pool) or self.pool < 1:
            raise UserError(f"pool was given as {self.pool!r:.40}; give a whole number of at least 1.")
        if self.n_in > LARGEST["n_in"]:
            raise UserError(f"a sensor of {self.width} x {self.height} pixels makes {self.n_in} inputs; give a larger pool.")

    @staticmethod
    def of(given: Any, pool: int = 1) -> Sensor:
        """Return a sensor from ``(width, height, polarities)``."""
        if isinstance(given, str) or np.shape(given) != (3,):
            raise UserError(f"sensor was given as {given!r:.60}; give (width, height, polarities) with one or two polarities.")
        return Sensor(*given, pool=pool)

    @property
    def sides(self) -> tuple[int, int]:
        """Columns and rows of inputs."""
        return -(-self.width // self.pool), -(-self.height // self.pool)

    @property
    def n_in(self) -> int:
        """Number of inputs."""
        return self.sides[0] * self.sides[1] * self.polarities


def channels_of(given: Any, sensor: Sensor, where: str) -> tuple[np.ndarray, np.ndarray]:
    """Return times in s and inputs of events with fields ``t`` (microseconds), ``x``, ``y`` (of several rows), ``p`` (of two polarities).

    Raises
    ------
    UserError
        For missing fields, events beside the sensor or before time 0, and what are no numbers; ``where`` is the recording.
    """
    events = np.asarray(given)
    needed = {"x", "t", *(["y"] if sensor.height > 1 else []), *(["p"] if sensor.polarities == 2 else [])}
    if lacking := needed - set(events.dtype.names or ()):
        has = "none" if events.dtype.names is None else ", ".join(map(str, events.dtype.names))
        raise UserError(
            f"events need fields {', '.join(sorted(needed))}; those of {where} lack {', '.join(sorted(lacking))} (fields: {has:.80})."
        )
    sides = {"x": sensor.width, **({"y": sensor.height} if sensor.height > 1 else {})}
    pixel = {n: whole_numbers(events[n], n, where, low=0, high=side - 1, shape=(None,)) // sensor.pool for n, side in sides.items()}
    polarity = truth_values(events["p"], "p", where).astype(np.int64) if sensor.polarities == 2 else 0
    width, height = sensor.sides
    return real_numbers(events["t"], "t", where, low=0) * 1e-6, (polarity * height + pixel.get("y", 0)) * width + pixel["x"]
