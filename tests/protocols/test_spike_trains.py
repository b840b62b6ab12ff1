"""Spike sources: rate, grid, dead time, bad input."""

import numpy as np
import pytest

from brian2chip.errors import UserError
from brian2chip.protocols.spike_trains import poisson


@pytest.mark.parametrize("dead_time", [0.0, 2e-3])
def test_poisson_has_its_rate_its_grid_and_its_dead_time(dead_time):
    rng = np.random.default_rng(1)
    times = poisson(50.0, 400.0, rng, dt=1e-4, dead_time=dead_time)
    assert len(times) == pytest.approx(20000, abs=4 * np.sqrt(20000))
    steps = np.rint(times / 1e-4)
    np.testing.assert_allclose(times, steps * 1e-4, atol=1e-12)
    assert steps[0] >= 1 and steps[-1] < 4_000_000
    assert np.diff(steps).min() == 1 + round(dead_time / 1e-4)
    if not dead_time:  # exponential intervals: deviation equals mean
        assert np.std(np.diff(times)) == pytest.approx(np.mean(np.diff(times)), rel=0.03)


def test_poisson_repeats_with_its_seed_and_refuses_what_cannot_be():
    assert np.array_equal(poisson(20, 1, np.random.default_rng(3)), poisson(20, 1, np.random.default_rng(3)))
    assert len(poisson(0, 1, np.random.default_rng(3))) == 0
    for rate in (-1.0, 2e4, np.nan):
        with pytest.raises(UserError, match="Hz"):
            poisson(rate, 1, np.random.default_rng(3))
