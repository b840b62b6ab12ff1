"""Derivatives are scipy's, restarts leave flat valleys, random starts lie where they are said to lie."""

from functools import partial

import numpy as np
import pytest
from scipy.optimize._numdiff import approx_derivative

from brian2chip.analysis import least_squares
from brian2chip.analysis.fit import fit_parameters
from brian2chip.analysis.least_squares import STEP, Space, evolved_start, minimise, scaled_starts, settled, starting_points
from brian2chip.analysis.lockstep import side_by_side

T = np.linspace(0, 3, 30)
OPEN = np.full(2, np.inf)


def decay(rows):
    return rows[:, :1] * np.exp(-T / rows[:, 1:]) - 2 * np.exp(-T / 0.7)


@pytest.mark.parametrize("x", [[1.0, 0.5], [0.0, 0.5], [3.0, 1.0], [-1.0, 0.1]])
def test_derivatives_are_those_of_scipy(x):
    x, low, high = np.array(x), np.array([-1.0, 0.1]), np.array([3.0, 1.0])
    points = least_squares._neighbours(x, low, high)
    known = approx_derivative(lambda v: decay(v[None])[0], x, rel_step=STEP, method="2-point", bounds=(low, high))
    found = ((decay(points) - decay(x[None])) / np.diag(points - x)[:, None]).T
    np.testing.assert_array_equal(found, known)
    assert ((points >= low) & (points <= high)).all()


@pytest.mark.parametrize("at_once", [True, False])
def test_a_point_and_its_derivatives_are_asked_for_at_once_or_one_after_the_other(at_once):
    asked = []

    def ask(rows):
        asked.append(len(rows))
        return decay(rows)

    found = minimise(ask, Space(("a", "tau"), -OPEN, OPEN, at_once), np.array([1.0, 1.0]))
    np.testing.assert_allclose(found.x, [2, 0.7], rtol=1e-7)
    assert set(asked) == ({3} if at_once else {1, 2})


def test_a_search_begins_again_until_that_gains_nothing(monkeypatch):
    ends = iter([4.0, 2.0, 2.0 * (1 - 1e-7)])
    begun = []

    def ends_early(ask, space, start, tolerance):
        begun.append(float(start[0]))
        cost = next(ends)
        return type("Result", (), {"cost": cost, "x": np.array([cost])})()

    monkeypatch.setattr(least_squares, "minimise", ends_early)
    assert settled(None, None, np.array([9.0])).cost == 2.0 and begun == [9.0, 4.0, 2.0]


def test_starts_fill_bounds_that_lie_far_apart_on_a_logarithmic_scale():
    points = starting_points(np.array([1.0]), Space(("tau",), np.array([1e-4]), np.array([1e2])), 401, 3)[1:, 0]
    # A Latin hypercube: each of the 400 equal parts of the six decades holds one point.
    assert np.array_equal(np.sort(np.floor(400 * (np.log10(points) + 4) / 6)), np.arange(400))


def waves(rows):
    return np.sin(rows[:, :1] * T) + rows[:, 1:] - np.sin(7 * T)


def test_evolution_finds_the_deeper_minimum_and_searches_may_run_side_by_side():
    space = Space(("k", "b"), np.array([0.1, -1.0]), np.array([10.0, 1.0]), True)
    start = np.array([1.0, 0.0])
    assert minimise(waves, space, start).cost > 0.1
    _, end = evolved_start(waves, start, space, 1)
    assert settled(waves, space, end).x[0] == pytest.approx(7)
    fit = fit_parameters(waves, ["k", "b"], start, [(0.1, 10), (-1, 1)], search="differential_evolution", vectorized=True)
    assert fit.values[0] == pytest.approx(7)
    together = side_by_side([partial(minimise, space=space, start=np.array([x, 0.0])) for x in (1.0, 6.5)], waves)
    assert [one.x.tolist() for one in together] == [minimise(waves, space, np.array([x, 0.0])).x.tolist() for x in (1.0, 6.5)]


def test_derivatives_step_away_from_a_bound_that_is_in_the_way():
    # Steps are 1e-5 of the value, away from zero; at a bound they go to the other side, and where neither has room, to the further bound.
    x, low, high = np.array([2.0, 2.0, -2.0, 2.0]), np.array([1.0, 1.0, -2.0, 2.0 - 4e-6]), np.array([3.0, 2.0, 0.0, 2.0 + 1e-6])
    moved = np.diag(least_squares._neighbours(x, low, high) - x)
    np.testing.assert_allclose(moved, [2e-5, -2e-5, 2e-5, -4e-6], rtol=1e-6)


@pytest.mark.parametrize(("high", "logarithmic"), [(100.0, False), (101.0, True)])
def test_starts_are_drawn_on_a_logarithmic_scale_where_the_bounds_are_further_apart_than_100(high, logarithmic):
    points = starting_points(np.array([2.0]), Space(("tau",), np.array([1.0]), np.array([high])), 401, 3)[1:, 0]
    assert np.mean(points < np.sqrt(high)) == pytest.approx(0.5 if logarithmic else 9 / 99, abs=0.01)  # below 10 of 1 to 100


def test_random_starts_without_bounds_are_scaled_to_where_the_residuals_are_smallest():
    """Residuals x - 7e-3 and 1e3*(x - 7e-3): of the powers of ten by which a start is scaled, the nearest counts, not the lowest."""
    ask = lambda rows: (rows - 7e-3) * [1.0, 1e3]  # noqa: E731
    space = Space(("x",), -OPEN[:1], OPEN[:1])
    start = np.array([5.0])
    found, plain = (f(start=start, space=space, n=6, seed=1) for f in (partial(scaled_starts, ask), starting_points))
    assert found[0] == plain[0] == 5.0
    for point, unscaled in zip(found[1:, 0], plain[1:, 0]):
        assert point == min(unscaled * 10.0 ** np.arange(-4, 2), key=lambda x: abs(x - 7e-3))


def test_evolution_goes_where_the_squares_are_smallest():
    """Residuals x - 3 and x - 5: their sum is smallest at the bound, the sum of their squares at 4."""
    space = Space(("x",), np.array([-10.0]), np.array([10.0]))
    start, end = evolved_start(lambda rows: rows - [3.0, 5.0], np.array([1.0]), space, 1)
    assert start.tolist() == [1.0] and end[0] == pytest.approx(4.0, abs=0.05)
