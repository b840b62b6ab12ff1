"""Weighted draws: by hand, and moments of a density that is known."""

import numpy as np
import pytest
from scipy import stats

from brian2chip.analysis import importance
from brian2chip.errors import UserError


def test_weights_by_hand():
    assert np.allclose(importance.weights(np.log([1.0, 6.0]), np.log([1.0, 2.0])), [0.25, 0.75])
    assert np.allclose(importance.weights(np.array([-5000.0, -5000.0]), np.zeros(2)), 0.5)  # no underflow
    assert importance.weights(np.array([0.0, np.nan]), np.zeros(2)).tolist() == [1.0, 0.0]


def test_nothing_possible_is_said():
    with pytest.raises(UserError, match="widen the prior"):
        importance.weights(np.full(3, -np.inf), np.zeros(3))


def test_effective_draws():
    assert importance.effective(np.full(8, 1 / 8)) == pytest.approx(8)
    assert importance.effective(np.array([1.0, 0, 0])) == 1
    assert importance.effective(np.array([0.75, 0.25])) == pytest.approx(1.6)  # 1 / (9/16 + 1/16)


def test_draws_are_taken_as_often_as_their_weight_says():
    found = importance.resampled(np.array([0.1, 0.0, 0.6, 0.3]), 1000, np.random.default_rng(3))
    assert np.abs(np.bincount(found, minlength=4) - [100, 0, 600, 300]).max() <= 1


def test_even_draws_become_those_of_a_beta_density():
    rng = np.random.default_rng(5)
    share, target = rng.random(40_000), stats.beta(3, 7)
    drawn = share[importance.resampled(importance.weights(target.logpdf(share), np.zeros(40_000)), 20_000, rng)]
    assert drawn.mean() == pytest.approx(target.mean(), abs=0.005) and drawn.std() == pytest.approx(target.std(), abs=0.005)
