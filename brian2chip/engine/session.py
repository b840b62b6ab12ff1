"""The one owner of Brian2's global state: device, float type, build directory, seed, progress.

Everything that runs Brian2 does it inside :func:`session`. Inside, Brian2 is used as always; on leaving, after success or an
exception, the device, preferences, clock, names and random state are what they were. On ``cpp_standalone`` the compiled
program is kept in a cache keyed by its generated source, and what was declared with :meth:`brian2chip.engine.open_session.Session.input`
and the duration of a run are read from files when the program starts, so that one compiled program serves any values.
"""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2.core.preferences import prefs
from brian2.core.tracking import Trackable
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

from brian2chip.engine import program_cache
from brian2chip.engine.devices import choose_device
from brian2chip.engine.open_session import Session

# brian2.devices.device, the attribute, is a proxy of the active device; the module is wanted here.
device_module = importlib.import_module("brian2.devices.device")


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
            (folder / "b2c_loader.h").write_text(program_cache.LOADER)
        elif chosen == "genn":
            from brian2chip.engine import genn

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
