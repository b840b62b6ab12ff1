"""A session's standalone device: a network becomes one compiled program that reads its numbers from files when it starts."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import brian2
import numpy as np

from brian2chip.core import brian2_internals as internals
from brian2chip.core import kept_files
from brian2chip.core.brian2_records import plain_values, result_place
from brian2chip.core.disk import REMEDY, explained_disk
from brian2chip.engine import compiled_program, known_program, program_cache
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.engine.queued_run import Input, QueuedRun, Start
from brian2chip.engine.targets import Target


class Standalone:
    """Inputs, time step, seed and durations lie in ``inputs/`` beside the program, so that one compiled program serves any values.

    Parameters
    ----------
    target : Target
        What code is generated and how it is compiled.
    folder : Path
        Where code is generated.
    dt : float
        Seconds of the default clock.
    seed : int or None
    progress : callable or None
    threads : int
        Of OpenMP; 0 compiles without.
    compile_args : sequence of str
    identity : str or None
        Under which the program is known afterwards.
    """

    def __init__(
        self,
        target: Target,
        folder: Path,
        dt: float,
        seed: int | None,
        progress: Callable | None,
        threads: int,
        compile_args: Sequence[str],
        identity: str | None,
    ) -> None:
        self.target, self.name = target, target.name
        self.folder, self.progress, self.threads, self.identity = folder, progress, threads, identity
        self.program: Path | None = None
        self._verified: tuple[int, ...] = ()
        prefs = brian2.prefs
        target.set_flags(threads, compile_args)
        self.device = internals.activate_fresh_device(target.brian2_name, build_on_run=False)
        prefs["codegen.cpp.headers"] = [*prefs["codegen.cpp.headers"], *target.headers]
        prefs["codegen.cpp.include_dirs"] = [*prefs["codegen.cpp.include_dirs"], "."]
        compiled_program.write_loader(folder)
        target.begin(folder)
        self._write = partial(compiled_program.write_input, folder)
        brian2.defaultclock.dt = dt * brian2.second
        internals.set_program_step('b2c_number("dt")')
        self._write("dt", float(dt))
        if seed is not None:
            internals.seed_program('b2c_number("seed")')
            self._write("seed", float(seed))

    def table(self, name: str, values: Any) -> Table:
        """Return a table, whose rows the program loads."""
        table = Table(name, values)
        self.target.add_table(self.folder, table)
        return table

    def declare(self, name: str, group: Any, variable: str, value: Any) -> Input:
        """Return an input, which the program loads when it comes to this place."""
        item = Input(group, variable, internals.array_like(group, variable, value))
        internals.forget_value(item.group, item.variable)
        self.device.insert_code("main", self.target.load(name, item.group, item.variable))
        return item

    def queue(self, run: QueuedRun, k: int) -> None:
        """Generate the code of the k-th run."""
        report = {} if self.progress is None else {"report": compiled_program.REPORT, "report_period": 0.5 * brian2.second}
        with self.target.explained():
            run.network.run(run.seconds * brian2.second, namespace=run.namespace, **report)
        internals.set_run_duration(f'b2c_number("duration_{k}")')

    def execute(self, start: Start) -> dict[str, Any]:
        """Run the program, built at the first call, and return the seconds that each part took."""
        with explained_disk(self.folder, REMEDY):
            timings = self._execute(start)
        if self.identity is not None:
            known_program.keep(self.identity, self.folder, self.program.name, start)
            self.identity = None
        return timings

    def reseed(self, seed: int) -> None:
        """Draw from another seed at the next executions."""
        self._write("seed", float(seed))

    def read(self, name: str, result: tuple[Any, str]) -> np.ndarray:
        """Return a result of the last run."""
        return plain_values(*result)

    def move(self, folder: Path) -> None:
        """Go on in another folder with a copy of this one: a process that was forked shares none with its parent."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("results"))
        with suppress(OSError):  # shutil.Error is one too: the parent may be writing new ones
            shutil.copytree(self.folder / "results", folder / "results")
        self.folder, self._write = folder, partial(compiled_program.write_input, folder)
        internals.move_program(folder)

    def _execute(self, this: Start) -> dict[str, Any]:
        timings = self._build() if self.program is None else {}
        compiled_program.want(self.folder, [result_place(*result)[0] for result in this.results.values()])
        for name, item in this.inputs.items():
            self._write(name, internals.full_array(item.group, item.variable, item.array))
        for table in this.tables.values():
            table.write(self.folder / "inputs")
        for k, run in enumerate(this.runs):
            self._write(f"duration_{k}", run.seconds)
        if self._verified != kept_files.state(self.program):  # the cache was cleared or touched since
            self._find()
        start = time.perf_counter()
        arguments = internals.results_argument(str(self.folder / "results") + os.sep)
        compiled_program.start(self.program, self.folder, arguments, self.threads, self.progress)
        timings["run"] = time.perf_counter() - start
        internals.results_are_new()
        return timings

    def _build(self) -> dict[str, Any]:
        start = time.perf_counter()
        with internals.flags_tried_in(self.folder), self.target.explained():
            sources = list(self.target.sources)
            self.device.build(directory=str(self.folder), compile=False, run=False, with_output=False, additional_source_files=sources)
        self.target.change(self.folder)
        generated = time.perf_counter()
        cached = self._find()
        return {"codegen": generated - start, "cached": cached, "compile": time.perf_counter() - generated}

    def _find(self) -> bool:
        """Take the program from the cache, where it is verified, or compile it; return whether it was there."""
        make_args = brian2.prefs["devices.cpp_standalone.extra_make_args_unix"]
        self.program, cached = program_cache.find_or_compile(self.folder, make_args, self.target.compiler)
        self._verified = kept_files.state(self.program)
        return cached
