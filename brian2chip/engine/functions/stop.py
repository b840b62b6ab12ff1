"""Let a model end its run: the Brian2 function ``stop_run(condition)``."""

from __future__ import annotations

import brian2
import numpy as np

CPP = """
static inline int64_t stop_run(int64_t condition)
{
    Clock& clock = brian::defaultclock;
    if (condition) clock.set_interval(clock.t[0], clock.t[0]);  // ends with this step; Brian2 2.5 has no other way to stop
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


def stop_run() -> brian2.Function:
    """Return a function for a namespace: the run ends after the time step in which its argument is not zero."""
    function = brian2.Function(
        _stop_run, arg_units=[1], return_unit=1, arg_types=["integer"], return_type="integer", stateless=False
    )  # fmt: skip
    function.implementations.add_implementation("cpp", CPP, compiler_kwds={"headers": ['"objects.h"']})
    function.implementations.add_implementation("cython", CYTHON)
    return function
