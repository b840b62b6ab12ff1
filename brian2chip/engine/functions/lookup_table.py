"""Tables whose length may change from run to run, read in Brian2 strings as ``name(row, column)``."""

from __future__ import annotations

import numpy as np

from brian2chip.core.later import brian2
from brian2chip.engine.queued_run import Rows

CPP = """
#include <vector>
struct _table_%(name)s_t
{
    std::vector<%(ctype)s> values;
    int64_t shape[2];
    _table_%(name)s_t()
    {
        b2c_load("%(name)s.shape", shape, 2);
        values.resize(shape[0] * shape[1]);
        b2c_load("%(name)s", values.data(), values.size());
    }
};
static _table_%(name)s_t _table_%(name)s;
static inline %(result)s %(name)s(int64_t row, int64_t column)
{
    if (row < 0 || column < 0 || row >= _table_%(name)s.shape[0] || column >= _table_%(name)s.shape[1]) return 0;
    return _table_%(name)s.values[row * _table_%(name)s.shape[1] + column];
}
"""
CYTHON = """
cdef %(result)s %(name)s(int64_t row, int64_t column):
    global _namespace_table_%(name)s
    if row < 0 or column < 0 or row >= _namespace_table_%(name)s[1] or column >= _namespace_table_%(name)s[2]:
        return 0
    return (<_numpy.%(cython)s*><size_t>_namespace_table_%(name)s[0])[row * _namespace_table_%(name)s[2] + column]
"""


class Table(Rows):
    """A two-dimensional array behind a Brian2 function ``name(row, column)``; what lies outside reads as zero.

    Parameters
    ----------
    name : str
    values : array [rows, columns]
        Integers, or floating-point numbers of 32 or 64 bits. The type stays; the shape may change with :meth:`set`.

    Attributes
    ----------
    function : Function
        For the namespace of a group.
    c_names : dict of str to str
        What the C++ of the table calls it: ``name``, ``ctype`` of a value, ``result`` of the function.
    """

    def __init__(self, name: str, values):
        # Address and shape, which generated Cython code reads anew at each call.
        self._place = np.zeros(3, np.int64)
        super().__init__(name, values)
        self.set(self.values)
        kind = self.values.dtype
        returns = "float" if kind.kind == "f" else "integer"
        self.function = brian2.Function(
            self._look_up, arg_units=[1, 1], return_unit=1, arg_types=["integer", "integer"], return_type=returns, stateless=True
        )
        ctype = {"float32": "float", "float64": "double"}.get(kind.name, f"{kind.name}_t")
        result = ctype if returns == "float" else "int64_t"
        self.c_names = {"name": name, "ctype": ctype, "result": result}
        cython = CYTHON % {**self.c_names, "cython": f"{kind.name}_t"}
        self.function.implementations.add_implementation("cpp", CPP % self.c_names)
        self.function.implementations.add_implementation("cython", cython, namespace={f"_table_{name}": self._place})

    def set(self, values) -> None:
        """Replace the values; the shape may differ."""
        super().set(values)
        self._place[:] = self.values.ctypes.data, *self.values.shape

    def _look_up(self, row, column):
        row, column = np.broadcast_arrays(np.asarray(row, np.int64), np.asarray(column, np.int64))
        inside = (row >= 0) & (column >= 0) & (row < self.values.shape[0]) & (column < self.values.shape[1])
        kind = self.values.dtype if self.values.dtype.kind == "f" else np.int64
        if not self.values.size:
            return np.zeros(row.shape, kind)
        return np.where(inside, self.values[np.where(inside, row, 0), np.where(inside, column, 0)], 0).astype(kind)
