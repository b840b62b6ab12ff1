"""Everything of Brian2 that Brian2 does not promise, in one place.

Public, and used anywhere, is what ``from brian2 import *`` gives with what Brian2's user and advanced guides say of it (preferences by
name, ``Network.store``, ``device.build``, ``device.insert_code``, ``thresholder``, ``synapses.pre.order``, ``add_implementation``,
C++ as ``report``), and the package ``brian2.units``. All else is private and is used here alone: names from deeper modules, attributes
that no guide mentions, names of loggers. (What is relied on in the text of generated code stands in ``engine/generated_source.py``.)
Each function is one trick and says what it relies on; ``tests/core/test_brian2_internals.py`` holds a contract test for each. The file
stands in ``core`` because ``analysis``, which knows nothing of the engine, reads equations with Brian2's parser.
"""

from __future__ import annotations

import logging
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import brian2
import numpy as np
from brian2.core.tracking import Trackable
from brian2.core.variables import DynamicArrayVariable
from brian2.equations.equations import BOOLEAN, DIFFERENTIAL_EQUATION, FLOAT, PARAMETER, SUBEXPRESSION, EquationError, SingleEquation
from brian2.parsing.rendering import NumpyNodeRenderer
from brian2.parsing.statements import parse_statement
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str
from brian2.stateupdaters.base import StateUpdateMethod, UnsupportedEquationsException

from brian2chip.core.brian2_version import TESTED, check_version

__all__ = ["TESTED", "BOOLEAN", "DIFFERENTIAL_EQUATION", "FLOAT", "PARAMETER", "SUBEXPRESSION", "EquationError", "SingleEquation"]
__all__ += ["NumpyNodeRenderer", "UnsupportedEquationsException", "parse_statement", "str_to_sympy", "sympy_to_str"]

# brian2.devices.device, the attribute, is a proxy of the active device; the module is wanted here.
_devices = import_module("brian2.devices.device")
_cpp_prefs = import_module("brian2.codegen.cpp_prefs")

#: C++ that ends a run of one clock with the present step; relies on ``Clock::set_interval`` and the default clock's name in generated code.
STOP_AFTER_STEP = "Clock& clock = brian::defaultclock; clock.set_interval(clock.t[0], clock.t[0]);"

check_version(brian2.__version__)


@contextmanager
def kept_state() -> Iterator[Callable[[], None]]:
    """Give devices, preferences and names of objects back on leaving, which the yielded function does; inside, names start afresh.

    Relies on ``active_device`` and ``previous_devices`` of the module of devices, on the dictionary behind ``prefs``, on the sets
    in which ``Trackable`` keeps all objects, from which Brian2 takes the numbers in their names, and on ``Network._globally_running``.
    """
    device, stack, preferences = _devices.active_device, list(_devices.previous_devices), dict(brian2.prefs.prefs)
    running = vars(brian2.Network).get("_globally_running")  # not in Brian2 2.5
    follower = type(Trackable.__instancefollower__)
    instances = follower.instance_sets

    def give_back() -> None:
        follower.instance_sets = instances
        _devices.active_device = device
        _devices.previous_devices[:] = stack
        brian2.prefs.prefs.clear()
        brian2.prefs.prefs.update(preferences)
        if running is not None:
            brian2.Network._globally_running = running

    follower.instance_sets = defaultdict(type(instances[Trackable]))
    try:
        yield give_back
    finally:
        give_back()


def silence_abandoned_objects() -> None:
    """Keep Brian2 from warning of each object that an error left in no network; relies on ``_network`` and on ``Trackable``'s sets."""
    for reference in Trackable.__instancefollower__.instance_sets[brian2.BrianObject]:
        if reference() is not None and reference()._network is None:
            reference()._network = "abandoned"


def activate_fresh_device(name: str, **options: Any) -> Any:
    """Return a new device of a kind that Brian2 registered, made the active one; relies on its class taking no arguments."""
    brian2.set_device(type(brian2.all_devices[name])(), **options)
    return brian2.get_device()


@contextmanager
def order_is_meant() -> Iterator[None]:
    """Keep Brian2 from warning that a result depends on the order of execution; relies on the names of the loggers that say so."""
    loggers = [logging.getLogger(f"brian2.{name}") for name in ("codegen.generators", "monitors.statemonitor")]
    levels = [each.level for each in loggers]
    for each in loggers:
        each.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for each, level in zip(loggers, levels):
            each.setLevel(level)


def cython_keeps_powers_real() -> bool:
    """Return whether a power of floats stays a float with Cython 3; relies on the header of Brian2's Cython template saying ``cpow``."""
    return "cpow" in Path(brian2.__file__).with_name("codegen").joinpath("runtime/cython_rt/templates/common_group.pyx").read_text()


def log_files() -> tuple[list[Path], bool]:
    """Return Brian2's temporary log and copy of the script, and whether it will keep them; relies on attributes of ``BrianLogger``."""
    logger = brian2.BrianLogger
    return [Path(name) for name in (logger.tmp_log, logger.tmp_script) if name is not None], bool(logger.exception_occured)


def array_like(group: Any, variable: str, value: Any) -> np.ndarray:
    """Return values in the type of a group's variable; relies on ``group.variables`` and ``dtype``."""
    return np.asarray(value, dtype=group.variables[variable].dtype)


def full_array(group: Any, variable: str, array: np.ndarray) -> np.ndarray:
    """Return an array for the whole of a variable: a number fills it; relies on ``group.variables`` and ``size``.

    The array of a synapse's variable keeps its size, which may depend on other inputs of the program.
    """
    var = group.variables[variable]
    if isinstance(var, DynamicArrayVariable):
        return np.ascontiguousarray(array if array.ndim else np.full(len(group), array), dtype=var.dtype)
    return np.ascontiguousarray(np.broadcast_to(array, (var.size,)), dtype=var.dtype)


def live_array(group: Any, variable: str) -> np.ndarray | None:
    """Return the array of a variable itself, None on ``cpp_standalone``; relies on the ``arrays`` of the active device."""
    array = brian2.get_device().arrays.get(group.variables[variable])
    return array if isinstance(array, np.ndarray) else None


def variable_names(group: Any) -> set[str]:
    """Return the names of all variables of a group; relies on ``variables``."""
    return set(group.variables)


def add_link(group: Any, name: str, source: Any, variable: str, index: str) -> None:
    """Make a variable of another group one of this, at an index variable of this; relies on ``variables.add_reference``.

    Brian2's ``linked_var`` serves neurons alone and, before 2.6, indices that do not change.
    """
    group.variables.add_reference(name, source, variable, index=index)


def schedule_sum(synapses: Any, variable: str, when: str, order: int) -> None:
    """Set when a summed variable (by its name in the equations, ``x_post``) is computed; relies on ``summed_updaters``."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = when, order


class _Code(str):
    """C++ that stands in the generated source where Brian2 would write a number."""

    def __repr__(self) -> str:
        return str(self)


def cpp_array(group: Any, variable: str) -> tuple[str, str]:
    """Return pointer and size of a variable as C++; relies on ``get_array_name`` and on synapses' variables being vectors."""
    var = group.variables[variable]
    name = f"brian::{brian2.get_device().get_array_name(var, access_data=False)}"
    return (f"{name}.data()", f"{name}.size()") if isinstance(var, DynamicArrayVariable) else (name, str(var.size))


def forget_value(group: Any, variable: str) -> None:
    """Make Brian2 forget the value that it wrote itself, as the program will read another; relies on ``array_cache``."""
    brian2.get_device().array_cache[group.variables[variable]] = None


def seed_program(expression: str) -> None:
    """Let the program evaluate a C++ expression for its seed; relies on ``main_queue`` and on how "seed" in it becomes code."""
    brian2.get_device().main_queue.append(("seed", _Code(f"(long){expression} + 0")))


def set_program_step(expression: str) -> None:
    """Let the program evaluate a C++ expression for the step of the default clock; relies on ``main_queue`` and the clock's array."""
    queue = brian2.get_device().main_queue
    for k, (kind, arguments) in enumerate(queue):
        if kind == "set_by_single_value" and arguments[0].endswith("_defaultclock_dt"):
            queue[k] = ("insert_code", f"{arguments[0]}[0] = {expression};")


def set_run_duration(expression: str) -> None:
    """Let the program evaluate a C++ expression for the duration of the last run; relies on "run_network" in ``main_queue``."""
    _, lines = next(arguments for kind, arguments in reversed(brian2.get_device().main_queue) if kind == "run_network")
    for n, line in enumerate(lines):
        head, run, tail = line.partition(".run(")
        if run:
            lines[n] = f"{head}{run}{expression},{tail.partition(',')[2]}"


@contextmanager
def flags_tried_in(folder: Path) -> Iterator[None]:
    """Let Brian2 try the compiler's flags in a folder of ours, not the system's temporary one; relies on a function of ``cpp_prefs``."""
    original = vars(_cpp_prefs).get("_determine_flag_compatibility")

    def compatible(compiler: Any, flag: str) -> bool:
        with tempfile.TemporaryDirectory(dir=folder) as name:
            source = Path(name) / "flag.cpp"
            source.write_text("int main() { return 0; }")
            command = [*compiler.executables["compiler_cxx"], flag, "-c", str(source), "-o", str(source.with_suffix(".o"))]
            return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True).returncode == 0

    _cpp_prefs._determine_flag_compatibility = compatible
    try:
        yield
    finally:
        _cpp_prefs._determine_flag_compatibility = original


def move_program(folder: Path) -> None:
    """Make Brian2 read results of its program below another folder; relies on ``project_dir`` and ``results_dir``, not in Brian2 2.5."""
    device = brian2.get_device()
    device.project_dir = str(folder)
    if getattr(device, "results_dir", None) is not None:
        device.results_dir = f"{folder / 'results'}/"


def results_argument(folder: str) -> list[str]:
    """Return the arguments with which a program writes into a folder; relies on ``results_dir``, which Brian2 2.5 has not."""
    return ["--results_dir", folder] if getattr(brian2.get_device(), "results_dir", None) is not None else []


def results_are_new() -> None:
    """Make Brian2 read results anew after the program ran; relies on ``array_cache``, ``arrays`` and ``has_been_run``."""
    device = brian2.get_device()
    for var in list(device.array_cache):
        if not getattr(var, "constant", False):
            device.array_cache[var] = None
    for var in device.arrays:
        if getattr(var, "ndim", 1) == 2:
            var.size = (0, var.size[1])  # Brian2 takes it from the file anew
    device.has_been_run = True


def state_update(method: str, equations: brian2.Equations) -> str:
    """Return the code of one step of integration; relies on the registry of ``StateUpdateMethod``.

    Raises
    ------
    UnsupportedEquationsException
        When the method does not apply.
    """
    return StateUpdateMethod.stateupdaters[method](equations, {})
