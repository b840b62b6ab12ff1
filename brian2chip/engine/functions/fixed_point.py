"""Integer arithmetic of digital chips as functions for Brian2 strings: bit fields, wrapping, saturation and shifts."""

from __future__ import annotations

import numpy as np
from brian2 import Function

from brian2chip.engine.functions.on_gpu import add_gpu_code


def integer_function(python, cpp: str, cython: str, n_arguments: int, namespace: dict | None = None, stateless: bool = True) -> Function:
    """Return a Brian2 function of integers with one implementation a target; the C++ and Cython code defines it under its Brian2 name.

    Parameters
    ----------
    python : callable
        For NumPy: arrays in, int64 array out.
    cpp, cython : str
        Source code.
    n_arguments : int
    namespace : dict, optional
        Arrays that the Cython code reads.
    stateless : bool
        False when the order of the calls matters.
    """
    function = Function(
        python, arg_units=[1] * n_arguments, return_unit=1, arg_types=["integer"] * n_arguments, return_type="integer", stateless=stateless
    )
    function.implementations.add_implementation("cpp", cpp)
    function.implementations.add_implementation("cython", cython, namespace=namespace)
    return function


def int64(value) -> np.ndarray:
    """Return the value as an int64 array."""
    return np.asarray(value, dtype=np.int64)


def one_bit(n) -> np.ndarray:
    """Return 2**n as int64."""
    return np.left_shift(np.int64(1), int64(n))


#: ``bits(v, n)``: the low n bits, unsigned. ``wrap(v, n)``: the low n bits as two's complement. ``saturate(v, n)``: v limited to n bits of
#: two's complement. ``limit(v, n)``: a v that is not negative limited to n bits, unsigned. ``asr(v, n)``: v shifted right, rounding down.
#: ``shl(v, n)``: v shifted left in 64 bits. ``towards_zero(v, n)``: v over 2**n, rounded toward zero. ``bounded(v, n)``: v limited to what
#: a sign and n - 1 bits of magnitude hold.
ARITHMETIC = {
    "bits": integer_function(
        lambda v, n: int64(v) & (one_bit(n) - 1),
        "static inline int64_t bits(int64_t v, int64_t n) { return v & (((int64_t)1 << n) - 1); }",
        "cdef int64_t bits(int64_t v, int64_t n):\n    return v & (((<int64_t>1) << n) - 1)",
        2,
    ),
    "wrap": integer_function(
        lambda v, n: ((int64(v) + one_bit(int64(n) - 1)) & (one_bit(n) - 1)) - one_bit(int64(n) - 1),
        "static inline int64_t wrap(int64_t v, int64_t n) { return (int64_t)((uint64_t)v << (64 - n)) >> (64 - n); }",
        "cdef int64_t wrap(int64_t v, int64_t n):\n    cdef int64_t half = (<int64_t>1) << (n - 1)\n"
        "    return ((v + half) & (2 * half - 1)) - half",
        2,
    ),
    "saturate": integer_function(
        lambda v, n: np.clip(int64(v), -one_bit(int64(n) - 1), one_bit(int64(n) - 1) - 1),
        "static inline int64_t saturate(int64_t v, int64_t n)\n"
        "{ const int64_t half = (int64_t)1 << (n - 1); return v < -half ? -half : (v >= half ? half - 1 : v); }",
        "cdef int64_t saturate(int64_t v, int64_t n):\n    cdef int64_t half = (<int64_t>1) << (n - 1)\n"
        "    return -half if v < -half else (half - 1 if v >= half else v)",
        2,
    ),
    "limit": integer_function(
        lambda v, n: np.minimum(int64(v), one_bit(n) - 1),
        "static inline int64_t limit(int64_t v, int64_t n) { const int64_t most = ((int64_t)1 << n) - 1; return v > most ? most : v; }",
        "cdef int64_t limit(int64_t v, int64_t n):\n    cdef int64_t most = ((<int64_t>1) << n) - 1\n    return most if v > most else v",
        2,
    ),
    "asr": integer_function(
        lambda v, n: np.right_shift(int64(v), int64(n)),
        "static inline int64_t asr(int64_t v, int64_t n) { return v >> n; }",
        "cdef int64_t asr(int64_t v, int64_t n):\n    return v >> n",
        2,
    ),
    "shl": integer_function(
        lambda v, n: np.left_shift(int64(v), int64(n)),
        "static inline int64_t shl(int64_t v, int64_t n) { return (int64_t)((uint64_t)v << n); }",
        "cdef int64_t shl(int64_t v, int64_t n):\n    return v << n",
        2,
    ),
    "towards_zero": integer_function(
        lambda v, n: np.sign(int64(v)) * np.right_shift(np.abs(int64(v)), int64(n)),
        "static inline int64_t towards_zero(int64_t v, int64_t n) { return v < 0 ? -(-v >> n) : v >> n; }",
        "cdef int64_t towards_zero(int64_t v, int64_t n):\n    return -(-v >> n) if v < 0 else v >> n",
        2,
    ),
    "bounded": integer_function(
        lambda v, n: np.clip(int64(v), 1 - one_bit(int64(n) - 1), one_bit(int64(n) - 1) - 1),
        "static inline int64_t bounded(int64_t v, int64_t n)\n"
        "{ const int64_t most = ((int64_t)1 << (n - 1)) - 1; return v < -most ? -most : (v > most ? most : v); }",
        "cdef int64_t bounded(int64_t v, int64_t n):\n    cdef int64_t most = ((<int64_t>1) << (n - 1)) - 1\n"
        "    return -most if v < -most else (most if v > most else v)",
        2,
    ),
}
for _function in ARITHMETIC.values():
    add_gpu_code(_function, _function.implementations["cpp"].get_code(None))
