"""Normal numbers as a function of whole numbers: their distribution, that all devices give the same, and which number is which."""

import brian2
import numpy as np
import pytest

from brian2chip.engine.functions.normal_numbers import NORMAL_NUMBER, normal_number
from brian2chip.engine.session import session

N = 100_000


def word(h):
    """splitmix64 in Python's own whole numbers."""
    mask = 2**64 - 1
    h = (h + 0x9E3779B97F4A7C15) & mask
    h = ((h ^ (h >> 30)) * 0xBF58476D1CE4E5B9) & mask
    h = ((h ^ (h >> 27)) * 0x94D049BB133111EB) & mask
    return h ^ (h >> 31)


def test_a_number_written_out():
    """splitmix64 with state 0 begins with 0xE220A8397B1DCDAF (Vigna's splitmix64.c, whose values are widely used as test vectors)."""
    assert word(0) == 0xE220A8397B1DCDAF
    h = word(word(word(word(3) ^ 5) ^ 7) ^ 11)
    u, turn = ((x >> 11) / 2**53 + 2.0**-54 for x in (h, word(h)))
    assert normal_number(3, 5, 7, 11) == pytest.approx(np.sqrt(-2 * np.log(u)) * np.cos(2 * np.pi * turn), rel=1e-12)


@pytest.mark.parametrize("place", range(4))
def test_the_numbers_are_normal_and_independent(place):
    """Moments of N(0, 1) within 4 standard errors, whichever of the four numbers counts; neighbours are not correlated."""
    words = [17, 2, 3, 4]
    words[place] = np.arange(N)
    x = normal_number(*words)
    for power, expected, sd in ((1, 0, 1), (2, 1, np.sqrt(2)), (3, 0, np.sqrt(15)), (4, 3, np.sqrt(96))):
        assert abs(np.mean(x**power) - expected) < 4 * sd / np.sqrt(N)
    for lag in (1, 2, 64):
        assert abs(np.mean(x[lag:] * x[:-lag])) < 4 / np.sqrt(N)
    assert len(np.unique(x)) == N
    words[(place + 1) % 4] += 1
    assert abs(np.mean(x * normal_number(*words))) < 4 / np.sqrt(N)


@pytest.mark.parametrize("device", ["numpy", pytest.param("cython", marks=pytest.mark.slow), "cpp_standalone"])
def test_every_device_gives_the_same(device):
    with session(device, dt=1e-3) as s:
        group = brian2.NeuronGroup(5, "x : 1\nkey : integer", namespace={"normal_number": NORMAL_NUMBER}, name="drawn")
        group.run_regularly("x += normal_number(key, 3, t_in_timesteps, i)")
        s.input("key", group, "key", np.arange(5) + 2**31 - 6)
        s.result(group, "x")
        s.run(brian2.Network(group), 0.004)
        found = np.asarray(s.read("drawn.x"))
    expected = sum(normal_number(np.arange(5) + 2**31 - 6, 3, n, np.arange(5)) for n in range(4))
    np.testing.assert_allclose(found, expected, rtol=1e-12)
