"""Gains of many chips at once against NumPy's and scipy's least squares, chip by chip."""

import numpy as np
import pytest
from scipy.optimize import least_squares

from brian2chip.analysis.gains import fitted_gains

rng = np.random.default_rng(3)
CHIPS, POINTS = 20, 9
A, DATA = rng.normal(1, 0.5, (CHIPS, POINTS, 2)), rng.normal(2, 0.5, POINTS)


def test_linear_residuals_give_the_solution_of_the_normal_equations():
    gains = fitted_gains(lambda chips, g: np.einsum("cpk,ck->cp", A[chips], g) - DATA, CHIPS, 2)
    for k in range(CHIPS):
        free = np.linalg.lstsq(A[k], DATA, rcond=None)[0]
        if (free > 0).all():
            np.testing.assert_allclose(gains[k], free, rtol=1e-6)
        else:
            bounded = least_squares(lambda g, k=k: A[k] @ g - DATA, [1, 1], bounds=(0, np.inf))
            np.testing.assert_allclose(gains[k], bounded.x, atol=1e-4)
    assert (gains >= 0).all()


def test_a_gain_below_zero_stays_at_zero_and_the_other_is_best_without_it():
    """Residuals g1 + 1 and g2 - 3: the best gains from 0 on are 0 and 3."""
    gains = fitted_gains(lambda chips, g: g + [1.0, -3.0], 4, 2)
    np.testing.assert_allclose(gains, np.tile([0.0, 3.0], (4, 1)), atol=1e-6)


def test_a_curved_problem_goes_where_scipy_goes():
    scale = rng.uniform(0.5, 2, CHIPS)
    x = np.linspace(0.1, 2, POINTS)
    data = 2 * np.exp(-1.3 * x)
    found = fitted_gains(lambda chips, g: scale[chips, None] * g[:, [0]] * np.exp(-g[:, [1]] * x) - data, CHIPS, 2)
    np.testing.assert_allclose(found, np.column_stack([2 / scale, np.full(CHIPS, 1.3)]), rtol=1e-5)


def test_a_gain_that_changes_nothing_stays_and_every_round_asks_for_all_at_once():
    calls = []

    def residuals(chips, g):
        calls.append(len(chips))
        return np.stack([g[:, 0] - 2, 0 * g[:, 1] + 1], axis=1)

    gains = fitted_gains(residuals, 5, 2)
    np.testing.assert_allclose(gains, np.tile([2.0, 1.0], (5, 1)), rtol=1e-9)
    assert calls[0] == 15 and len(calls) < 20  # three points of each of five chips


@pytest.mark.parametrize("chips", [1, 3])
def test_a_chip_is_fitted_as_if_it_were_alone(chips):
    residuals = lambda which, g: np.einsum("cpk,ck->cp", A[which], g) - DATA  # noqa: E731
    np.testing.assert_allclose(fitted_gains(residuals, chips, 2)[0], fitted_gains(residuals, CHIPS, 2)[0], rtol=1e-9)
