"""Independent jobs, in this process or on the workers of a Dask cluster: the one way in which many things are computed."""

from __future__ import annotations

import importlib.util
import logging
import sys
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import closing
from typing import Any

from brian2chip.core.progress import part
from brian2chip.core.workers import Workers

logger = logging.getLogger(__name__)

#: Seconds for which jobs run in this process before workers are started that nobody asked for: to start them takes about as long.
PATIENCE = 3.0
MISSING = "distributed is not installed (pip install 'brian2chip[sweep]'), so the jobs run one after the other in this process"


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
