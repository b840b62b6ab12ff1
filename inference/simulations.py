"""Simulations from the prior: points of a sweep that share a network, in one table that goes on where it was stopped."""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.core.identity import identity
from brian2chip.core.progress import Progress
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.inference.problem import Problem
from brian2chip.protocols.run_sets import ROWS
from brian2chip.sweeps.points import ERROR, Points, points
from brian2chip.sweeps.results import Results
from brian2chip.sweeps.study import Study, content
from brian2chip.sweeps.sweep import Sweep, settings_of

NOT_FINITE = "a change is no finite number"


def simulated(problem: Problem, n: int, out: Path | None, progress: Progress) -> tuple[np.ndarray, np.ndarray]:
    """Return drawn parameters as shares of the prior [sets, parameters] and the rule's changes [sets, points], without errors of data.

    Parameters
    ----------
    problem : Problem
    n : int
        Draws of the prior.
    out : Path or None
        The table, as :func:`brian2chip.sweep` writes it; what it holds already is not computed again.
    progress : callable, bool or None

    Raises
    ------
    UserError
        For a table of another problem, and where the rule gives no finite change in a part of the prior.
    """
    drawn = points(problem.prior.ranges(), random=n, seed=problem.settings["seed"])
    study = study_of(problem)
    results = Sweep(study, drawn, Results(out, settings_of(study, drawn)), Workers(1), math.inf).compute(progress)
    failed, why = results.failed()
    if failed:
        raise UserError(f"{failed} of {n} draws of the prior have no result (the first: {why}); narrow the prior to where the rule works.")
    table = results.table()
    values = table[list(problem.prior.names)].to_numpy(float)
    return problem.prior.shares(values), table[_columns(problem)].to_numpy(float)


def study_of(problem: Problem) -> Study:
    """Return what happens at the draws: the changes at all data points, in columns ``dw_0``, ``dw_1``, ..."""
    settings = problem.settings
    about = {
        "protocol": content(problem.protocol),
        "rule": content(problem.rule),
        "held": dict(problem.held),
        "conditions": identity(problem.observation.index, problem.of),
        "device": settings["device"],
        "dt": settings["dt"],
    }
    title = f"{problem.rule.name} on {problem.protocol.name}"
    return Study("posterior", title, about, partial(_point, problem), partial(_together, problem))


def changes(problem: Problem, share: np.ndarray) -> np.ndarray:
    """Return the rule's changes [sets, points] at shares of the prior [sets, parameters], computed now."""
    values, size = problem.prior.values(share), _size(problem)
    with problem.ready(min(size, len(values)), len(values)) as evaluate:
        return np.concatenate([evaluate(values[first : first + size]) for first in range(0, len(values), size)])


def _size(problem: Problem) -> int:
    """Return how many sets are computed at once, so that memory does not grow with the sets."""
    return max(1, ROWS // len(problem.of))


def _columns(problem: Problem) -> list[str]:
    return [f"dw_{k}" for k in range(len(problem.observation))]


def _point(problem: Problem, values: dict, seed: int, report=None) -> dict[str, float]:
    """Return the changes of one draw."""
    row = np.array([[float(np.asarray(values[name])) for name in problem.prior.names]])
    with problem.ready(1) as evaluate:
        return dict(zip(_columns(problem), evaluate(row)[0].tolist()))


def _together(problem: Problem, drawn: Points, rows: pd.DataFrame, total: int) -> Iterator[pd.DataFrame]:
    """Yield draws with their changes, or a sentence where one of them is no number."""
    values, size = rows[list(problem.prior.names)].to_numpy(float), min(_size(problem), total)
    with problem.ready(size, total) as evaluate:
        for first in range(0, len(rows), size):
            found = evaluate(values[first : first + size])
            good = np.isfinite(found).all(axis=1)
            part = rows.iloc[first : first + size].reset_index(drop=True)
            yield pd.concat([part, pd.DataFrame(found, columns=_columns(problem))], axis=1).assign(
                **{ERROR: np.where(good, "", NOT_FINITE)}
            )
