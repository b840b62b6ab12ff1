"""The one owner of Brian2's global state: device, float type, build directory, seed, progress.

Everything that runs Brian2 does it inside :func:`session`. Inside, Brian2 is used as always; on leaving, after success or an
exception, the device, preferences, clock, names and random state are what they were. On ``cpp_standalone`` the compiled
program is kept in a cache keyed by its generated source, and what was declared with :meth:`Session.input` and the duration
of a run are read from files when the program starts, so that one compiled program serves any values.
"""

from __future__ import annotations

import importlib
import io
import logging
import os
import shutil
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2.core.preferences import prefs
from brian2.core.tracking import Trackable
from brian2.core.variables import DynamicArrayVariable
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

from brian2chip import programs
from brian2chip.errors import UserError, unknown
from brian2chip.programs import compiler
from brian2chip.tables import Table

# brian2.devices.device, the attribute, is a proxy of the active device; the module is wanted here.
device_module = importlib.import_module("brian2.devices.device")
logger = logging.getLogger(__name__)

DEVICES = ("auto", "numpy", "cython", "cpp_standalone", "genn")
#: Seconds of one numpy step of one Brian2 object; above ``PATIENCE`` seconds of such work a compiler is worth waiting for.
NUMPY_STEP = 8e-6
PATIENCE = 2.0

_warned: set[str] = set()


def _once(message: str) -> None:
    if message not in _warned:
        _warned.add(message)
        logger.warning(message)


def _check_cython() -> None:
    """Raise where Brian2 would go on with wrong numbers: without ``cpow`` Cython 3 makes a power complex, and that code is left out."""
    import Cython

    header = Path(brian2.__file__).parent / "codegen/runtime/cython_rt/templates/common_group.pyx"
    if int(Cython.__version__.split(".")[0]) >= 3 and "cpow" not in header.read_text():
        raise UserError(
            f"Brian2 {brian2.__version__} gives wrong results with Cython {Cython.__version__}; run pip install 'cython<3', "
            "or use device 'cpp_standalone'."
        )


def choose_device(device: str = "auto", work: float | None = None) -> str:
    """Return the device that will run.

    Parameters
    ----------
    device : {"auto", "numpy", "cython", "cpp_standalone", "genn"}
    work : float, optional
        Steps times objects of the network. ``auto`` takes numpy where that is sooner done than a compilation.

    Raises
    ------
    UserError
        For an unknown device or, on ``genn``, when brian2genn or ``GENN_PATH`` is missing.
    """
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device == "genn":
        from brian2chip import genn

        genn.check_installed()
    if device == "cython":
        _check_cython()
    if device in ("cython", "cpp_standalone") and compiler() is None:
        _once(f"no C++ compiler (g++ or $CXX) was found, so {device} cannot be used; falling back to numpy.")
        return "numpy"
    if device != "auto":
        return device
    if work is not None and work * NUMPY_STEP < PATIENCE:
        return "numpy"
    if compiler() is None:
        _once("no C++ compiler (g++ or $CXX) was found; long work runs on numpy, which is slower.")
        return "numpy"
    return "cpp_standalone"


class Session:
    """What :func:`session` yields: declares inputs, runs, reruns.

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
            report = {} if self.progress is None else {"report": programs.REPORT, "report_period": 0.5 * brian2.second}
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
        self._program, self.timings["cached"] = programs.find_or_compile(self.directory, make_args)
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
        programs.start(self._program, self.directory, getattr(active, "results_dir", None) is not None, self.threads, self.progress)
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

def _dt_from_file(device: CPPStandaloneDevice, dt: float, folder: Path) -> None:
    """Let the program read the step of the default clock when it starts, so that protocols with other grids share it."""
    for k, (kind, arguments) in enumerate(device.main_queue):
        if kind == "set_by_single_value" and arguments[0].endswith("_defaultclock_dt"):
            device.main_queue[k] = ("insert_code", f'{arguments[0]}[0] = b2c_number("dt");')
    (folder / "inputs").mkdir(exist_ok=True)
    np.asarray([dt]).tofile(folder / "inputs" / "dt")


_active = threading.local()


class _Code(str):
    """C++ that stands in the generated source where Brian2 would write a number."""

    def __repr__(self) -> str:
        return str(self)


def _seed(device: str, seed: int, folder: Path) -> None:
    """Seed Brian2's generator; a compiled program reads the seed when it starts, so that one program serves any."""
    if device == "cpp_standalone":
        device_module.get_device().main_queue.append(("seed", _Code('(long)b2c_number("seed") + 0')))
        (folder / "inputs").mkdir(exist_ok=True)
        np.asarray([seed], float).tofile(folder / "inputs" / "seed")
    elif device != "genn":  # brian2genn has no seed; stimuli are drawn in NumPy
        brian2.seed(seed)


@contextmanager
def session(
    device: str = "auto",
    *,
    work: float | None = None,
    dtype: Any = np.float64,
    dt: float = 1e-4,
    seed: int | None = None,
    directory: str | os.PathLike | None = None,
    progress: Callable[[float], None] | None = None,
    threads: int = 0,
    compile_args: list[str] | None = None,
) -> Iterator[Session]:
    """Own Brian2 for a while and give everything back.

    Parameters
    ----------
    device : {"auto", "numpy", "cython", "cpp_standalone", "genn"}
    work : float, optional
        Steps times objects, for ``auto``.
    dtype : numpy float type
    dt : float
        Seconds of the default clock.
    seed : int, optional
        Of Brian2's own generator; stimuli are drawn in NumPy by whoever makes them.
    directory : path, optional
        Where generated code is kept for reading; a temporary folder by default, removed at the end.
    progress : callable, optional
        Called with the fraction done.
    threads : int
        OpenMP threads of ``cpp_standalone``; 0, the default, compiles without OpenMP.
    compile_args : list of str, optional
        Extra compiler flags, e.g. ``["-fno-fast-math"]``.

    Yields
    ------
    Session
    """
    if getattr(_active, "busy", False):
        raise RuntimeError("a brian2chip session is already open in this thread; sessions do not nest.")
    chosen = choose_device(device, work)
    saved_device = device_module.active_device
    saved_stack = list(device_module.previous_devices)
    saved_prefs = dict(prefs.prefs)
    saved_instances = Trackable.__instancefollower__.instance_sets
    saved_random = np.random.get_state()  # noqa: NPY002  (Brian2 uses the global generator)
    own = directory is None
    folder = Path(tempfile.mkdtemp(prefix="brian2chip_") if own else directory).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    _active.busy = True
    try:
        # Object names come into the generated source: fresh ones make it the same each time, so the cache finds it.
        Trackable.__instancefollower__.__class__.instance_sets = defaultdict(type(saved_instances[Trackable]))
        prefs["core.default_float_dtype"] = dtype
        if chosen == "cpp_standalone":
            fresh: Any = CPPStandaloneDevice()
            prefs["devices.cpp_standalone.openmp_threads"] = threads
            if compile_args:
                prefs["codegen.cpp.extra_compile_args_gcc"] = list(prefs["codegen.cpp.extra_compile_args_gcc"]) + list(compile_args)
            device_module.set_device(fresh, build_on_run=False)
            prefs["codegen.cpp.headers"] = list(prefs["codegen.cpp.headers"]) + ['"b2c_loader.h"']
            prefs["codegen.cpp.include_dirs"] = list(prefs["codegen.cpp.include_dirs"]) + ["."]
            (folder / "b2c_loader.h").write_text(programs.LOADER)
        elif chosen == "genn":
            from brian2chip import genn

            genn.activate(folder)
        else:
            prefs["codegen.target"] = chosen
            device_module.set_device(device_module.RuntimeDevice())
        brian2.defaultclock.dt = dt * brian2.second
        if chosen == "cpp_standalone":
            _dt_from_file(fresh, dt, folder)
        if seed is not None:
            _seed(chosen, seed, folder)
        yield Session(chosen, folder, progress, threads)
    except BaseException:
        for reference in Trackable.__instancefollower__.instance_sets[brian2.BrianObject]:
            if reference() is not None and reference()._network is None:
                reference()._network = "abandoned"  # or Brian2 warns, for each, that it was in no network
        raise
    finally:
        _active.busy = False
        Trackable.__instancefollower__.__class__.instance_sets = saved_instances
        device_module.active_device = saved_device
        device_module.previous_devices[:] = saved_stack
        prefs.prefs.clear()
        prefs.prefs.update(saved_prefs)
        np.random.set_state(saved_random)  # noqa: NPY002
        if own:
            shutil.rmtree(folder, ignore_errors=True)
