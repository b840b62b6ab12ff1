"""What is used of brian2cuda, which promises none of it, and of the CUDA that it generates: part of the drawer of ``brian2_internals``.

It is read from brian2cuda 1.0a7; ``tests/engine/test_cuda.py`` holds a contract test for each function.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import brian2
from brian2.core.variables import DynamicArrayVariable

from brian2chip.core.brian2_internals import cpp_array

#: How Brian2 says that it has no code of a function for a device.
NO_CODE = "No implementation available for target"


@contextmanager
def warnings_alone() -> Iterator[None]:
    """Keep brian2cuda from telling all that it does; relies on the name that Brian2 gives its loggers."""
    log = logging.getLogger("brian2.brian2cuda")
    level = log.level
    log.setLevel(logging.WARNING)
    try:
        yield
    finally:
        log.setLevel(level)


def load_and_copy(name: str, group: Any, variable: str) -> str:
    """Return the C++ that loads an input into an array and copies it to the GPU, as brian2cuda does when it sets an array.

    Relies on ``get_array_name(prefix="dev")``, on pointers to memory of the GPU having that name, on those of synapses' variables being
    vectors of Thrust.
    """
    var = group.variables[variable]
    host, size = cpp_array(group, variable)
    on_gpu = f"brian::{brian2.get_device().get_array_name(var, access_data=False, prefix='dev')}"
    if isinstance(var, DynamicArrayVariable):
        host, on_gpu = f"thrust::raw_pointer_cast({host})", f"thrust::raw_pointer_cast({on_gpu}.data())"
    return f'b2c_load_to_gpu("{name}", {host}, {on_gpu}, {size});'


def function_without_code(error: BaseException | None) -> str | None:
    """Return the name of the function for which a device has no code, where that is the cause of an error; relies on Brian2's words."""
    said = []
    while error is not None:
        said.append(str(error))
        error = error.__cause__ or error.__context__
    named = re.search(r"[Ff]unction '(\w+)'", "\n".join(said))
    return (named.group(1) if named else "a function") if any(NO_CODE in each for each in said) else None
