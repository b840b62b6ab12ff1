"""The points of a sweep: a grid, given or drawn ones, each with several seeds; made in parts, so that a million takes no memory."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.csv_files import TEXT, read_csv
from brian2chip.core.quantities import parse_value
from brian2chip.core.seed import LARGEST, checked_seed
from brian2chip.errors import UserError
from brian2chip.sweeps.axis import MOST_VALUES, NUMBER, Axis, Span, axis, span

#: Points of a sweep.
MOST_POINTS = 100_000_000
#: Names of columns that a sweep adds.
POINT, SEED, ERROR = "point", "seed", "error"


@dataclass(frozen=True)
class Points:
    """What is computed: every combination of the axes' values (``crossed``), or their values side by side, with every seed.

    Points are numbered from 0; seeds change slowest, the last axis fastest.
    """

    axes: tuple[Axis, ...]
    seeds: tuple[int, ...]
    crossed: bool

    @property
    def _shape(self) -> tuple[int, ...]:
        lengths = [len(axis.values) for axis in self.axes]
        return (len(self.seeds), *(lengths if self.crossed else lengths[:1]))

    def __len__(self) -> int:
        return math.prod(self._shape)

    def ordered(self, first: Sequence[str]) -> Points:
        """Return the same points with some axes changing more slowly than the others."""
        return replace(self, axes=tuple(sorted(self.axes, key=lambda axis: axis.name not in first)))

    def part(self, first: int, last: int) -> pd.DataFrame:
        """Return the points from ``first`` to before ``last``: their number, their values as plain SI numbers, and the seed."""
        return self.at(np.arange(first, min(last, len(self))))

    def at(self, numbers: np.ndarray) -> pd.DataFrame:
        """Return some points by their numbers."""
        seed, *index = np.unravel_index(numbers, self._shape)
        index = index if self.crossed else index * len(self.axes)
        columns = {axis.name: axis.values[k] for axis, k in zip(self.axes, index)}
        return pd.DataFrame({POINT: numbers, **columns, SEED: np.array(self.seeds)[seed]})

    def values(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values of one row with their units."""
        return {axis.name: axis.quantity(row[axis.name]) for axis in self.axes}

    def first(self) -> dict[str, Any]:
        """Return the first value of each axis, with which names and units are checked."""
        return {axis.name: axis.quantity(axis.values[0]) for axis in self.axes}

    def content(self) -> tuple:
        """Return what determines the points."""
        values = [axis.values.tolist() if axis.values.dtype.hasobject else axis.values for axis in self.axes]
        return tuple((axis.name, value, str(axis.dimensions)) for axis, value in zip(self.axes, values)), self.seeds, self.crossed


def points(
    vary: Mapping[str, Any],
    *,
    seeds: int | Sequence[int] = 1,
    seed: int = 1,
    random: int | None = None,
    latin: int | None = None,
    file: str | os.PathLike | None = None,
) -> Points:
    """Return the points of a sweep.

    Raises
    ------
    UserError
        For several ways at once, no points, too many, and what :func:`~brian2chip.sweeps.axis.axis` and ``span`` refuse.
    """
    if taken := [name for name in (POINT, SEED, ERROR) if name in vary]:
        raise UserError(f"{taken[0]!r} cannot be varied like a parameter; it is a column of the table (seeds: seeds=, --seeds).")
    if sum(way is not None for way in (random, latin, file)) > 1:
        raise UserError("random, latin and points were given together; give one of them, or none for a grid.")
    chosen = _seeds(seeds, checked_seed(seed))
    if file is not None:
        if vary:
            raise UserError(f"{next(iter(vary))} was varied beside a file of points; make it a column of the file.")
        return _checked(Points(tuple(_of_file(file)), chosen, crossed=False))
    if random is None and latin is None:
        return _checked(Points(tuple(axis(name, given) for name, given in vary.items()), chosen, crossed=True))
    return _checked(Points(tuple(_drawn(vary, random, latin, seed)), chosen, crossed=False))


def _seeds(seeds: int | Sequence[int], first: int) -> tuple[int, ...]:
    if is_whole(seeds):
        if not 1 <= seeds <= MOST_VALUES or first + seeds - 1 > LARGEST:
            raise UserError(f"seeds were given as {seeds}; give a whole number of at least 1, how many, or a list of them.")
        return tuple(range(first, first + int(seeds)))
    several = tuple(checked_seed(seed) for seed in seeds) if isinstance(seeds, list | tuple | np.ndarray | range) else ()
    if not several or len(set(several)) < len(several):
        raise UserError(f"seeds were given as {seeds!r:.60}; give how many, or a list of different ones.")
    return several


def _checked(made: Points) -> Points:
    if not 0 < len(made) <= MOST_POINTS:
        raise UserError(f"the sweep has {len(made)} points; give from 1 to {MOST_POINTS}.")
    return made


def _drawn(vary: Mapping[str, Any], random: int | None, latin: int | None, seed: int) -> list[Axis]:
    """Return axes of drawn values; those of a single value stay as they are."""
    n = latin if random is None else random
    if not is_whole(n) or not 1 <= n <= MOST_VALUES:
        raise UserError(f"{n!r:.40} drawn points were asked for; give a whole number from 1 to {MOST_VALUES}.")
    ends = {name: span(name, given) for name, given in vary.items()}
    ranges = {name: one for name, one in ends.items() if isinstance(one, Span)}
    if not ranges:
        raise UserError("points are drawn, and nothing has a range to draw from; vary something from LOW:HIGH.")
    rng = np.random.default_rng(seed)
    if latin is None:
        share = rng.random((n, len(ranges)))
    else:
        from scipy.stats import qmc  # takes as long as a whole small sweep

        share = qmc.LatinHypercube(len(ranges), seed=rng).random(n)
    values = {name: Axis(name, one.values(share[:, k]), one.dimensions) for k, (name, one) in enumerate(ranges.items())}
    same = {name: replace(one, values=np.repeat(one.values, n)) for name, one in ends.items() if isinstance(one, Axis)}
    return [{**values, **same}[name] for name in vary]


def _of_file(path: str | os.PathLike) -> list[Axis]:
    """Return the columns of a table of points, with units in its cells."""
    table = read_csv(path, "points", lambda head: dict.fromkeys(head, TEXT))
    if not len(table.columns) or not len(table):
        raise UserError(f"{str(path)[:200]} holds no points; give a head of names and at least one row.")
    if taken := [name for name in (POINT, SEED, ERROR) if name in table]:
        raise UserError(f"{str(path)[:200]} has the column {taken[0]!r}, which the table of a sweep has itself; leave it out.")
    return [axis(name, [parse_value(cell) if NUMBER.match(cell) else cell for cell in table[name]]) for name in table]
