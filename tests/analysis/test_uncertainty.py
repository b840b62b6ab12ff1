"""Profiles and resampled data against closed forms of a straight line; criteria by hand."""

import math
from dataclasses import replace

import numpy as np
import pytest

from brian2chip.analysis.fit import fit_parameters
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
