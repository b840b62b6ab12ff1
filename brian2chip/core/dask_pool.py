"""Workers of a Dask cluster that compute jobs: those of a scheduler somewhere, or processes on this machine that end with this one."""

from __future__ import annotations

import itertools
import logging
import queue
import time
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import dask
import distributed
from distributed.protocol import pickle

from brian2chip.core.local_workers import LocalWorkers, local_workers
from brian2chip.core.worker_versions import call, check_workers, versions
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError

#: Seconds until a scheduler has to answer, and between two looks at the workers.
ANSWER, LOOK = 10.0, 0.2
#: Jobs that are under way for each worker: one that is computed and some that wait for it.
AHEAD = 4
#: How often a job may lose its worker.
LOST = 3


@dataclass(frozen=True)
class Pool:
    """A connection to workers, and the processes on this machine if they are some."""

    client: distributed.Client
    address: str
    local: LocalWorkers | None

    def completed(self, job: Callable, jobs: Iterator[tuple[Hashable, tuple]]) -> Iterator[tuple[Hashable, Any]]:
        """Yield key and result of every job as it is done.

        Raises
        ------
        UserError
            When the scheduler is gone, or the worker of one job ended again and again.
        """
        done: queue.SimpleQueue[distributed.Future] = queue.SimpleQueue()
        under_way: dict[distributed.Future, Hashable] = {}
        mine, packed, room, looked = versions(), pickle.dumps(job), self._room(), time.monotonic()
        while True:
            for key, arguments in itertools.islice(jobs, max(0, room - len(under_way))):
                future = self.client.submit(call, mine, packed, arguments, pure=False)
                under_way[future] = key
                future.add_done_callback(done.put)
            if not under_way:
                return
            with suppress(queue.Empty):
                future = done.get(timeout=LOOK)
                yield under_way.pop(future), self._result(future)
            if time.monotonic() > looked + LOOK:
                room, looked = self._room(), time.monotonic()

    def _room(self) -> int:
        """Return how many jobs may be under way, after looking whether scheduler and workers still live."""
        if self.client.status != "running":
            raise self._gone()
        if self.local is not None:
            self.local.mend()
            return AHEAD * self.local.count
        with self._explained():
            return AHEAD * max(8, sum(self.client.nthreads().values()))

    def _result(self, future: distributed.Future) -> Any:
        while True:
            try:
                with self._explained():
                    return future.result(timeout=ANSWER)
            except TimeoutError:
                if future.status == "error":  # the job's own
                    raise
                self._room()  # its worker may have ended before it gave the result away; then it is computed again

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except distributed.scheduler.KilledWorker:
            raise UserError(
                f"{LOST + 1} worker processes in turn ended while they computed the same thing, probably for want of memory; use fewer "
                "workers, or make it smaller."
            ) from None
        except (distributed.client.FutureCancelledError, distributed.comm.CommClosedError):
            raise self._gone() from None
        except OSError:  # the job's own, or the connection's
            if self.client.status == "running":
                raise
            raise self._gone() from None

    def _gone(self) -> UserError:
        return UserError(f"the scheduler {self.address} is gone; start one again and repeat the command.")


@contextmanager
def pool(workers: Workers, jobs: int) -> Iterator[Pool]:
    """Yield the workers of a scheduler, or processes of this machine, no more than there are jobs.

    Raises
    ------
    UserError
        When the scheduler does not answer, or its workers have other versions.
    """
    with _quiet(), dask.config.set({"distributed.scheduler.allowed-failures": LOST, "distributed.comm.retry.count": 0}):
        if workers.scheduler is not None:
            client = _connected(workers.scheduler)
            try:
                check_workers(client, workers.scheduler)
                yield Pool(client, workers.scheduler, None)
            finally:
                _closed(client)
            return
        with local_workers(min(workers.cores, max(1, jobs))) as local:
            client = distributed.Client(local.cluster, timeout=ANSWER, set_as_default=False)
            try:
                yield Pool(client, local.cluster.scheduler_address, local)
            finally:
                local.end()
                _closed(client)


def _connected(address: str) -> distributed.Client:
    try:
        return distributed.Client(address, timeout=ANSWER, set_as_default=False)
    except (OSError, ValueError, TypeError, TimeoutError):
        raise UserError(
            f"the scheduler {address[:200]!r} does not answer within {ANSWER:g} s; start one (dask scheduler) and give the address that it "
            "prints, such as tcp://host:8786, or leave the scheduler out for workers on this machine."
        ) from None


def _closed(client: distributed.Client) -> None:
    """Let go of everything; jobs that nobody waits for are not started any more."""
    with suppress(Exception):
        client.close(timeout=2)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to itself what distributed logs of workers that come and go."""
    ours = logging.getLogger("distributed")
    names = [ours.name, *(name for name in logging.root.manager.loggerDict if name.startswith("distributed."))]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)
