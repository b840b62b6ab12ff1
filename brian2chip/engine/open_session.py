"""What an open session does: declare inputs, queue runs, build, and run again with other values."""

from __future__ import annotations

import importlib
import io
import time
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2.core.preferences import prefs
from brian2.core.variables import DynamicArrayVariable

from brian2chip.engine import program_cache
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.errors import UserError, unknown

# brian2.devices.device, the attribute, is a proxy of the active device; the module is wanted here.
device_module = importlib.import_module("brian2.devices.device")


class Session:
    """What :func:`brian2chip.engine.session.session` yields: declares inputs, runs, reruns.

    Attributes
    ----------
    device : str
        The device that was chosen.
    timings : dict
        Seconds spent in ``codegen``, ``compile`` and ``run`` (standalone) or ``run``; ``cached`` says whether the program was.
    """

    def __init__(self, device: str, directory: Path, progress: Any, threads: int):
        self.device = device
        self.directory = directory
        self.progress = progress
        self.threads = threads
        self.timings: dict[str, Any] = {}
        self._inputs: dict[str, tuple[Any, str, np.ndarray]] = {}
        self._tables: dict[str, Table] = {}
        self._runs: list[tuple[Any, float, dict]] = []
        self._built = False

    def input(self, name: str, group: Any, variable: str, value: Any) -> None:
        """Set a variable to plain SI values that :meth:`rerun` may change without recompiling.

        Parameters
        ----------
        name : str
            The key for :meth:`rerun`.
        group : Brian2 group or Synapses (already connected)
        variable : str
            A variable of the group; its whole array is set.
        value : number or array
            SI value without units; a number fills the array.
        """
        var = group.variables[variable]
        array = np.asarray(value, dtype=var.dtype)
        self._inputs[name] = (group, variable, array)
        if self.device != "cpp_standalone":
            if self.device != "genn":  # there it is set when the run starts
                self._set_runtime(group, variable, array)
            return
        active = device_module.get_device()
        array_name = active.get_array_name(var, access_data=False)
        active.array_cache[var] = None
        if isinstance(var, DynamicArrayVariable):
            call = f'b2c_load("{name}", brian::{array_name}.data(), brian::{array_name}.size());'
        else:
            call = f'b2c_load("{name}", brian::{array_name}, {var.size});'
        active.insert_code("main", call)

    def table(self, name: str, values: Any) -> brian2.Function:
        """Return a Brian2 function ``name(row, column)`` that reads a table whose length :meth:`execute` may change without recompiling.

        Parameters
        ----------
        name : str
        values : integer array [rows, columns]
            What lies outside reads as zero.
        """
        self._tables[name] = Table(name, values)
        return self._tables[name].function

    def _set_runtime(self, group: Any, variable: str, array: np.ndarray) -> None:
        target = group.state(variable, use_units=False) if self.device == "genn" else group.variables[variable].get_value()
        target[:] = array

    def run(self, network: Any, duration: float, namespace: dict | None = None) -> None:
        """Run a network for a duration in seconds; results are then read from Brian2's objects as always.

        On ``cpp_standalone`` this generates the program, takes it from the cache or compiles it, and runs it; for several runs in
        one program :meth:`queue` each and :meth:`execute`.
        """
        self.queue(network, duration, namespace)
        self.execute()

    def queue(self, network: Any, duration: float, namespace: dict | None = None) -> None:
        """Add a run of a network for a duration in seconds to the program; :meth:`execute` starts it."""
        seconds = float(duration)
        if self.device == "cpp_standalone":
            report = {} if self.progress is None else {"report": program_cache.REPORT, "report_period": 0.5 * brian2.second}
            network.run(seconds * brian2.second, namespace={} if namespace is None else namespace, **report)
            self._duration_from_file(len(self._runs))
        self._runs.append((network, seconds, {} if namespace is None else namespace))

    def _duration_from_file(self, k: int) -> None:
        queue = device_module.get_device().main_queue
        _, lines = next(arguments for kind, arguments in reversed(queue) if kind == "run_network")
        for n, line in enumerate(lines):
            head, run, tail = line.partition(".run(")
            if run:
                lines[n] = f'{head}{run}b2c_number("duration_{k}"),{tail.partition(",")[2]}'

    def _report(self) -> dict:
        if self.progress is None:
            return {}
        return {"report": lambda elapsed, fraction, start, duration: self.progress(fraction), "report_period": 1 * brian2.second}

    def execute(self, values: dict[str, Any] | None = None, durations: list[float] | None = None) -> None:
        """Run what was queued, from the start, with the declared inputs; every further call runs it again.

        Parameters
        ----------
        values : mapping of input name to SI values, optional
            Inputs to change; the others keep their last value.
        durations : list of float, optional
            Seconds of each queued run.
        """
        for name, value in (values or {}).items():
            if name in self._tables:
                self._tables[name].set(value)
                continue
            if name not in self._inputs:
                raise unknown("input of this session called", name, [*self._inputs, *self._tables])
            group, variable, old = self._inputs[name]
            self._inputs[name] = (group, variable, np.asarray(value, dtype=old.dtype))
        if durations is not None:
            self._runs = [(net, float(d), names) for (net, _, names), d in zip(self._runs, durations)]
        if self.device == "cpp_standalone":
            if not self._built:
                self._build()
            self._start()
        else:
            self._execute_at_runtime()

    rerun = execute

    def _execute_at_runtime(self) -> None:
        if self.device == "genn" and self._built:
            raise UserError("the genn device cannot run a network a second time; use device 'cpp_standalone' or 'cython'.")
        start = time.perf_counter()
        for network, _, _ in {id(run[0]): run for run in self._runs}.values():
            if self._built:
                network.restore("brian2chip")
            elif self.device != "genn":
                network.store("brian2chip")
        self._built = True
        for group, variable, array in self._inputs.values():
            self._set_runtime(group, variable, array)
        with redirect_stdout(io.StringIO()) if self.device == "genn" else nullcontext():  # brian2genn prints
            for network, seconds, namespace in self._runs:
                network.run(seconds * brian2.second, namespace=namespace, **self._report())
        self.timings["run"] = time.perf_counter() - start

    def _build(self) -> None:
        active = device_module.get_device()
        start = time.perf_counter()
        make_args = prefs["devices.cpp_standalone.extra_make_args_unix"]
        active.build(directory=str(self.directory), compile=False, run=False, with_output=False)
        generated = time.perf_counter()
        self.timings["codegen"] = generated - start
        self._program, self.timings["cached"] = program_cache.find_or_compile(self.directory, make_args)
        self.timings["compile"] = time.perf_counter() - generated
        self._built = True

    def _start(self) -> None:
        active = device_module.get_device()
        inputs = self.directory / "inputs"
        inputs.mkdir(exist_ok=True)
        for name, (group, variable, array) in self._inputs.items():
            self._full(group, variable, array).tofile(inputs / name)
        for table in self._tables.values():
            table.write(inputs)
        for k, (_, seconds, _) in enumerate(self._runs):
            np.asarray([seconds]).tofile(inputs / f"duration_{k}")
        start = time.perf_counter()
        # From Brian2 2.6 on the program takes the folder of its results as an argument.
        program_cache.start(self._program, self.directory, getattr(active, "results_dir", None) is not None, self.threads, self.progress)
        self.timings["run"] = time.perf_counter() - start
        for var in list(active.array_cache):
            if not getattr(var, "constant", False):
                active.array_cache[var] = None
        for var in active.arrays:
            if getattr(var, "ndim", 1) == 2:
                var.size = (0, var.size[1])  # Brian2 takes it from the file anew
        active.has_been_run = True

    def _full(self, group: Any, variable: str, array: np.ndarray) -> np.ndarray:
        """Broadcast a scalar input to the whole variable; a Synapses' size is that of the array or of the arrays it was connected with."""
        var = group.variables[variable]
        if isinstance(var, DynamicArrayVariable) and array.ndim:
            return np.ascontiguousarray(array, dtype=var.dtype)  # the program checks the size: it may depend on other inputs
        size = len(group) if isinstance(var, DynamicArrayVariable) else var.size
        return np.ascontiguousarray(np.broadcast_to(array, (size,)), dtype=var.dtype)
