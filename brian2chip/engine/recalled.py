"""A program that the cache knows by what it was built from: started and read without Brian2."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core import kept_files
from brian2chip.core.disk import REMEDY, explained_disk
from brian2chip.engine import compiled_program, program_cache
from brian2chip.engine.queued_run import Input, QueuedRun, Rows, Start
from brian2chip.engine.recipe import Recipe


class Recorded:
    """What stands for one of Brian2's objects: its declared variables are arrays, of a monitor of states [neurons, records]."""

    def __init__(self, read: Callable[[str], np.ndarray], key: str) -> None:
        self._read, self._key = read, key

    def __getattr__(self, name: str) -> np.ndarray:
        try:
            values = self._read(f"{self._key}.{name.removesuffix('_')}")
        except KeyError:
            raise AttributeError(f"{name} of {self._key} was not declared as a result") from None
        return values.T if values.ndim == 2 else values


class Recalled:
    """Inputs, time step, seed and durations are written, the program is started, results are read from its files.

    Parameters
    ----------
    folder : Path
        Where the program runs.
    recipe : Recipe
    program : Path
        In the cache, verified.
    dt : float
        Seconds of the default clock.
    seed : int or None
    progress : callable or None
    threads : int
        Of OpenMP.
    """

    name = "cpp_standalone"

    def __init__(
        self, folder: Path, recipe: Recipe, program: Path, dt: float, seed: int | None, progress: Callable | None, threads: int
    ) -> None:
        self.folder, self.recipe, self.program, self.progress, self.threads = folder, recipe, program, progress, threads
        self._verified = kept_files.state(program)
        with explained_disk(folder, REMEDY):
            shutil.copyfile(program, folder / "main")  # should the cache be cleared meanwhile
            for part in ("inputs", "static_arrays"):
                (folder / part).mkdir(exist_ok=True)
            for name, data in recipe.held.items():
                (folder / name).write_bytes(data)
        compiled_program.write_input(folder, "dt", float(dt))
        if seed is not None:
            compiled_program.write_input(folder, "seed", float(seed))
        compiled_program.want(folder, [place.file for place in recipe.results.values()])

    def inputs(self) -> dict[str, Input]:
        """Return the inputs that may be given; their arrays are empty until they are."""
        return {name: Input(slot, "", np.empty(0, slot.dtype)) for name, slot in self.recipe.inputs.items()}

    def tables(self) -> dict[str, Rows]:
        """Return the tables, which are empty until they are given."""
        return {name: Rows(name, np.zeros((0, 0), dtype)) for name, dtype in self.recipe.tables.items()}

    def runs(self) -> list[QueuedRun]:
        """Return the runs."""
        return [QueuedRun(None, seconds, {}) for seconds in self.recipe.durations]

    def objects(self) -> dict[str, Recorded]:
        """Return what stands for the objects whose variables are results."""
        return {key: Recorded(self.read, key) for key in dict.fromkeys(name.partition(".")[0] for name in self.recipe.results)}

    def move(self, folder: Path) -> None:
        """Go on in another folder with a copy of this one."""
        shutil.copytree(self.folder, folder, dirs_exist_ok=True)
        self.folder = folder

    def reseed(self, seed: int) -> None:
        """Draw from another seed at the next executions."""
        compiled_program.write_input(self.folder, "seed", float(seed))

    def execute(self, this: Start) -> dict[str, Any]:
        """Run the program and return the seconds that each part took."""
        self.recipe.check_given(this.given)
        with explained_disk(self.folder, REMEDY):
            for name in this.given & this.inputs.keys():
                item = this.inputs[name]
                compiled_program.write_input(self.folder, name, item.group.full(item.array))
            for table in this.tables.values():
                table.write(self.folder / "inputs")
            for k, run in enumerate(this.runs):
                compiled_program.write_input(self.folder, f"duration_{k}", run.seconds)
            if self._verified != kept_files.state(self.program):
                self.program = program_cache.put_back(self.folder / "main", self.recipe.program)
                self._verified = kept_files.state(self.program)
            start = time.perf_counter()
            results = str(self.folder / "results") + os.sep
            arguments = [results if word == "{results}" else word for word in self.recipe.arguments]
            compiled_program.start(self.program, self.folder, arguments, self.threads, self.progress)
        return {"codegen": 0.0, "cached": True, "compile": 0.0, "run": time.perf_counter() - start}

    def read(self, name: str, result: None = None) -> np.ndarray:
        """Return a result of the last run."""
        return self.recipe.results[name].read(self.folder)
