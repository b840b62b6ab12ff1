"""Ranks and regions: by hand, and for Gaussian posteriors that are right, too narrow and biased."""

import numpy as np
import pytest
from scipy import stats

from brian2chip.analysis import calibration


def test_ranks_and_levels_by_hand():
    draws = np.array([[[1.0, 9.0], [2.0, 8.0], [3.0, 7.0]]])
    assert calibration.ranks(draws, np.array([[2.5, 7.0]])).tolist() == [[2, 0]]
    assert calibration.levels(np.array([[1.0, 2.0, 3.0, 4.0]]), np.array([2.0])).tolist() == [0.5]
    assert calibration.inside(np.array([0.949, 0.95]), 0.95).tolist() == [True, False]


def test_bins_hold_as_many_ranks():
    assert calibration.histogram(np.arange(200), 199, 10).tolist() == [20] * 10
    assert calibration.histogram(np.array([0, 19, 20, 199]), 199, 10).tolist() == [2, 1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_the_band_is_that_of_a_binomial():
    low, high = calibration.band(500, 10)
    assert (low, high) == (34, 68)  # binom.ppf(0.005 and 0.995, 500, 0.1)
    assert stats.binom.cdf(high, 500, 0.1) - stats.binom.cdf(low - 1, 500, 0.1) >= 0.99


def posteriors(narrower=1.0, shift=0.0, n=400):
    """Return draws, truths and levels of the conjugate Gaussian: prior N(0, 1), data N(truth, 1), posterior N(data/2, 1/2)."""
    rng = np.random.default_rng(7)
    truth = rng.standard_normal((n, 2))
    mean, sd = (truth + rng.standard_normal((n, 2))) / 2 + shift, narrower / np.sqrt(2)
    draws = mean[:, None] + sd * rng.standard_normal((n, 199, 2))
    log = lambda value: stats.norm(mean[:, None], sd).logpdf(value).sum(axis=-1)  # noqa: E731
    return draws, truth, calibration.levels(log(draws), log(truth[:, None])[:, 0])


def test_right_posteriors_hold_the_truth_as_often_as_they_say():
    draws, truth, level = posteriors()
    assert all(calibration.evenness(rank, 199, 10) > 0.01 for rank in calibration.ranks(draws, truth).T)
    for content in (0.5, 0.8, 0.95):
        assert calibration.inside(level, content).mean() == pytest.approx(content, abs=3 * np.sqrt(content * (1 - content) / 400))


@pytest.mark.parametrize("wrong", [{"narrower": 0.6}, {"shift": 0.4}])
def test_wrong_ones_are_found(wrong):
    draws, truth, level = posteriors(**wrong)
    assert all(calibration.evenness(rank, 199, 10) < 1e-4 for rank in calibration.ranks(draws, truth).T)
    assert calibration.inside(level, 0.95).mean() < 0.92
