"""What is said of a fit: which parameters are called rough, undetermined, vanishing or held, and when all is well."""

from types import SimpleNamespace

import numpy as np
import pytest

from brian2chip.analysis.fit_statement import statement

WELL = "The 9 data points determine all parameters (condition number 3)."


def said(low, high, x=(1.0, 1.0), condition=3.0, lower=False, **which):
    best = SimpleNamespace(fun=np.zeros(9), x=np.array(x))
    lists = {"undetermined": (), "vanishing": (), "on_bound": ()} | which
    return statement(["a", "b"], best, np.array([low, high]), **lists, condition=condition, confidence=0.95, lower=lower)


@pytest.mark.parametrize(
    ("low", "high", "rough"),
    [
        ((0.5, 0.5), (2.0, 2.0), ""),
        ((-2.0, 0.5), (-0.5, 2.0), ""),  # all of it below zero
        ((-0.5, 0.5), (2.0, 2.0), "a"),
        ((0.0, 0.5), (2.0, 2.0), "a"),  # zero itself is reached, from above and from below
        ((-2.0, 0.5), (0.0, 2.0), "a"),
        ((-0.5, -0.5), (2.0, 2.0), "a and b"),
    ],
)
def test_an_interval_that_holds_zero_is_rough(low, high, rough):
    assert said(low, high) == (f"The 95% interval of {rough} reaches zero: only roughly determined." if rough else WELL)


@pytest.mark.parametrize(
    ("which", "words"),
    [
        ({"undetermined": ("a",)}, "do not determine a; the other parameters"),
        ({"vanishing": ("a",)}, "do not tell a from zero (95%)."),
        ({"on_bound": ("a",)}, "a ended on a bound, without an interval."),
    ],
)
def test_what_is_said_otherwise_is_not_called_rough(which, words):
    text = said((-1.0, 0.5), (2.0, 2.0), **which)
    assert words in text and "roughly" not in text


def test_what_vanishes_on_a_bound_is_said_once():
    assert said((0.0, 0.5), (2.0, 2.0), vanishing=("a",), on_bound=("a",)) == "The data do not tell a from zero (95%)."
    both = said((0.0, 0.5), (2.0, 2.0), vanishing=("a",), on_bound=("a", "b"))
    assert both.endswith("b ended on a bound, without an interval.")


def test_a_condition_number_and_a_better_fit_are_told():
    # Belsley, Kuh & Welsch 1980, chapter 3: strong dependencies above 30.
    assert said((0.5, 0.5), (2.0, 2.0), condition=30.0).startswith("The 9 data points determine all")
    assert "trade against one another (condition number 31 > 30)" in said((0.5, 0.5), (2.0, 2.0), condition=31.0)
    assert "a parameter changes nothing" in said((0.5, 0.5), (2.0, 2.0), condition=np.inf)
    assert said((0.5, 0.5), (2.0, 2.0), lower=True) == "A profile came upon a better fit than this one; fit again from several starts."
