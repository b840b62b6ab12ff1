"""Independent jobs, in this process or on the workers of a Dask cluster: the one way in which many things are computed."""

from __future__ import annotations

import importlib.util
import itertools
import logging
import os
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from brian2chip.core.progress import part
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: Seconds for which jobs run in this process before workers are started that nobody asked for: to start them takes about as long.
PATIENCE = 3.0
MISSING = "distributed is not installed (pip install 'brian2chip[sweep]'), so the jobs run one after the other in this process"


@dataclass(frozen=True)
class Workers:
    """Where jobs run.

    Attributes
    ----------
    count : int or None
        Worker processes on this machine; one means this process. None takes one a core, and these alone when the jobs take long.
    scheduler : str or None
        The address of a Dask scheduler whose workers compute instead, e.g. ``"tcp://cluster:8786"``.
    """

    count: int | None = None
    scheduler: str | None = None

    @property
    def cores(self) -> int:
        """How many worker processes of this machine there are, if any."""
        return self.count or os.cpu_count() or 1

    def __post_init__(self):
        if self.count is not None and (not isinstance(self.count, int) or isinstance(self.count, bool) or self.count < 1):
            raise UserError(f"the number of worker processes was given as {self.count!r:.40}; give a whole number of at least 1.")
        if self.scheduler is not None and self.count is not None:
            raise UserError(
                "a scheduler and a number of workers were both given; a scheduler has its own workers, so leave the number out."
            )
        if self.scheduler is not None and importlib.util.find_spec("distributed") is None:
            raise UserError("a scheduler is reached through the package distributed; install it with pip install 'brian2chip[sweep]'.")


def run_all(job: Callable, jobs: Mapping[Hashable, tuple], workers: Workers, report: Callable[[float], None]) -> dict[Hashable, Any]:
    """Return what ``job`` gives for each tuple of arguments, in the order given; see :func:`completed`."""
    with closing(completed(job, jobs.items(), len(jobs), workers, report)) as results:
        found = dict(results)
    return {key: found[key] for key in jobs}


def completed(
    job: Callable, jobs: Iterable[tuple[Hashable, tuple]], total: int, workers: Workers, report: Callable[[float], None]
) -> Iterator[tuple[Hashable, Any]]:
    """Yield the key and what ``job`` gives for it as soon as it is there; what a job raises is raised.

    Parameters
    ----------
    job : callable
        A function of a module, or a ``functools.partial`` of one; in this process it is given ``report=``, a callable of its fraction done,
        in another one not.
    jobs : iterable of (key, tuple)
        Arguments of each call, taken as they are needed.
    total : int
        How many jobs there are, about.
    workers : Workers
    report : callable
        Called with the fraction of all jobs that is done.

    Raises
    ------
    UserError
        When the scheduler does not answer, its workers have other versions, or workers end again and again at the same job.
    """
    waiting, done = iter(jobs), 0
    end = time.monotonic() + PATIENCE
    here = in_this_process(workers, total)
    while here or workers.scheduler is None and workers.count is None and (time.monotonic() < end or total - done < 2):
        found = next(waiting, None)
        if found is None:
            return
        key, arguments = found
        yield key, job(*arguments, report=part(report, done, total))
        done += 1
        report(min(1.0, done / total))
    from brian2chip.core.dask_pool import pool  # loads distributed

    with pool(workers, total - done) as cluster:
        for key, result in cluster.completed(job, waiting):
            done += 1
            report(min(1.0, done / total))
            yield key, result


def in_this_process(workers: Workers, total: int) -> bool:
    """Return whether so many jobs all run here, after a word where more was asked for."""
    if workers.scheduler is not None:
        return False
    if total < 2 or workers.cores == 1 or _is_worker():
        return True
    if importlib.util.find_spec("distributed") is None:
        if workers.count is not None:
            logger.warning("%s.", MISSING)
        return True
    return False


def _is_worker() -> bool:
    """Return whether this is a job of a Dask worker, which starts no workers of its own."""
    if "distributed" not in sys.modules:
        return False
    from distributed import get_worker  # it is loaded already

    try:
        get_worker()
    except ValueError:
        return False
    return True


def some(jobs: Iterator[tuple[Hashable, tuple]], n: int) -> list[tuple[Hashable, tuple]]:
    """Return the next jobs, ``n`` at most."""
    return list(itertools.islice(jobs, max(0, n)))
