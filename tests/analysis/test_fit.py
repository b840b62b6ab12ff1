from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from brian2chip import protocols
from brian2chip.analysis.fit import fit_parameters
from brian2chip.analysis.fit_result import COLLINEAR
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
