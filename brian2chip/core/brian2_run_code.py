"""What the compiled program of a network calls in its steps: part of the drawer for Brian2's insides, beside ``brian2_internals``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brian2
from brian2.codegen.generators.cpp_generator import c_data_type
from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.synapses.synapses import Synapses


@dataclass(frozen=True)
class Array:
    """An array of the compiled program.

    Attributes
    ----------
    name : str
        The global array; of a synapse's variable, which is a vector, the name of its data, and ``vector`` is its own.
    vector : str
        Empty for what is no vector.
    size : int
        0 for a vector.
    synapses : str
        The synapses that have one element each in it; empty otherwise.
    type : str
        In C++.
    constant : bool
        Whether it stays as it is while a network runs.
    """

    name: str
    vector: str
    size: int
    synapses: str
    type: str
    constant: bool


@dataclass(frozen=True)
class RunCode:
    """A piece of code that a network calls at the steps of a clock.

    Attributes
    ----------
    name : str
        Of its file and its function; empty for a clock that has no code.
    clock : str
    template : str
        The kind of code, in Brian2's words.
    queue : str
        Of the spikes that this code pushes into it; empty otherwise.
    events : str
        The array of events that it reads or writes, its last element their number; empty otherwise.
    arrays : dict of str to Array
        By the names of its variables.
    functions : frozenset of str
        Functions of integers without a state that it calls, of those that are not Brian2's own.
    """

    name: str
    clock: str
    template: str
    queue: str
    events: str
    arrays: dict[str, Array]
    functions: frozenset[str] = frozenset()


def run_code() -> list[list[RunCode]]:
    """Return for each queued run the code that it calls in its steps, in this order.

    Relies on "run_network" in ``main_queue`` and its lines ``.add(&clock, _run_name);``, on the ``code_objects`` of the device and their
    ``variables``, ``template_name`` and ``owner``, on ``_return_type`` of functions, on the names of arrays of events, ``_spikespace``, and
    on ``get_array_name``.
    """
    device = brian2.get_device()
    runs = [" ".join(arguments[1]) for kind, arguments in device.main_queue if kind == "run_network"]
    return [[_run_code(device, *called) for called in re.findall(r"\.add\(&(\w+), (?:_run_)?(\w+)\);", run)] for run in runs]


def code_file(folder: Path, name: str, suffix: str = ".cpp") -> Path:
    """Return the file of a piece of code in the folder of a program's source."""
    return folder / "code_objects" / f"{name}{suffix}"


def _run_code(device: Any, clock: str, name: str) -> RunCode:
    if name == "NULL":
        return RunCode("", clock, "", "", "", {})
    code = device.code_objects[name]
    arrays = {key: _array(device, var) for key, var in code.variables.items() if isinstance(var, ArrayVariable)}
    events = [array.name for key, array in arrays.items() if re.fullmatch(r"_\w+space", key)]
    queue = code.owner.name if code.template_name == "synapses_push_spikes" else ""
    functions = {key for key, var in code.variables.items() if isinstance(var, Function) and _exact(key, var)}
    return RunCode(name, clock, code.template_name, queue, events[0] if len(events) == 1 else "", arrays, frozenset(functions))


def _exact(name: str, function: Function) -> bool:
    return function.stateless and function is not DEFAULT_FUNCTIONS.get(name) and function._return_type == "integer"


def _array(device: Any, var: ArrayVariable) -> Array:
    vector = isinstance(var, DynamicArrayVariable)
    return Array(
        name=device.get_array_name(var),
        vector=device.get_array_name(var, access_data=False) if vector else "",
        size=0 if vector else int(var.size),
        synapses=var.owner.name if vector and var.ndim == 1 and isinstance(var.owner, Synapses) else "",
        type=c_data_type(var.dtype),
        constant=bool(var.constant),
    )
