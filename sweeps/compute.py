"""The rows of a sweep as they are computed: points that share a network in parts, each other point as a job of its own."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.executor import completed
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.sweeps.points import ERROR, POINT, SEED, Points
from brian2chip.sweeps.study import Study, Together

logger = logging.getLogger(__name__)

#: Points that share a network: how many of them are computed at first, at most, and for how many seconds it should take.
FIRST, MOST, SECONDS = 2_000, 50_000, 5.0

#: First and last but one of points that are still missing.
Gap = tuple[int, int]


def gaps(done: np.ndarray, n: int) -> list[Gap]:
    """Return the ranges of points, each from ``first`` to before ``last``, that are not done."""
    edges = np.concatenate([[-1], np.unique(done), [n]])
    wide = np.flatnonzero(np.diff(edges) > 1)
    return [(int(edges[k]) + 1, int(edges[k + 1])) for k in wide]


def missing(where: Sequence[Gap]) -> int:
    """Return how many points there are in ranges."""
    return sum(last - first for first, last in where)


def rows(study: Study, points: Points, where: Sequence[Gap], workers: Workers, report: Callable[[float], None]) -> Iterator[pd.DataFrame]:
    """Yield tables of rows as they are computed."""
    total = missing(where)
    if study.together is None:
        jobs = (
            (int(row[POINT]), (points.values(row), int(row[SEED])))
            for part in _parts(points, where, lambda: 1000)
            for row in part.to_dict("records")
        )
        with closing(completed(partial(_row, study.point), jobs, total, workers, report)) as found:
            for number, row in found:
                yield pd.concat([points.at(np.array([number])), pd.DataFrame([row])], axis=1)
        return
    # Points that share a network are computed here unless somebody names workers.
    shared = Workers(workers.count or 1) if workers.scheduler is None else workers
    size, done = FIRST, 0
    groups = (
        (int(group[POINT].iloc[0]), (points, group, len(points)))
        for part in _parts(points, where, lambda: size)
        for group in _groups(part, study.alone)
    )
    began = time.monotonic()
    with closing(completed(partial(_part, study.together), groups, total, shared, lambda fraction: None)) as found:
        for _, table in found:
            yield table
            done += len(table)
            report(done / total)
            if len(table) >= size // 2:
                took = time.monotonic() - began
                size = int(np.clip(size * SECONDS / max(took, 0.1), 100, MOST))
            began = time.monotonic()


def _row(point: Callable[..., dict[str, Any]], values: dict[str, Any], seed: int, report: Any = None) -> dict[str, Any]:
    """Return the results of one point, or the sentence of its failure."""
    try:
        return {**point(values, seed, report=report), ERROR: ""}
    except UserError as error:
        return {ERROR: str(error)}
    except Exception as error:  # whatever a function of a user's, or a simulation that overflows, raises
        logger.info("seed %d, %s", seed, values, exc_info=True)
        return {ERROR: f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"}


def _part(together: Together, points: Points, group: pd.DataFrame, total: int, report: Any = None) -> pd.DataFrame:
    """Return the rows of points that share a network."""
    found = [table for table in together(points, group, total)]
    return pd.concat(found, ignore_index=True).sort_values(POINT, ignore_index=True)


def _parts(points: Points, where: Sequence[Gap], size: Callable[[], int]) -> Iterator[pd.DataFrame]:
    """Yield missing points in parts of a size that may change."""
    for first, last in where:
        while first < last:
            end = min(last, first + size())
            yield points.part(first, end)
            first = end


def _groups(part: pd.DataFrame, alone: Sequence[str]) -> Iterator[pd.DataFrame]:
    """Yield neighbouring points with the same values in some columns."""
    if not alone:
        yield part
        return
    same = part[list(alone)]
    edges = [0, *(np.flatnonzero((same != same.shift()).any(axis=1).to_numpy()[1:]) + 1), len(part)]
    yield from (part.iloc[a:b] for a, b in zip(edges, edges[1:]))
