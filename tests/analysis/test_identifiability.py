"""What is said of parameters: widths, correlations and ends by hand."""

import numpy as np
import pytest

from brian2chip.analysis.identifiability import CUT, OUTER, TRADED, WIDE, Identifiability, identifiability


def made(width, correlation=0.0, ends=((0.0, 0.0), (0.0, 0.0))):
    return Identifiability(("a", "b"), np.array(width), np.array([[1, correlation], [correlation, 1]]), np.array(ends))


def test_widths_and_correlations_of_draws():
    rng = np.random.default_rng(1)
    even, narrow = rng.random(50_000), 0.5 + 0.01 * rng.standard_normal(50_000)
    found = identifiability(["even", "narrow", "same"], np.stack([even, narrow, 1 - narrow], axis=1))
    assert found.width == pytest.approx([1, 0.01 * np.sqrt(12), 0.01 * np.sqrt(12)], rel=0.02)
    assert found.correlation[1, 2] == pytest.approx(-1) and abs(found.correlation[0, 1]) < 0.02
    assert found.ends[0] == pytest.approx([OUTER, OUTER], abs=0.005) and not found.ends[1].any()
    assert found.undetermined == ("even",) and found.traded == (("narrow", "same", pytest.approx(-1)),)


def test_each_criterion_has_its_edge():
    assert made([WIDE, WIDE + 1e-6]).undetermined == ("b",)
    assert made([0.1, 0.1], -TRADED - 1e-6).traded == (("a", "b", -TRADED - 1e-6),) and made([0.1, 0.1], TRADED).traded == ()
    edge = CUT * OUTER
    assert made([0.1, 0.1], ends=((edge, 0), (edge + 1e-6, edge + 1e-6))).cut == (("b", "lower"), ("b", "upper"))
    assert made([0.1, 0.9], ends=((0, 0), (0.5, 0.5))).cut == ()  # of what is not determined nothing else is said


def test_words():
    said = made([0.1, 0.95]).statement()
    assert said == "The data do not determine b: its posterior is 0.95 times as wide as its prior (over 0.8)."
    assert made([0.1, 0.25]).statement() == "The data determine all parameters (widths at most 0.25 of the prior's)."
    assert "a and b trade against one another (correlation 0.95, beyond 0.9)" in made([0.1, 0.1], 0.95).statement()
    assert "The upper end of its prior cuts the posterior of a." in made([0.3, 0.3], ends=((0, 0.2), (0, 0))).statement()


def test_a_parameter_that_does_not_vary_has_no_correlation():
    found = identifiability(["a", "b"], np.stack([np.full(10, 0.5), np.linspace(0, 1, 10)], axis=1))
    assert found.correlation[0].tolist() == [0, 0]
