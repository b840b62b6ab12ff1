"""The numpy and cython devices of a session: Brian2 runs the network in this process."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.later import brian2, internals, records
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.engine.queued_run import Input, QueuedRun, Start
from brian2chip.errors import UserError


def run_all(runs: Sequence[QueuedRun], progress: Callable[[float], None] | None) -> float:
    """Run networks one after another and return the seconds that it took."""
    report: dict[str, Any] = {}
    if progress is not None:
        report = {"report": lambda elapsed, fraction, start, duration: progress(fraction), "report_period": 1 * brian2.second}
    start = time.perf_counter()
    with _nothing_to_collect():
        for run in runs:
            run.network.run(run.seconds * brian2.second, namespace=run.namespace, **report)
    return time.perf_counter() - start


@contextmanager
def _nothing_to_collect() -> Iterator[None]:
    """Keep what is there out of the whole garbage collection with which Brian2 begins every run: up to half a second in a large process."""
    if gc.get_freeze_count():  # frozen by someone else, who will thaw it
        yield
        return
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def set_values(item: Input) -> None:
    """Set an input's variable to its values."""
    item.group.set_states({item.variable: item.array}, units=False)


class Interpreted:
    """Every execution but the first starts from the state before it, and each draws the same random numbers where there is a seed.

    Parameters
    ----------
    name : {"numpy", "cython"}
    dt : float
        Seconds of the default clock.
    seed : int or None
    progress : callable or None
    """

    program = None
    table = Table

    def __init__(self, name: str, dt: float, seed: int | None, progress: Callable[[float], None] | None) -> None:
        self.name, self.seed, self.progress = name, seed, progress
        self._stored = False
        brian2.prefs["codegen.target"] = name
        internals.activate_fresh_device("runtime")
        brian2.defaultclock.dt = dt * brian2.second
        if seed is not None:
            brian2.seed(seed)

    def declare(self, name: str, group: Any, variable: str, value: Any) -> Input:
        """Return an input, which is set, so that it can be read before the run."""
        item = Input(group, variable, internals.array_like(group, variable, value))
        set_values(item)
        return item

    def read(self, name: str, result: tuple[Any, str]) -> np.ndarray:
        """Return a result of the last run."""
        return records.plain_values(*result)

    def queue(self, run: QueuedRun, k: int) -> None:
        """Do nothing: a run is prepared when it starts."""

    def move(self, folder: Path) -> None:
        """Do nothing: what runs in this process needs no folder."""

    def reseed(self, seed: int) -> None:
        """Draw from another seed at the next executions."""
        self.seed = seed

    def execute(self, start: Start) -> dict[str, Any]:
        """Run everything and return the seconds that it took."""
        for network in {id(run.network): run.network for run in start.runs}.values():
            if self._stored:
                network.restore("brian2chip")
            else:
                network.store("brian2chip")
        self._stored = True
        for item in start.inputs.values():
            set_values(item)
        if self.seed is not None:
            brian2.seed(self.seed)
        with _compiler_blamed():
            return {"run": run_all(start.runs, self.progress)}


@contextmanager
def _compiler_blamed() -> Iterator[None]:
    """Say that it was the compiler where Cython's extension could not be compiled."""
    try:
        yield
    except Exception as error:
        cause: BaseException | None = error
        while cause is not None:
            if type(cause).__name__ in ("CompileError", "LinkError", "DistutilsExecError", "ExecError"):
                words = os.environ.get("CXX") or "of Cython's extensions"
                raise UserError(f"the C++ compiler ({words}) failed: {cause}; try another one in CXX, or use device 'numpy'.") from error
            cause = cause.__cause__ or cause.__context__
        raise
