from dataclasses import FrozenInstanceError, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from brian2chip import protocols
from brian2chip.analysis.fit import fit_parameters
from brian2chip.analysis.fit_result import COLLINEAR
from brian2chip.analysis.least_squares import Space, starting_points
from brian2chip.analysis.uncertainty import allowed_cost
from brian2chip.errors import UserError

OPEN = [(None, None), (None, None)]
X = np.linspace(0, 1, 12)
rng = np.random.default_rng(4)
Y = 2 + 3 * X + 0.1 * rng.normal(size=X.size)


def line(p):
    return p[0] + p[1] * X - Y


def bi_poo(side):
    """Return dt (ms) and change (%) of the published points: dt > 0 or dt < -3 ms, where the sign of the data is reliable."""
    data = pd.read_csv(Path(next(iter(protocols.__path__))) / "data" / "bi_poo_1998.csv")
    data = data[data["source"] == "digitisation A"]
    dt, change = data["dt_ms_post_minus_pre"].to_numpy(), data["delta_epsc_percent"].to_numpy()
    chosen = dt > 0 if side == "LTP" else dt < -3
    return dt[chosen], change[chosen]


def fit_window(side):
    dt, change = bi_poo(side)
    sign = 1 if side == "LTP" else -1
    bounds = [(0, None) if sign > 0 else (None, 0), (0.1, 10000)]
    return fit_parameters(lambda p: p[0] * np.exp(-np.abs(dt) / p[1]) - change, ["A", "tau"], [50.0 * sign, 20.0], bounds)


def test_potentiation_of_bi_and_poo():
    # FACTS, section 1: "LTP A=73 % (se 16), tau=17.2 ms (se 9) [all dt>0]".
    fit = fit_window("LTP")
    assert fit.values == pytest.approx((73, 17.2), rel=0.01)
    assert fit.standard_errors == pytest.approx((16, 9), rel=0.03)
    assert not fit.ill_conditioned and "ill-conditioned" not in fit.statement


def test_depression_of_bi_and_poo_is_said_to_be_ill_conditioned():
    # FACTS, section 1: "LTD with dt<-3: A=-17..-23 %, tau=42..62 ms (se 21..57): LTD fit is ill-conditioned".
    fit = fit_window("LTD")
    assert fit.values == pytest.approx((-17, 62), rel=0.01)
    assert fit.standard_errors[1] == pytest.approx(57, rel=0.02)
    assert fit.ill_conditioned and fit.undetermined == ("tau",)
    assert "ill-conditioned" in fit.statement and "do not determine tau" in fit.statement
    assert list(fit.table()["determined"]) == [True, False]


def test_line_against_linear_regression():
    # Independent: scipy.stats.linregress, and the t distribution with n - 2 degrees of freedom.
    fit = fit_parameters(line, ["a", "b"], [0.0, 0.0], OPEN, confidence=0.9)
    known = stats.linregress(X, Y)
    assert fit.values == pytest.approx((known.intercept, known.slope), rel=1e-6)
    assert fit.standard_errors == pytest.approx((known.intercept_stderr, known.stderr), rel=1e-5)
    half = stats.t.ppf(0.95, 10) * known.stderr
    assert (fit.low[1], fit.high[1]) == pytest.approx((known.slope - half, known.slope + half), rel=1e-5)
    assert fit.rms == pytest.approx(np.sqrt(np.mean((known.intercept + known.slope * X - Y) ** 2)))
    assert "determine all parameters" in fit.statement


def test_intervals_cover_the_truth_as_often_as_they_say():
    source, covered = np.random.default_rng(0), 0
    for _ in range(200):
        y = 2 + 3 * X + source.normal(size=X.size)
        fit = fit_parameters(lambda p, y=y: p[0] + p[1] * X - y, ["a", "b"], [0.0, 0.0], OPEN, confidence=0.8)
        covered += fit.low[1] < 3 < fit.high[1]
    assert abs(covered - 160) < 4 * np.sqrt(200 * 0.8 * 0.2)


def test_units_do_not_matter():
    plain = fit_parameters(line, ["a", "b"], [1.0, 1.0], OPEN)
    scaled = fit_parameters(lambda p: line([p[0], 1e6 * p[1]]), ["a", "b"], [1.0, 1e-6], OPEN)
    assert scaled.values[1] * 1e6 == pytest.approx(plain.values[1], rel=1e-5)
    assert scaled.standard_errors[1] * 1e6 == pytest.approx(plain.standard_errors[1], rel=1e-4)
    assert scaled.condition_number == pytest.approx(plain.condition_number, rel=1e-4)


def test_parameters_that_trade_against_one_another():
    fit = fit_parameters(lambda p: (p[0] + (1 + 1e-6 * X) * p[1]) - Y, ["a", "b"], [1.0, 1.0], OPEN)
    assert fit.condition_number > COLLINEAR and fit.ill_conditioned and "trade against" in fit.statement


def test_parameter_that_changes_nothing():
    fit = fit_parameters(lambda p: p[0] + 3 * X - Y, ["a", "idle"], [1.0, 1.0], [(None, None), (0, 5)])
    assert fit.undetermined == ("idle",) and fit.condition_number == np.inf and fit.ill_conditioned
    assert np.isnan(fit.standard_errors[1])


def test_amplitude_that_could_be_zero():
    fit = fit_parameters(lambda p: p[0] + 3 * X + p[1] * X**2 - Y, ["a", "b"], [1.0, 1.0], [(None, None), (0, None)])
    assert fit.vanishing == ("b",) and not fit.ill_conditioned and "from zero" in fit.statement


def test_best_value_on_a_bound():
    fit = fit_parameters(line, ["a", "b"], [1.0, 1.0], [(None, None), (0.5, 2)])
    assert fit.on_bound == ("b",) and fit.values[1] == pytest.approx(2, rel=1e-5)
    assert np.isnan(fit.low[1]) and np.isfinite(fit.low[0]) and "ended on a bound" in fit.statement


def test_several_starts_find_the_deeper_minimum():
    x = np.linspace(0, 3, 30)

    def residuals(p):
        return np.sin(p[0] * x) + p[1] - np.sin(7 * x)

    bounds = [(0.1, 10), (-1, 1)]
    one = fit_parameters(residuals, ["k", "b"], [1.0, 0.0], bounds)
    many = fit_parameters(residuals, ["k", "b"], [1.0, 0.0], bounds, starts=20)
    assert one.rms > 0.1 and many.rms < 1e-6 and many.values[0] == pytest.approx(7)
    again = fit_parameters(residuals, ["k", "b"], [1.0, 0.0], bounds, starts=20)
    assert again == many


def test_progress_ends_at_one_and_evaluations_are_counted():
    seen, calls = [], []

    def residuals(p):
        calls.append(1)
        return line(p)

    fit = fit_parameters(residuals, ["a", "b"], [0.0, 0.0], [(-9, 9), (None, None)], starts=2, progress=seen.append)
    assert seen == [0.25, 0.5, 0.75, 1.0] and fit.n_evaluations == len(calls)
    with pytest.raises(FrozenInstanceError):
        fit.rms = 0


@pytest.mark.parametrize(
    "residuals, start, bounds, word",
    [
        (line, [0.0, 5.0], [(None, None), (0, 4)], "between its bounds"),
        (line, [0.0, np.nan], OPEN, "would start b"),
        (lambda p: p[:2], [0.0, 0.0], OPEN, "2 data points"),
        (lambda p: np.full(5, np.nan), [0.0, 0.0], OPEN, "not finite"),
    ],
)
def test_fits_that_cannot_start_say_why(residuals, start, bounds, word):
    with pytest.raises(UserError, match=word):
        fit_parameters(residuals, ["a", "b"], start, bounds)


def test_the_first_start_is_the_given_one_and_the_others_are_drawn_within_bounds_or_a_factor_of_ten():
    low, high = np.array([2.0, -np.inf, 0.0]), np.array([3.0, np.inf, np.inf])
    space = Space(("a", "b", "c"), low, high)
    points = starting_points(np.array([2.5, 4.0, 5.0]), space, 400, 1)
    assert points.shape == (400, 3) and points[0].tolist() == [2.5, 4.0, 5.0]
    # Uniform between two bounds, log-uniform within a factor of ten elsewhere: all of the range is used and nothing beyond it.
    for column, (a, b) in zip(points[1:].T, ((2, 3), (0.4, 40), (0.5, 50))):
        assert a <= column.min() < a + 0.05 * (b - a) and b - 0.05 * (b - a) < column.max() <= b
    assert np.median(points[1:, 1]) == pytest.approx(4.0, rel=0.25) and np.mean(points[1:, 0]) == pytest.approx(2.5, abs=0.05)
    again = starting_points(np.array([2.5, 4.0, 5.0]), space, 400, 1)
    assert np.array_equal(points, again) and len(starting_points(np.ones(1), Space(("a",), low[:1], high[:1]), 1, 1)) == 1


def test_a_start_on_a_bound_is_allowed():
    for start, bounds in (([0.0, 5.0], [(0, None), (None, 5)]), ([0.0, -1.0], [(None, 0), (-1, 5)])):
        assert np.isfinite(fit_parameters(line, ["a", "b"], start, bounds).rms)


def test_as_many_data_as_parameters_are_too_few_and_one_more_is_enough():
    with pytest.raises(UserError, match="2 parameters cannot be fitted to 2 data points"):
        fit_parameters(lambda p: line(p)[:2], ["a", "b"], [0.0, 0.0], OPEN)
    fit = fit_parameters(lambda p: line(p)[[0, 5, 11]], ["a", "b"], [0.0, 0.0], OPEN)
    assert fit.n_data == 3 and np.isfinite(fit.standard_errors).all()


def test_what_is_not_known_to_its_own_size_is_not_determined_where_parameters_depend_on_one_another():
    fit = replace(fit_parameters(line, ["a", "b"], [0.0, 0.0], OPEN), values=(2.0, 3.0), standard_errors=(5.0, 1.0))
    assert list(replace(fit, condition_number=31.0).table()["determined"]) == [False, True]
    assert list(replace(fit, condition_number=3.0).table()["determined"]) == [True, True]


@pytest.mark.parametrize(("condition", "undetermined", "ill"), [(30.0, (), False), (30.001, (), True), (1.0, ("b",), True)])
def test_a_condition_number_above_30_is_ill_conditioned(condition, undetermined, ill):
    # Belsley, Kuh & Welsch 1980, chapter 3: strong dependencies above 30.
    fit = replace(fit_parameters(line, ["a", "b"], [0.0, 0.0], OPEN), condition_number=condition, undetermined=undetermined)
    assert fit.ill_conditioned == ill and list(fit.table()["determined"]) == [True, "b" not in undetermined]


def test_the_condition_number_is_that_of_columns_of_unit_length():
    fit = fit_parameters(line, ["a", "b"], [0.0, 0.0], OPEN)
    # Two unit columns with cosine c: the eigenvalues of their products are 1 + c and 1 - c.
    c = X.sum() / np.sqrt(X.size * (X**2).sum())
    assert fit.condition_number == pytest.approx(np.sqrt((1 + c) / (1 - c)), rel=1e-4)
    assert f"condition number {fit.condition_number:.3g}" in fit.statement and fit.n_data == 12 and fit.confidence == 0.95


def test_what_the_data_allow_is_the_f_test():
    from types import SimpleNamespace

    best = SimpleNamespace(fun=np.ones(12), x=np.ones(2), cost=6.0)
    # Bates & Watts 1988, section 6.1, one parameter moved: S(moved) <= S(best)*(1 + F(1, 10)/10); F is the square of Student's t.
    assert allowed_cost(best, 0.95) == pytest.approx(6.0 * (1 + stats.t.ppf(0.975, 10) ** 2 / 10))


def test_an_interval_that_reaches_zero_is_called_rough():
    # Slope 3, standard error about 2: three in four say it is not zero, the interval of 95 % holds it.
    y = 2 + 3 * X + 2.5 * np.random.default_rng(1).normal(size=X.size)
    fit = fit_parameters(lambda p: p[0] + p[1] * X - y, ["a", "b"], [0.0, 0.0], OPEN)
    assert fit.low[1] < 0 < fit.high[1] and not fit.ill_conditioned
    assert "only roughly determined" in fit.statement and "interval of" in fit.statement and "95%" in fit.statement
    certain = fit_parameters(line, ["a", "b"], [0.0, 0.0], OPEN)
    assert certain.low[1] > 0 and "roughly" not in certain.statement


def test_a_fit_that_ends_on_a_bound_has_no_interval_there_and_one_for_the_rest():
    fit = fit_parameters(line, ["a", "b"], [1.0, 1.0], [(None, None), (None, 2)])
    assert fit.on_bound == ("b",) and np.isnan(fit.standard_errors[1]) and np.isnan(fit.high[1])
    # With the slope held at 2 the offset is a mean: error s/sqrt(n) with n - 1 degrees of freedom.
    rest = Y - 2 * X
    assert fit.values[0] == pytest.approx(rest.mean(), rel=1e-4)
    assert fit.standard_errors[0] == pytest.approx(rest.std(ddof=1) / np.sqrt(12), rel=1e-3)
    assert fit.high[0] - fit.values[0] == pytest.approx(stats.t.ppf(0.975, 11) * fit.standard_errors[0], rel=1e-6)


def test_one_parameter_that_could_be_zero_or_not():
    small = 0.1 * np.random.default_rng(2).normal(size=X.size)
    for y, vanishing in ((small, ("a",)), (small + 1, ())):
        fit = fit_parameters(lambda p, y=y: p[0] - y, ["a"], [0.5], [(0, None)])
        assert fit.vanishing == vanishing and fit.undetermined == ()
        assert ("do not tell a from zero" in fit.statement) == bool(vanishing)


def test_progress_counts_starts_and_bounds_and_may_be_left_out():
    for starts, bounds, steps in ((1, OPEN, 1), (3, [(0, 9), (0, 9)], 7)):
        seen = []
        fit_parameters(line, ["a", "b"], [1.0, 1.0], bounds, starts=starts, progress=seen.append)
        assert seen == pytest.approx(np.arange(1, steps + 1) / steps)
