"""Values of some time ago as a function for the equations of neurons: ``delayed(line, x, i, N, t_in_timesteps, steps)``."""

from __future__ import annotations

import itertools
import weakref
from typing import Any

import numpy as np

from brian2chip.core.later import brian2

CPP = """
#include <map>
#include <vector>
static std::map<int64_t, std::vector<double> > _delayed_lines;
static inline double delayed(int64_t line, double x, int64_t i, int64_t n, int64_t now, int64_t steps)
{
    if (steps <= 0) return x;
    std::vector<double>& kept = _delayed_lines[line];
    if ((int64_t)kept.size() != n * steps) kept.assign(n * steps, x);
    double& place = kept[(now % steps) * n + i];
    const double before = now < steps ? x : place;
    place = x;
    return before;
}
"""
CYTHON = """
cdef double delayed(int64_t line, double x, int64_t i, int64_t n, int64_t now, int64_t steps):
    from brian2chip.engine.functions.delayed import LINES
    return LINES[_namespace_delayed_lines[0]](line, x, i, n, now, steps)
"""
#: The lines of each function, by the number that generated Cython code knows.
LINES: Any = weakref.WeakValueDictionary()
_NUMBERS = itertools.count()


class DelayLines:
    """Rings of the values of the last steps, one for each line and neuron; the memory behind one function."""

    def __init__(self) -> None:
        self.kept: dict[int, np.ndarray] = {}

    def __call__(self, line, x, i, n, now, steps):
        """Return the values of ``steps`` steps ago, and keep ``x``."""
        number, n, now, steps = (int(np.ravel(each)[0]) for each in (line, n, now, steps))
        if steps <= 0:
            return x
        kept = self.kept.get(number)
        if kept is None or kept.shape != (steps, n):
            kept = self.kept[number] = np.full((steps, n), np.nan)
        before = kept[now % steps, i].copy() if now >= steps else np.array(x, float, copy=True)
        kept[now % steps, i] = x
        return before


def delayed() -> Any:
    """Return a new Brian2 function ``delayed(line, x, i, N, t_in_timesteps, steps)`` for one group of neurons.

    It returns ``x`` of so many steps ago, with its unit; before there is one, the present ``x``; without steps ``x`` itself. ``line`` is a
    whole number that tells several such variables apart. Call it in a subexpression that is ``(constant over dt)``, so once a step, in
    runs that go through all their steps from 0 on.
    """
    lines = DelayLines()
    number = next(_NUMBERS)
    LINES[number] = lines
    function = brian2.Function(
        lines,
        arg_units=[1, None, 1, 1, 1, 1],
        return_unit=lambda line, x, i, n, now, steps: x,
        arg_types=["integer", "float", "integer", "integer", "integer", "integer"],
        return_type="float",
        stateless=False,
    )
    function.implementations.add_implementation("numpy", lines)  # as it is, where Brian2 would wrap it in a check of units
    function.implementations.add_implementation("cpp", CPP)
    function.implementations.add_implementation("cython", CYTHON, namespace={"_delayed_lines": np.array([number], np.int64)})
    return function
