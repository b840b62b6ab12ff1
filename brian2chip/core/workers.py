"""Independent jobs in worker processes, which end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import connection
from typing import Any

from brian2chip.core.temporary import remove_own
from brian2chip.errors import UserError

BROKEN = (
    'a worker process ended before its work was done; a script that compares must do so below `if __name__ == "__main__":` where '
    "processes are spawned (macOS, Windows), and otherwise the memory was not enough: give fewer processes (processes=1 needs none)."
)


def run_all(job: Callable, jobs: Mapping[Hashable, tuple], processes: int, report: Callable[[float], None]) -> dict[Hashable, Any]:
    """Return what ``job`` gives for each tuple of arguments, in the order given.

    Parameters
    ----------
    job : callable
        A function of a module, which worker processes import.
    jobs : mapping of key to tuple
        Arguments of each call.
    processes : int
        Worker processes at most; with one, or inside a process that may have none, the jobs run here.
    report : callable
        Called with the fraction done.

    Raises
    ------
    UserError
        When a worker process ends by itself.
    """
    if _importing_the_script():
        sys.exit(1)  # the process that started this one says why
    processes = min(processes, len(jobs))
    if processes == 1 or multiprocessing.current_process().daemon:
        outcome = {}
        for done, (key, arguments) in enumerate(jobs.items(), 1):
            outcome[key] = job(*arguments)
            report(done / len(jobs))
        return outcome
    stop, stopped = multiprocessing.Pipe(duplex=False)
    try:
        with ProcessPoolExecutor(processes, initializer=_end_with_parent, initargs=(stop,)) as pool:
            try:
                return _collected(pool, job, jobs, report)
            except BaseException:
                stopped.send(None)  # the work of no worker is wanted any more
                pool.shutdown(wait=False, cancel_futures=True)
                raise
    except BrokenProcessPool as error:
        raise UserError(BROKEN) from error
    finally:
        stop.close()
        stopped.close()


def _collected(pool: ProcessPoolExecutor, job: Callable, jobs: Mapping[Hashable, tuple], report: Callable) -> dict[Hashable, Any]:
    outcome = dict.fromkeys(jobs)
    futures = {pool.submit(job, *arguments): key for key, arguments in jobs.items()}
    for done, future in enumerate(as_completed(futures), 1):
        outcome[futures[future]] = future.result()
        report(done / len(jobs))
    return outcome


def _end_with_parent(stop: connection.Connection) -> None:
    """End this worker when its parent is gone, or says so; Ctrl+C, which the terminal sends to both, is the parent's to answer."""
    parent = multiprocessing.parent_process()
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def watch() -> None:
        connection.wait([parent.sentinel, stop])
        remove_own()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def _importing_the_script() -> bool:
    """Return whether this is a spawned process that runs its parent's script once more."""
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "<module>" and frame.f_globals.get("__name__") == "__mp_main__":
            return True
        frame = frame.f_back
    return False
