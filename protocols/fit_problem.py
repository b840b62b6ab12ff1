"""What a fit minimises: a rule in a protocol against its data, ready here or in a worker process that searches from one point."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.analysis.least_squares import Space, roughly
from brian2chip.core.executor import in_this_process, run_all
from brian2chip.core.progress import silent
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.workers import Workers
from brian2chip.protocols.free_parameters import FreeVector
from brian2chip.protocols.prepare import prepared


@dataclass(frozen=True)
class Problem:
    """A rule with free parameters in a protocol with data.

    Attributes
    ----------
    protocol : Protocol
    rule : Rule
    options, settings : mapping
        Of the protocol, and of :func:`~brian2chip.protocols.prepare.prepared`.
    vector : FreeVector
    where : int array [conditions]
        The protocol of each condition, by its number, where several are fitted together.
    index : array [data points]
        Their conditions.
    data, sem : array [data points]
    """

    protocol: Protocol
    rule: Rule
    options: Mapping[str, Any]
    settings: Mapping[str, Any]
    vector: FreeVector
    where: np.ndarray
    index: np.ndarray
    data: np.ndarray
    sem: np.ndarray

    @contextmanager
    def ready(self) -> Iterator[tuple[Callable[[np.ndarray], np.ndarray], bool]]:
        """Yield the residuals in standard errors as a function of vectors, one a row, and whether several cost little more than one."""
        n = len(self.vector.names)
        with prepared(self.rule, self.protocol, self.options, {**self.settings, "info": {}}, runs=20 * n, sets=1 + n) as network:

            def residuals(rows: np.ndarray) -> np.ndarray:
                changes = network.changes(self.vector.sets(np.atleast_2d(rows), self.where))
                return (changes[:, self.index] - self.data) / self.sem

            yield residuals, network.at_once

    def searches(self, starts: int, at_once: bool, workers: Workers) -> Callable[[np.ndarray], list[Any]] | None:
        """Return how several points are searched from in worker processes; None where they are searched from here, side by side."""
        if at_once or starts < 2 or in_this_process(workers, starts):
            return None
        # Jobs of the first seconds would run here too, where a network stands ready already; so the number is said.
        chosen = workers if workers.scheduler or workers.count else Workers(max(2, workers.cores))
        return lambda points: list(run_all(_search, {k: (self, point) for k, point in enumerate(points)}, chosen, silent).values())


def _search(problem: Problem, start: np.ndarray, report: Callable[[float], None] = silent) -> Any:
    """Return what is found roughly from one point, with a network of its own."""
    ends = np.array([[-np.inf if low is None else low, np.inf if high is None else high] for low, high in problem.vector.bounds])
    with problem.ready() as (residuals, at_once):
        return roughly(residuals, Space(problem.vector.names, ends[:, 0], ends[:, 1], at_once), start)
