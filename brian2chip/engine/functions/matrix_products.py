"""Products of the arrays of Brian2 groups for Brian2 strings: ``dot(W, x, i)`` is element i of a matrix product over a whole batch.

Brian2 asks for one element after another. The first (i = 0) computes all of them at once, in blocks that stay in the caches
(``matrix_products.h``), and the others are read from the result. The names in a string (``W``, ``x``) stand for arrays: they are
whole numbers in the namespace of the group, given by :meth:`MatrixProducts.array`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import brian2
import numpy as np

from brian2chip.core import brian2_internals as internals
from brian2chip.engine.functions.products_on_numpy import FUNCTIONS
from brian2chip.errors import UserError

#: Devices on which the functions run, the compiled one in one thread.
DEVICES = ("numpy", "cpp_standalone")
HEADERS = ['"objects.h"', "<cstdint>", "<cstring>", "<vector>"]
HEADER = Path(__file__).with_name("matrix_products.h").read_text(encoding="utf-8")
COMMON, *_BODIES = Path(__file__).with_name("matrix_functions.cpp").read_text(encoding="utf-8").split("//// ")
BODIES = dict(body.split("\n", 1) for body in _BODIES)
#: Written once in every file that uses a function.
ARRAYS = """
#ifndef B2C_ARRAYS
#define B2C_ARRAYS %(count)d
#define B2C_NUMBER %(number)s
%(header)s
static inline b2c_matrices::number* b2c_array(int64_t which)
{
    switch (which) { %(pointers)s }
    return 0;
}
static const int64_t b2c_size[][7] = {%(sizes)s};
#endif
"""


class Array(NamedTuple):
    """A variable of a group as an array: a matrix [rows, columns], a batch of vectors [samples, units], or a batch of images.

    Attributes
    ----------
    group, variable
        Whose elements, in C order, the array has.
    rows, columns : int
    image : tuple of int or None
        Channels, rows and columns of what a row is.
    patch : tuple of int or None
        Size and padding of the filters that a convolution moves over the image.
    """

    group: Any
    variable: str
    rows: int
    columns: int
    image: tuple[int, int, int] | None = None
    patch: tuple[int, int] | None = None

    def live(self) -> np.ndarray:
        """Return the array itself, where Brian2 runs on NumPy."""
        return internals.live_array(self.group, self.variable).reshape(self.rows, self.columns)


class MatrixProducts:
    """The functions for the namespace of a run, on the devices of :data:`DEVICES`.

    - ``dot(W, x, i)``: W [units, inputs] times every x of a batch; ``dot_transposed(W, x, i)``: the transposed matrix times every x;
    - ``outer(x, y, i)``: element i of the matrix x y^T, summed over the batch; ``batch_total(x, i)``: x summed over the batch (and, of
      images, over their pixels); ``total(x, i)``: x summed over the units of the sample to which element i belongs;
    - ``dot_transposed_events(W, x, i)``, ``outer_events(x, y, i)``: the same as ``dot_transposed`` and ``outer`` for an x that is mostly
      zero, as spikes are: only what is not zero is added up;
    - ``convolve(W, x, i)``, ``correlate(dz, x, i)``: a convolution of images and the gradient of its filters;
    - ``largest(y, i)``: the largest of 2 x 2 pixels; ``to_largest(x, y, i)``: x where y is the first of the largest, 0 elsewhere;
    - ``average(y, i)``: the mean of 2 x 2 pixels; ``to_average(x, y, i)``: a quarter of x at each of the four.

    Parameters
    ----------
    device : {"numpy", "cpp_standalone"}
    dtype : numpy float type
        Of the session.

    Raises
    ------
    UserError
        For another device.
    """

    def __init__(self, device: str, dtype: Any = np.float64):
        if device not in DEVICES:
            raise UserError(f"products of matrices do not run on {device!r}; use one of {', '.join(DEVICES)}.")
        self._compiled, self._dtype = device == "cpp_standalone", np.dtype(dtype)
        self._arrays: list[Array] = []

    def array(self, group: Any, variable: str, rows: int, columns: int, **image: Any) -> int:
        """Return the number that stands for an array in a Brian2 string; parameters as :class:`Array`.

        Raises
        ------
        UserError
            When the variable has another number of elements.
        """
        if len(group) != rows * columns:
            raise UserError(f"{group.name}.{variable} has {len(group)} elements; an array of {rows} x {columns} needs {rows * columns}.")
        self._arrays.append(Array(group, variable, rows, columns, **image))
        return len(self._arrays) - 1

    def namespace(self) -> dict[str, brian2.Function]:
        """Return the functions by name, for all arrays that were declared so far."""
        return {name: self._function(name) for name in FUNCTIONS}

    def _function(self, name: str) -> brian2.Function:
        code, n = FUNCTIONS[name]

        def on_numpy(*arguments: Any) -> np.ndarray:
            arrays = [self._arrays[int(which)] for which in arguments[:n]]
            return code(*(array.live() for array in arrays), *arrays).ravel()[arguments[n]]

        kinds = ["integer"] * (n + 1)
        function = brian2.Function(on_numpy, arg_units=[1] * (n + 1), return_unit=1, arg_types=kinds, return_type="float")
        if self._compiled:
            brian2.implementation("cpp", self._cpp() + COMMON + BODIES[name], headers=HEADERS)(function)
        return function

    def _cpp(self) -> str:
        """Return the C++ code of the arrays."""
        pointers = [internals.cpp_array(array.group, array.variable)[0] for array in self._arrays]
        sizes = [(a.rows, a.columns, *(a.image or (0, 0, 0)), *(a.patch or (0, 0))) for a in self._arrays]
        values = {
            "count": len(self._arrays),
            "number": "float" if self._dtype == np.float32 else "double",
            "header": HEADER,
            "pointers": " ".join(f"case {k}: return {pointer};" for k, pointer in enumerate(pointers)),
            "sizes": ", ".join(f"{{{', '.join(map(str, size))}}}" for size in sizes),
        }
        return ARRAYS % values
