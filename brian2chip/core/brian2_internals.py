"""Everything of Brian2 that Brian2 does not promise, in one place.

Public, and used anywhere, is what ``from brian2 import *`` gives with what Brian2's user and advanced guides say of it (preferences by
name, ``Network.store``, ``device.build``, ``device.insert_code``, ``thresholder``, ``synapses.pre.order``, ``add_implementation``,
C++ as ``report``), and the package ``brian2.units``. All else is private and is used here alone: names from deeper modules, attributes
that no guide mentions, names of loggers. (What is relied on in the text of generated code stands in ``engine/generated_source.py``.)
Each function is one trick and says what it relies on; ``tests/core/test_brian2_internals.py`` holds a contract test for each. The file
stands in ``core`` because ``analysis``, which knows nothing of the engine, reads equations with Brian2's parser.

Brian2's own ``run_args`` (from 2.6 on) sets variables of a compiled program but neither its time step, durations and seed nor an array of
another length, and runs the program only where it was built, so the engine's input files stay.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Iterator
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

from brian2chip.errors import UserError

__all__ = ["BOOLEAN", "DIFFERENTIAL_EQUATION", "FLOAT", "PARAMETER", "SUBEXPRESSION", "EquationError", "SingleEquation"]
__all__ += ["NumpyNodeRenderer", "UnsupportedEquationsException", "parse_statement", "str_to_sympy", "sympy_to_str"]

logger = logging.getLogger(__name__)

OLDEST = (2, 5, 4)
#: Series that ``make versions`` runs the tests on.
TESTED = ("2.5", "2.8", "2.9", "2.10", "2.11")

# brian2.devices.device, the attribute, is a proxy of the active device; the module is wanted here.
_devices = import_module("brian2.devices.device")

#: C++ that ends a run of one clock with the present step; relies on ``Clock::set_interval`` and the default clock's name in generated code.
STOP_AFTER_STEP = "Clock& clock = brian::defaultclock; clock.set_interval(clock.t[0], clock.t[0]);"


def check_version(version: str) -> None:
    """Raise ``UserError`` for a Brian2 that is known not to work, and warn of one that was not tested."""
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:3])
    if numbers < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UserError(f"Brian2 {version} is too old; brian2chip needs Brian2 {oldest} or later: pip install --upgrade brian2.")
    if ".".join(map(str, numbers[:2])) not in TESTED:
        logger.warning(
            "brian2chip was not tested with Brian2 %s, only with %s; compare a result with one of those.", version, ", ".join(TESTED)
        )


check_version(brian2.__version__)


# --- the global state ---


@contextmanager
def kept_state() -> Iterator[None]:
    """Give devices, preferences and names of objects back on leaving; inside, names start afresh.

    Relies on ``active_device`` and ``previous_devices`` of the module of devices, on the dictionary behind ``prefs``, and on the sets
    in which ``Trackable`` keeps all objects, from which Brian2 takes the numbers in their names.
    """
    device, stack, preferences = _devices.active_device, list(_devices.previous_devices), dict(brian2.prefs.prefs)
    follower = type(Trackable.__instancefollower__)
    instances = follower.instance_sets
    follower.instance_sets = defaultdict(type(instances[Trackable]))
    try:
        yield
    finally:
        follower.instance_sets = instances
        _devices.active_device = device
        _devices.previous_devices[:] = stack
        brian2.prefs.prefs.clear()
        brian2.prefs.prefs.update(preferences)


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
    loggers = [logging.getLogger(f"brian2.{name}") for name in ("codegen.generators.base", "monitors.statemonitor")]
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


# --- variables of groups ---


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


def add_link(group: Any, name: str, source: Any, variable: str, index: str) -> None:
    """Make a variable of another group one of this, at an index variable of this; relies on ``variables.add_reference``.

    Brian2's ``linked_var`` serves neurons alone and, before 2.6, indices that do not change.
    """
    group.variables.add_reference(name, source, variable, index=index)


def schedule_sum(synapses: Any, variable: str, when: str, order: int) -> None:
    """Set when a summed variable (by its name in the equations, ``x_post``) is computed; relies on ``summed_updaters``."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = when, order


# --- the compiled program ---


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


# --- equations ---


def state_update(method: str, equations: brian2.Equations) -> str:
    """Return the code of one step of integration; relies on the registry of ``StateUpdateMethod``.

    Raises
    ------
    UnsupportedEquationsException
        When the method does not apply.
    """
    return StateUpdateMethod.stateupdaters[method](equations, {})
