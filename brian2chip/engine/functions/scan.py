"""Running sums and maxima over the elements of a Brian2 group in ascending order: how a chip's sequencer counts what it has visited."""

from __future__ import annotations

import numpy as np
from brian2 import Function

from brian2chip.core import brian2_internals as internals
from brian2chip.engine.functions.fixed_point import int64, integer_function

CPP = {
    "sum_before": """
static inline int64_t sum_before(int64_t channel, int64_t restart, int64_t value)
{ int64_t* s = %s + channel; if (restart) *s = 0; const int64_t before = *s; *s += value; return before; }""",
    "running_max": """
static inline int64_t running_max(int64_t channel, int64_t restart, int64_t value)
{ int64_t* s = %s + channel; if (restart || value > *s) *s = value; return *s; }""",
    "total": "static inline int64_t total(int64_t channel) { return %s[channel]; }",
}
CYTHON = {
    "sum_before": """
cdef int64_t sum_before(int64_t channel, int64_t restart, int64_t value):
    global _namespace_scan_sum_before
    cdef int64_t before = 0 if restart else _namespace_scan_sum_before[channel]
    _namespace_scan_sum_before[channel] = before + value
    return before""",
    "running_max": """
cdef int64_t running_max(int64_t channel, int64_t restart, int64_t value):
    global _namespace_scan_running_max
    if restart or value > _namespace_scan_running_max[channel]:
        _namespace_scan_running_max[channel] = value
    return _namespace_scan_running_max[channel]""",
    "total": """
cdef int64_t total(int64_t channel):
    global _namespace_scan_total
    return _namespace_scan_total[channel]""",
}


def scan_functions(group, variable: str) -> dict[str, Function]:
    """Return the functions ``sum_before``, ``running_max`` and ``total`` that keep their results in a variable of a group.

    ``sum_before(channel, restart, value)`` is the sum of ``value`` over the earlier elements of the channel since ``restart`` was true;
    ``running_max`` the largest value so far, this element included; ``total(channel)``, in a later code block, the last sum or maximum.

    Parameters
    ----------
    group : NeuronGroup
        One element a channel.
    variable : str
        An int64 variable of it.
    """
    store = internals.live_array(group, variable)

    def sum_before(channel, restart, value):
        channel, restart, value = np.broadcast_arrays(int64(channel), np.asarray(restart, bool), int64(value))
        out = np.empty(value.shape, np.int64)
        for c in np.unique(channel):
            mine = np.flatnonzero(channel == c)
            start = 0 if restart[mine[0]] else store[c]
            sums = start + np.cumsum(value[mine])
            out[mine] = sums - value[mine]
            store[c] = sums[-1]
        return out

    def running_max(channel, restart, value):
        channel, restart, value = np.broadcast_arrays(int64(channel), np.asarray(restart, bool), int64(value))
        out = np.empty(value.shape, np.int64)
        for c in np.unique(channel):
            mine = np.flatnonzero(channel == c)
            best = np.maximum.accumulate(value[mine])
            out[mine] = best if restart[mine[0]] else np.maximum(best, store[c])
            store[c] = out[mine[-1]]
        return out

    python = {"sum_before": (sum_before, 3), "running_max": (running_max, 3), "total": (lambda c: store[int64(c)], 1)}
    array, _ = internals.cpp_array(group, variable)
    # Cython wants a name of its own for each function's array, though it is the same array.
    namespaces = {name: None if store is None else {f"_scan_{name}": store} for name in python}
    return {
        name: integer_function(code, CPP[name] % array, CYTHON[name], n, namespace=namespaces[name], stateless=False)
        for name, (code, n) in python.items()
    }
