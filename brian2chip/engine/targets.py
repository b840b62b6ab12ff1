"""What a standalone program is generated and compiled for: the processor (C++), or a GPU (``cuda_target.py``)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from brian2chip.core.brian2_run_code import run_code
from brian2chip.core.later import brian2, internals
from brian2chip.engine import changed_source
from brian2chip.engine.compiler import CALLED
from brian2chip.engine.functions.lookup_table import Table


def _nothing(*_: Any) -> None:
    """Do nothing."""


@dataclass(frozen=True)
class Target:
    """In what the standalone devices differ.

    Attributes
    ----------
    name : str
        Of the device, as a session is asked for it.
    brian2_name : str
        As Brian2 calls it.
    set_flags : callable
        ``set_flags(threads, compile_args)`` sets Brian2's preferences.
    load : callable
        ``load(name, group, variable)`` returns the C++ with which the program loads an input.
    change : callable
        ``change(folder)`` changes generated code before it is compiled.
    compiler : str
        What a message calls the compiler.
    headers : sequence of str
        That every file of code includes.
    sources : sequence of str
        Files that are compiled besides.
    begin, add_table : callable
        ``begin(folder)`` writes files before anything is declared; ``add_table(folder, table)`` what a table needs.
    explained : callable
        A context around the generation of code, in which errors of the device become sentences.
    """

    name: str
    brian2_name: str
    set_flags: Callable[[int, Sequence[str]], None]
    load: Callable[[str, Any, str], str]
    change: Callable[[Path], None]
    compiler: str
    headers: Sequence[str] = ('"b2c_loader.h"',)
    sources: Sequence[str] = ()
    begin: Callable[[Path], None] = _nothing
    add_table: Callable[[Path, Table], None] = _nothing
    explained: Callable[[], AbstractContextManager] = nullcontext


def _set_flags(threads: int, compile_args: Sequence[str]) -> None:
    brian2.prefs["devices.cpp_standalone.openmp_threads"] = threads
    if compile_args:
        flags = brian2.prefs["codegen.cpp.extra_compile_args_gcc"]
        brian2.prefs["codegen.cpp.extra_compile_args_gcc"] = [*flags, *compile_args]


def _load(name: str, group: Any, variable: str) -> str:
    pointer, size = internals.cpp_array(group, variable)
    return f'b2c_load("{name}", {pointer}, {size});'


def _change(folder: Path) -> None:
    changed_source.change(folder, run_code())


CPP = Target("cpp_standalone", "cpp_standalone", _set_flags, _load, _change, CALLED)
