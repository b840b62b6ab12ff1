"""Worker processes on this machine, which end with the process that started them, and are replaced when one of them ends."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import dask
import distributed

from brian2chip.core.temporary import temporary_folder
from brian2chip.errors import UserError

#: How often workers are replaced, for each of them.
REPLACED = 20
#: Seconds that a worker may take to end when it is told to.
GRACE = 5.0
#: One thread a worker, also in the libraries of linear algebra.
THREADS = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}


class LocalWorkers:
    """A scheduler in this process with ``count`` worker processes."""

    def __init__(self, cluster: distributed.LocalCluster, folder: Path, count: int) -> None:
        self.cluster, self.folder, self.count = cluster, folder, count
        self.processes: list[subprocess.Popen] = []
        self.started = 0

    def mend(self) -> None:
        """Start workers in the place of those that ended.

        Raises
        ------
        UserError
            When they end again and again.
        """
        alive = [process for process in self.processes if process.poll() is None]
        for process in self.processes:
            if process not in alive:
                process.stdin.close()
        self.processes = alive
        while len(self.processes) < self.count:
            if self.started == (1 + REPLACED) * self.count:
                raise UserError(f"worker processes end again and again by themselves ({self._last_words()}); run with one worker.")
            self.processes.append(self._start())

    def end(self) -> None:
        """End all workers and wait for them."""
        for process in self.processes:
            with suppress(OSError):
                process.stdin.close()
        for process in self.processes:
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.processes = []

    def _start(self) -> subprocess.Popen:
        """Return a new worker; it lives as long as its standard input is open."""
        self.started += 1
        path = os.pathsep.join(os.path.abspath(folder) for folder in sys.path)
        with open(self.folder / "workers.log", "ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "brian2chip.core.worker_process", self.cluster.scheduler_address, str(self.folder)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env={**THREADS, **os.environ, "PYTHONPATH": path},
                start_new_session=True,  # Ctrl+C is this process's to answer
            )

    def _last_words(self) -> str:
        lines = (self.folder / "workers.log").read_text(errors="replace").strip().splitlines()
        return lines[-1][:200] if lines else "they say nothing"


@contextmanager
def local_workers(count: int) -> Iterator[LocalWorkers]:
    """Yield so many worker processes; they, and what they wrote for the moment, are gone afterwards."""
    with temporary_folder(tempfile.gettempdir(), mode=0o700) as folder:
        with dask.config.set({"temporary-directory": str(folder)}):  # read when the scheduler is made
            cluster = distributed.LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=False)
        local = LocalWorkers(cluster, folder, count)
        try:
            local.mend()
            yield local
        finally:
            local.end()
            with suppress(Exception):
                cluster.close(timeout=GRACE)
