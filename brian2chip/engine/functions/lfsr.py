"""Linear-feedback shift registers as one function for Brian2 strings, made from the recurrence of their bits."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from brian2 import Function

from brian2chip.engine.functions.fixed_point import int64, integer_function


class Trinomial(NamedTuple):
    """The bit sequence y[n] = y[n - near] XOR y[n - length], of period 2**length - 1."""

    length: int
    near: int


@lru_cache(maxsize=32)
def period_words(length: int, near: int, window: int) -> np.ndarray:
    """Return the whole period (and 64 bits more) as 32-bit words, bit 0 of word 0 first.

    Parameters
    ----------
    length, near : int
        Of the trinomial.
    window : int
        The first ``length`` bits, the first in bit 0.

    Notes
    -----
    Squaring a recurrence over GF(2) doubles both lags: with the lags 32 near and 32 length whole words follow the same recurrence,
    and further squaring makes many words at once.
    """
    first = np.zeros(32 * length, np.uint8)
    first[:length] = [(window >> b) & 1 for b in range(length)]
    for n in range(length, 32 * length):
        first[n] = first[n - near] ^ first[n - length]
    n_words = ((1 << length) + 64) // 32 + 2
    words = np.zeros(max(n_words, length), np.uint64)
    words[:length] = np.packbits(first, bitorder="little").view("<u4")
    done = length
    while done < n_words:
        double = 1
        while 2 * double * length <= done:
            double *= 2
        stop = min(n_words, done + double * near)
        words[done:stop] = words[done - double * near : stop - double * near] ^ words[done - double * length : stop - double * length]
        done = stop
    return words


def stream_bits(trinomial: Trinomial, window: int, bit, width) -> np.ndarray:
    """Return ``width`` (up to 32) bits of the sequence from index ``bit`` on as integers, the earliest bit lowest.

    Parameters
    ----------
    trinomial : Trinomial
    window : int
        The first bits of the sequence.
    bit, width : int or array
    """
    words = period_words(trinomial.length, trinomial.near, int(window))
    bit, width = np.broadcast_arrays(int64(bit) % ((1 << trinomial.length) - 1), int64(width))
    pair = words[bit >> 5] | (words[(bit >> 5) + 1] << np.uint64(32))
    return ((pair >> (bit & 31).astype(np.uint64)) & ((np.uint64(1) << width.astype(np.uint64)) - np.uint64(1))).astype(np.int64)


CPP = """
#include <vector>
static std::vector<uint32_t> _lfsr_words[%(count)d];
static int64_t _lfsr_window[%(count)d];
static const int _lfsr_length[] = {%(lengths)s}, _lfsr_near[] = {%(nears)s};
static void _lfsr_fill(int64_t which, int64_t window)
{
    const int length = _lfsr_length[which], near = _lfsr_near[which];
    std::vector<uint32_t>& words = _lfsr_words[which];
    words.assign((((size_t)1 << length) + 64) / 32 + 2 + length, 0);
    std::vector<char> y(32 * length);
    for (int n = 0; n < 32 * length; n++)
    {
        y[n] = n < length ? (window >> n) & 1 : y[n - near] ^ y[n - length];
        words[n / 32] |= (uint32_t)y[n] << (n %% 32);
    }
    // The recurrence squared five times has the lags 32 near and 32 length: whole words follow it.
    for (size_t n = length; n < words.size(); n++) words[n] = words[n - near] ^ words[n - length];
    _lfsr_window[which] = window;
}
static inline int64_t lfsr(int64_t which, int64_t window, int64_t bit, int64_t width)
{
    if (__builtin_expect(_lfsr_window[which] != window, 0)) _lfsr_fill(which, window);
    const int length = _lfsr_length[which];
    const int64_t period = ((int64_t)1 << length) - 1;
    while (bit > period) bit = (bit & period) + (bit >> length);
    if (bit == period) bit = 0;
    const uint32_t* w = _lfsr_words[which].data() + (bit >> 5);
    return ((w[0] | ((uint64_t)w[1] << 32)) >> (bit & 31)) & (((int64_t)1 << width) - 1);
}
"""
CYTHON = """
_lfsr_words = [None] * %(count)d
_lfsr_windows = [-1] * %(count)d
cdef int64_t lfsr(int64_t which, int64_t window, int64_t bit, int64_t width):
    from brian2chip.engine.functions.lfsr import period_words
    cdef int length = (%(lengths)s)[which]
    cdef int near = (%(nears)s)[which]
    if _lfsr_windows[which] != window:
        _lfsr_words[which] = period_words(length, near, window)
        _lfsr_windows[which] = window
    bit = bit %% (((<int64_t>1) << length) - 1)
    cdef _numpy.ndarray[_numpy.uint64_t, ndim=1] words = _lfsr_words[which]
    cdef _numpy.uint64_t pair = words[bit >> 5] | (words[(bit >> 5) + 1] << 32)
    return (pair >> (bit & 31)) & (((<int64_t>1) << width) - 1)
"""


def lfsr_function(trinomials: Sequence[Trinomial]) -> Function:
    """Return the Brian2 function ``lfsr(which, window, bit, width)`` of a chip's registers.

    It is a pure function: ``which`` selects the register, ``window`` holds the first bits of its sequence, ``bit`` is the index from which
    ``width`` (up to 32) bits are read. The C++ and NumPy code makes the whole period at the first call.
    """

    def lfsr(which, window, bit, width):
        which, window, bit, width = np.broadcast_arrays(int64(which), int64(window), int64(bit), int64(width))
        out = np.zeros(which.shape, np.int64)
        for w, start in {(int(a), int(b)) for a, b in zip(which.flat, window.flat)}:
            mine = (which == w) & (window == start)
            out[mine] = stream_bits(trinomials[w], start, bit[mine], width[mine])
        return out

    values = {
        "count": len(trinomials),
        "lengths": ", ".join(str(t.length) for t in trinomials),
        "nears": ", ".join(str(t.near) for t in trinomials),
    }
    return integer_function(lfsr, CPP % values, CYTHON % values, 4)
