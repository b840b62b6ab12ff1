"""Let a model end its run: the Brian2 function ``stop_run(condition)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.core.later import brian2, internals

if TYPE_CHECKING:
    from brian2 import Function

CPP = """
static inline int64_t stop_run(int64_t condition)
{
    if (condition) { %s }
    return condition;
}
"""
CYTHON = """
cdef int64_t stop_run(int64_t condition):
    if condition:
        import brian2
        brian2.stop()
    return condition
"""


def _stop_run(condition):
    if np.any(condition):
        brian2.stop()
    return condition


def stop_run() -> Function:
    """Return a function for a namespace: the run ends after the time step in which its argument is not zero."""
    function = brian2.Function(
        _stop_run, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="integer", stateless=False
    )  # fmt: skip
    brian2.implementation("cpp", CPP % internals.STOP_AFTER_STEP, headers=['"objects.h"'])(function)
    brian2.implementation("cython", CYTHON)(function)
    return function
