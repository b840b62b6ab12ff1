"""Normal numbers as a pure function of whole numbers: the same wherever a run was stopped, on every device, and in any order."""

from __future__ import annotations

import numpy as np
from brian2 import Function

from brian2chip.engine.functions.on_gpu import add_gpu_code

CPP = """
static inline uint64_t _normal_mixed(uint64_t h)
{
    h += 0x9E3779B97F4A7C15ULL;
    h = (h ^ (h >> 30))*0xBF58476D1CE4E5B9ULL;
    h = (h ^ (h >> 27))*0x94D049BB133111EBULL;
    return h ^ (h >> 31);
}
static inline double normal_number(int64_t key, int64_t stream, int64_t n, int64_t i)
{
    const uint64_t h = _normal_mixed(_normal_mixed(_normal_mixed(_normal_mixed(key) ^ stream) ^ n) ^ i);
    const double u = ((h >> 11) + 0.5)/9007199254740992.0, turn = ((_normal_mixed(h) >> 11) + 0.5)/9007199254740992.0;
    return sqrt(-2*log(u))*cos(6.283185307179586*turn);
}
"""
CYTHON = """
from libc.stdint cimport uint64_t as _normal_word
from libc.math cimport sqrt as _normal_sqrt, log as _normal_log, cos as _normal_cos
cdef _normal_word _normal_mixed(_normal_word h):
    h += <_normal_word>0x9E3779B97F4A7C15
    h = (h ^ (h >> 30))*<_normal_word>0xBF58476D1CE4E5B9
    h = (h ^ (h >> 27))*<_normal_word>0x94D049BB133111EB
    return h ^ (h >> 31)
cdef double normal_number(int64_t key, int64_t stream, int64_t n, int64_t i):
    cdef _normal_word h = _normal_mixed(<_normal_word>key)
    h = _normal_mixed(h ^ <_normal_word>stream)
    h = _normal_mixed(h ^ <_normal_word>n)
    h = _normal_mixed(h ^ <_normal_word>i)
    cdef double u = ((h >> 11) + 0.5)/9007199254740992.0
    cdef double turn = ((_normal_mixed(h) >> 11) + 0.5)/9007199254740992.0
    return _normal_sqrt(-2*_normal_log(u))*_normal_cos(6.283185307179586*turn)
"""


def _mixed(h: np.ndarray) -> np.ndarray:
    """Return words of 64 bits, each bit of which depends on all of the given ones (splitmix64: Steele, Lea & Flood 2014)."""
    h = h + np.uint64(0x9E3779B97F4A7C15)
    h = (h ^ (h >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ (h >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return h ^ (h >> np.uint64(31))


def normal_number(key, stream, n, i) -> np.ndarray:
    """Return standard normal numbers (Box & Muller 1958), one for each four whole numbers."""
    words = [np.atleast_1d(np.asarray(x, np.int64)).view(np.uint64) for x in (key, stream, n, i)]
    h = np.zeros(1, np.uint64)
    for word in words:
        h = _mixed(h ^ word)
    u, turn = (((word >> np.uint64(11)).astype(float) + 0.5) * 2.0**-53 for word in (h, _mixed(h)))
    found = np.sqrt(-2 * np.log(u)) * np.cos(6.283185307179586 * turn)
    return found if any(np.ndim(x) for x in (key, stream, n, i)) else found[0]


#: ``normal_number(key, stream, n, i)`` for Brian2 strings.
NORMAL_NUMBER = Function(normal_number, arg_units=[1] * 4, return_unit=1, arg_types=["integer"] * 4, return_type="float", stateless=True)
NORMAL_NUMBER.implementations.add_implementation("cpp", CPP)
NORMAL_NUMBER.implementations.add_implementation("cython", CYTHON)
add_gpu_code(NORMAL_NUMBER, CPP)
