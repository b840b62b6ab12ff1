"""Profiles and resampled data against closed forms of a straight line; criteria by hand."""

import math
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from brian2chip.analysis import uncertainty
from brian2chip.analysis.fit import fit_parameters
from brian2chip.analysis.least_squares import Space
from brian2chip.errors import UserError

X = np.linspace(0, 1, 12)
Y = 2 + 3 * X + 0.1 * np.random.default_rng(4).normal(size=X.size)
OPEN = [(None, None), (None, None)]


def line(rows):
    rows = np.atleast_2d(rows)
    return rows[:, :1] + rows[:, 1:] * X - Y


def fitted(residuals=line, start=(0.0, 0.0), bounds=OPEN, **how):
    return fit_parameters(residuals, ["a", "b"], start, bounds, vectorized=True, **how)


def test_the_profile_of_a_straight_line_is_the_interval_of_student():
    # For a linear model the F test of one parameter and the t interval are one (Bates & Watts 1988, section 6.1).
    known, profile = fitted(), fitted(intervals="profile")
    np.testing.assert_allclose([profile.low, profile.high], [known.low, known.high], rtol=1e-3)
    assert profile.intervals == "profile" and "determine all parameters" in profile.statement


def test_a_profile_ends_on_a_bound_that_the_data_allow():
    for bounds, end in (((2.9, 3.05), "both"), ((None, 3.05), "high"), ((2.9, None), "low")):
        fit = fitted(bounds=[(None, None), bounds], start=(0.0, 3.0), intervals="profile")
        assert fit.undetermined == ("b",) and "do not determine b" in fit.statement
        assert (fit.low[1] == 2.9) == (end in ("both", "low")) and (fit.high[1] == 3.05) == (end in ("both", "high"))


def test_a_flat_profile_has_no_end():
    fit = fitted(lambda rows: 0 * np.atleast_2d(rows)[:, 1:] + np.atleast_2d(rows)[:, :1] - Y, (1.0, 1.0), intervals="profile")
    assert fit.undetermined == ("b",) and (fit.low[1], fit.high[1]) == (-math.inf, math.inf)


def test_a_profile_that_meets_a_better_fit_says_so():
    def two_valleys(rows):
        a, b = np.atleast_2d(rows).T[:, :, None]
        return np.hstack([0.3 * (a + 1) * (a - 2), 1 - 0.1 * a, b, np.ones((len(a), 10))])  # the second valley, at 2, is the deeper one

    for start, worse in ((-1.0, True), (2.0, False)):
        fit = fitted(two_valleys, (start, 0.0), intervals="profile")
        assert np.sign(fit.values[0]) == np.sign(start) and ("better fit" in fit.statement) == worse


def test_resampled_data_give_the_interval_of_student_but_for_its_tails():
    known, fit = fitted(), fitted(intervals="bootstrap", samples=1000, confidence=0.8)
    # The normal distribution in the place of Student's: 1.2816 standard errors for 80 %, to 7 % with 1000 samples.
    half = 1.2816 * np.array(known.standard_errors)
    np.testing.assert_allclose(np.subtract(fit.high, fit.values), half, rtol=0.1)
    np.testing.assert_allclose(np.subtract(fit.values, fit.low), half, rtol=0.1)
    few = dict(intervals="bootstrap", samples=20, confidence=0.8)
    assert fitted(**few) == fitted(**few)


def test_vectors_at_once_and_one_by_one_find_the_same():
    one = fit_parameters(lambda v: line(v)[0], ["a", "b"], [0.0, 0.0], OPEN)
    assert fitted().values == one.values and fitted().n_calls < one.n_calls == one.n_evaluations


def test_criteria_by_hand():
    fit = replace(fitted(), rms=2.0, n_data=10, known_errors=True)
    assert fit.chi2 == 40 and fit.aic == 40 + 4
    assert fit.aicc == pytest.approx(44 + 2 * 2 * 3 / 7) and fit.bic == pytest.approx(40 + 2 * math.log(10))
    unknown = replace(fit, known_errors=False)  # the error is a third parameter
    assert unknown.aic == pytest.approx(10 * math.log(4) + 6) and unknown.aicc == pytest.approx(unknown.aic + 2 * 3 * 4 / 6)
    assert unknown.bic == pytest.approx(10 * math.log(4) + 3 * math.log(10))
    assert replace(fit, n_data=3).aicc == math.inf and replace(unknown, rms=0.0).aic == -math.inf
    assert list(fit.criteria()) == ["chi2", "AIC", "AICc", "BIC"]


@pytest.mark.parametrize(
    ("how", "words"),
    [
        ({"search": "annealing"}, "search"),
        ({"intervals": "profiles"}, "did you mean 'profile'"),
        ({"starts": 0}, "starts was given as 0"),
        ({"samples": 1.5}, "samples was given as 1.5"),
        ({"confidence": 1.0}, "confidence was given as 1.0"),
    ],
)
def test_choices_that_there_are_not_are_one_sentence(how, words):
    with pytest.raises(UserError, match=words):
        fitted(**how)


@pytest.mark.parametrize(("bound", "held"), [(2.0, True), (2.99, False)])
def test_a_bound_holds_a_parameter_when_the_data_pull_beyond_it(bound, held):
    # The slope of the data is 3 with a standard error of about 0.1.
    fit = fitted(bounds=[(None, None), (None, bound)], start=(0.0, 1.0))
    assert fit.values[1] == pytest.approx(bound, abs=1e-4) and (fit.on_bound == ("b",)) == held
    assert np.isnan(fit.standard_errors[1]) == held
    if not held:
        np.testing.assert_allclose(fit.standard_errors, fitted().standard_errors, rtol=0.05)


def test_a_profile_begins_with_the_interval_of_the_jacobian_or_a_tenth_of_the_value(monkeypatch):
    """Known half-widths, cut to the room between the bounds; without one a tenth of the value, at least a thousandth of the room."""
    low, high = np.array([0.0, 0.0, -np.inf, 0.0, 0.0, -np.inf]), np.array([np.inf, 2.0, np.inf, 5.0, 5.0, np.inf])
    half = np.array([0.25, 9.0, np.nan, np.inf, 0.0, np.nan])
    best = SimpleNamespace(x=np.array([1.0, 1.0, -30.0, 2.0, 0.0, 0.0]), cost=1.0)
    steps = []
    monkeypatch.setattr(
        uncertainty, "profile_limit", lambda best, k, side, space, allowed, step: steps.append((side, k, step)) or (k, side)
    )
    monkeypatch.setattr(uncertainty, "side_by_side", lambda searches, *_: [(side * 7.0, 1.0) for _, side in searches])
    ends, undetermined, lower = uncertainty.profiles(best, Space(tuple("abcdef"), low, high), 2.0, half, None, None)
    # 0.1*30; 0.1*2; 0.1*1e-3*5; and where there are neither bounds nor a value, the smallest size: 0.1*1e-3*1e-12
    expected = [0.25, 2.0, 3.0, 0.2, 5e-4, 1e-16]
    for side in (-1, 1):
        assert [step for s, _, step in steps if s == side] == pytest.approx(expected, rel=1e-12, abs=0)
    assert ends.tolist() == [[-7.0] * 6, [7.0] * 6] and undetermined == [] and not lower


def held(x, fun, slope=((1.0, 0.0), (0.0, 1.0), (0.0, 0.0))):
    """Return what is found where the second of two parameters lies on a bound; the data pull it by the second residual."""
    fun = np.array(fun, float)
    best = SimpleNamespace(x=np.array([1.0, x]), active_mask=np.array([0, -1]), jac=np.array(slope), fun=fun, cost=0.5 * np.sum(fun**2))
    return uncertainty.from_jacobian(best, best.cost + 0.5)[0]


def test_a_bound_of_zero_holds_and_another_does_where_the_data_pull():
    # Columns of unit length: beyond the bound the cost would fall by half the square of the second residual, and it may rise by 0.5.
    assert np.isfinite(held(2.0, [0, 0.9, 1])).tolist() == [True, True]
    assert np.isfinite(held(2.0, [0, 1.1, 1])).tolist() == [True, False]
    assert np.isfinite(held(0.0, [0, 0.9, 1])).tolist() == [True, False]  # an amplitude of zero is none
    assert np.isfinite(held(-2.0, [0, 0.9, 1])).tolist() == [True, True]
    assert np.isfinite(held(2.0, [0, 0, 1], ((1, 0), (0, 0), (0, 0)))).tolist() == [True, False]  # it changes nothing
    # Squares sum to 0.81 + 1; three data points less two parameters leave one; less one, two.
    assert held(2.0, [0, 0.9, 1])[0] == pytest.approx(np.sqrt(1.81)) and held(0.0, [0, 0.9, 1])[0] == pytest.approx(np.sqrt(1.81 / 2))


def test_resampled_residuals_scatter_as_much_as_those_of_the_fit(monkeypatch):
    """Data drawn anew differ from the fitted model by errors whose variance is the sum of squares over the degrees of freedom."""
    best = SimpleNamespace(fun=np.linspace(-3, 3, 4000), x=np.zeros(3), cost=0.0)
    best.cost = 0.5 * np.sum(best.fun**2)
    monkeypatch.setattr(uncertainty, "minimise", lambda ask, space, start, tolerance: SimpleNamespace(x=ask(np.zeros((1, 3)))[0]))
    found = uncertainty.resampled(best, None, np.random.default_rng(1))(lambda rows: best.fun[None])
    assert np.std(found) == pytest.approx(np.sqrt(np.sum(best.fun**2) / 3997), rel=0.05)  # 4000 draws: 1.1 % standard error
    assert abs(np.mean(found)) < 4 * 1.73 / np.sqrt(4000) and abs(np.corrcoef(found, best.fun)[0, 1]) < 4 / np.sqrt(4000)
