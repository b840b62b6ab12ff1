"""Powers in code at spikes whose exponent is a parameter: the library of mathematics is not asked for those of 0 and 1.

A weight dependence, ``w**mu``, mostly has one of these exponents, for which C's ``pow`` takes as long as an exponential. The function is
not inlined: around it the compiler does what it does around ``pow``, so that numbers are those of Brian2's own program.
"""

from __future__ import annotations

#: How Brian2 writes a power, and what is written instead; a number as exponent, ``x**2``, is left to the compiler.
POWER = "#define _brian_pow(x, y) (pow((x), (y)))\n"
QUICK = """\
#define _brian_pow(x, y) (__builtin_constant_p(y) ? pow((x), (y)) : b2c_power((x), (y)))
template <typename X, typename Y> static __attribute__((noinline)) auto b2c_power(X x, Y y) -> decltype(pow(x, y))
{ return y == 0 ? 1 : y == 1 ? x : pow(x, y); }
"""


def with_quick_powers(text: str) -> str:
    """Return a pathway's C++ with the function; relies on :data:`POWER`, the branch of every compiler but Microsoft's."""
    return text.replace(POWER, QUICK, 1) if text.count("_brian_pow(") > text.count("define _brian_pow(") else text
