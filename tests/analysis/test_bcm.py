import numpy as np
import pytest
from scipy.optimize import brentq

from brian2chip.analysis import bcm
from brian2chip.plasticity.triplet import PRESETS, TRIPLET


def parameters(preset):
    return {**TRIPLET.parameters, **PRESETS[preset]}


# FACTS, section 2, "BCM mapping": thresholds computed from the published parameter sets.
@pytest.mark.parametrize(
    "preset, theta",
    [("visual_cortex_all_minimal", 19.2), ("visual_cortex_all_full", 18.1), ("hippocampus_all_minimal", 5.4)],
)
def test_thresholds_of_the_published_sets(preset, theta):
    found = bcm.triplet_threshold(parameters(preset))
    assert found.bcm_like
    assert found.rate_hz == pytest.approx(theta, abs=0.05)


def test_full_hippocampal_set_is_not_bcm_like():
    # FACTS, section 2: "HC all/full negative -> NOT BCM".
    found = bcm.triplet_threshold(parameters("hippocampus_all_full"))
    assert not found.bcm_like and found.rate_hz < 0
    assert "no depression" in found.why


@pytest.mark.parametrize("change, word", [({"A3_plus": 0.0}, "A3_plus is 0"), ({"all_to_all": 0.0}, "nearest")])
def test_sets_without_a_threshold_say_why(change, word):
    found = bcm.triplet_threshold(parameters("visual_cortex_all_minimal") | change)
    assert not found.bcm_like and np.isnan(found.rate_hz) and word in found.why


def test_threshold_moves_with_the_presynaptic_rate_only_in_the_full_model():
    for pre in (0.0, 10.0, 50.0):
        full, minimal = (parameters(f"visual_cortex_all_{kind}") for kind in ("full", "minimal"))
        theta = bcm.triplet_threshold(full, pre).rate_hz
        assert bcm.mean_change(pre or 1e-9, theta, full) == pytest.approx(0, abs=1e-12)
        assert bcm.triplet_threshold(minimal, pre).rate_hz == bcm.triplet_threshold(minimal).rate_hz


@pytest.mark.parametrize("preset", ["visual_cortex_all_full", "hippocampus_nearest_full"])
def test_mean_change_against_poisson_trains(preset):
    # Independent oracle: the rule's own sums over spikes on 150 pairs of random trains of 10 s.
    p = {k: float(np.asarray(v)) for k, v in parameters(preset).items()} | {"w_min": -np.inf, "w_max": np.inf}
    rng, seconds, rates = np.random.default_rng(3), 10.0, (10.0, 30.0)
    changes = []
    for _ in range(150):
        pre, post = (np.sort(rng.uniform(0, seconds, rng.poisson(rate * seconds))) for rate in rates)
        changes.append(TRIPLET.oracle(pre, post, p, {"w": 0.0})["w"] / seconds)
    sem = np.std(changes) / np.sqrt(len(changes))
    # The traces start empty: a transient of tau_x or tau_y (at most 0.6 s of 10 s) is part of the allowance.
    assert np.mean(changes) == pytest.approx(bcm.mean_change(*rates, p), abs=4 * sem + 0.06 * abs(bcm.mean_change(*rates, p)))


@pytest.mark.parametrize("preset", ["visual_cortex_all_minimal", "hippocampus_all_minimal", "visual_cortex_nearest_minimal"])
def test_measured_threshold_is_the_zero_of_the_curve(preset):
    p = parameters(preset)
    theta = brentq(lambda rate: bcm.mean_change(10, rate, p) / rate, 0.01, 50)
    rates = np.linspace(0, 50, 11)
    rng = np.random.default_rng(0)
    sem = 1e-4 * np.sqrt(rates / 10)
    noisy = bcm.threshold(rates, bcm.mean_change(10, rates, p) + sem * rng.normal(size=rates.size), sem)
    assert noisy.bcm_like
    assert abs(noisy.rate_hz - theta) < 4 * noisy.sem_hz < 0.2 * theta
    exact = bcm.threshold(rates, bcm.mean_change(10, rates, p))
    assert exact.rate_hz == pytest.approx(theta, rel=0.01) and np.isnan(exact.sem_hz)


def test_a_curve_that_the_fit_cannot_follow_widens_the_standard_error():
    p, rates = parameters("visual_cortex_nearest_minimal"), np.linspace(0, 50, 11)
    theta = brentq(lambda rate: bcm.mean_change(10, rate, p) / rate, 0.01, 50)
    found = bcm.threshold(rates, bcm.mean_change(10, rates, p), np.full(11, 1e-9))
    assert abs(found.rate_hz - theta) < 4 * found.sem_hz


def test_standard_error_of_the_measured_threshold_covers_its_scatter():
    p, rates, rng = parameters("visual_cortex_all_minimal"), np.linspace(0, 50, 11), np.random.default_rng(1)
    sem = np.full(rates.size, 5e-4)
    found = [bcm.threshold(rates, bcm.mean_change(10, rates, p) + sem * rng.normal(size=11), sem) for _ in range(200)]
    scatter = np.std([f.rate_hz for f in found])
    assert np.mean([f.sem_hz for f in found]) == pytest.approx(scatter, rel=0.3)


@pytest.mark.parametrize(
    "curve",
    [lambda r: r, lambda r: -r, lambda r: -r * (r - 20), lambda r: r * (r + 16), lambda r: 0 * r],
    ids=["LTP only", "LTD only", "LTP then LTD", "no depression", "nothing"],
)
def test_curves_that_are_not_bcm_like(curve):
    rates = np.linspace(0, 50, 11)
    assert not bcm.threshold(rates, curve(rates)).bcm_like


def test_noise_alone_has_no_threshold():
    rng, rates = np.random.default_rng(5), np.linspace(0, 50, 11)
    found = [bcm.threshold(rates, rng.normal(size=11), np.ones(11)).bcm_like for _ in range(300)]
    assert np.mean(found) < 0.02


def test_closed_forms_have_no_standard_error_and_no_closed_form_has_none():
    bcm_like, not_like = (
        bcm.triplet_threshold(parameters("visual_cortex_all_minimal")),
        bcm.triplet_threshold(parameters("hippocampus_all_full")),
    )
    assert bcm_like.sem_hz == 0 and not_like.sem_hz == 0
    assert np.isnan(bcm.triplet_threshold(parameters("visual_cortex_nearest_minimal")).sem_hz)


def test_the_full_set_says_how_much_its_threshold_grows_with_the_presynaptic_rate():
    # A3_minus*tau_minus*tau_x/(A3_plus*tau_plus*tau_y) = 2.3e-4*33.7*101/(6.2e-3*16.8*125), tables 3 of Pfister & Gerstner 2006.
    growth = 2.3e-4 * 33.7 * 101 / (6.2e-3 * 16.8 * 125)
    p = parameters("visual_cortex_all_full")
    found = bcm.triplet_threshold(p)
    assert f"{growth:.2g} Hz for each Hz" in found.why and "nearly" in found.why
    assert found.sem_hz == 0  # a closed form has no scatter
    assert bcm.triplet_threshold(p, 10.0).rate_hz - found.rate_hz == pytest.approx(10 * growth)
    assert "as in BCM" in bcm.triplet_threshold(parameters("visual_cortex_all_minimal")).why


def test_pairs_that_cancel_exactly_have_no_depression():
    p = parameters("visual_cortex_all_minimal") | {"A2_plus": 1.0, "A2_minus": 1.0, "tau_plus": 0.02, "tau_minus": 0.02}
    found = bcm.triplet_threshold(p)
    assert found.rate_hz == 0 and not found.bcm_like


@pytest.mark.parametrize(("points", "enough"), [(2, False), (3, True)])
def test_three_rates_that_changed_are_the_least(points, enough):
    rates = np.array([0.0, 5.0, 15.0, 25.0][: points + 1])
    found = bcm.threshold(rates, rates * (rates - 10), np.full(rates.size, 1e-3))
    assert ("fewer than three" not in found.why) == enough and found.bcm_like == enough


def test_rates_of_zero_missing_values_and_order_do_not_matter():
    rates = np.array([30.0, 5.0, 0.0, 10.0, 40.0, 15.0, 25.0])
    dw = rates * (rates - 20)
    dw[4] = np.nan
    found = bcm.threshold(rates, dw, np.full(rates.size, 1e-3))
    assert found.bcm_like and found.rate_hz == pytest.approx(20.0, abs=1e-6)
    # A rate at which nothing changed counts where it has a standard error, and not where it has none.
    still = np.array([-75.0, -100.0, 0.0, 125.0, 300.0])
    assert bcm.threshold([5, 10, 20, 25, 30], still, np.full(5, 1.0)).rate_hz == pytest.approx(20.0)
    assert bcm.threshold([5, 10, 20, 25, 30], still).rate_hz == pytest.approx(20.0)


def test_a_threshold_beyond_the_largest_rate_or_below_the_noise_is_none():
    # A rising line that would reach zero at 60 Hz, measured up to 50 Hz.
    rates = np.linspace(5, 50, 10)
    assert not bcm.threshold(rates, 1e-3 * rates * (rates - 60), np.full(10, 1e-4)).bcm_like
    # A crossing at 2 Hz, from 5, 10 and 15 Hz with errors of 1: known to sqrt(1/3 + 8^2/50) = 1.3 Hz only.
    found = bcm.threshold(rates, rates * (rates - 2), rates)
    assert not found.bcm_like and "stands out" in found.why


def test_a_straight_line_by_hand():
    # dw/rate = rate - 20 with errors of 1 at 15, 25: slope 1, variance of the mean 1/2, at the middle: sem = sqrt(1/2)/1.
    rates = np.array([15.0, 20.0 - 1e-9, 25.0])
    theta, sem, slope, slope_sem = bcm._root(rates, rates - 20, np.ones(3))
    # Least squares by hand: sem of the mean 1/sqrt(3), of the slope 1/sqrt(50).
    assert (theta, slope) == (pytest.approx(20), pytest.approx(1))
    assert (sem, slope_sem) == (pytest.approx(1 / np.sqrt(3), rel=1e-6), pytest.approx(1 / np.sqrt(50), rel=1e-6))


def test_a_parabola_is_taken_where_a_line_does_not_fit_and_its_nearer_root_counts():
    rates = np.linspace(5, 30, 6)
    curve = (rates - 20) * (rates + 40)  # roots at 20 and -40
    theta, _, slope, _ = bcm._root(rates, curve, np.full(6, 1e-3))
    assert theta == pytest.approx(20) and slope == pytest.approx(60)  # the derivative at 20: 20 + 40
    assert np.isnan(bcm._root(rates, (rates - 20) ** 2 + 5, np.full(6, 1e-3))[0])


def test_a_line_that_misses_by_no_more_than_chance_stays_a_line_with_wider_errors():
    # Six points and a line leave 4 degrees of freedom; a misfit of 8 is less than 4 + 3*sqrt(8) = 12.5. What is added is at right angles
    # to every line and not to every parabola.
    x = np.array([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0])
    bump = np.array([5.0, -1.0, -4.0, -4.0, -1.0, 5.0])  # the orthogonal quadratic of six points
    y = 2 * x + bump * np.sqrt(8 / np.sum(bump**2))
    theta, sem, slope, slope_sem = bcm._root(x, y, np.ones(6))
    assert (theta, slope) == (pytest.approx(0, abs=1e-9), pytest.approx(2))
    widened = np.sqrt(8 / 4)
    assert slope_sem == pytest.approx(widened / np.sqrt(70)) and sem == pytest.approx(widened / np.sqrt(6) / 2)  # sum of x^2 is 70
    larger = bcm._root(x, 2 * x + bump * np.sqrt(14 / np.sum(bump**2)), np.ones(6))
    assert abs(larger[0]) > 0.1  # a misfit of 14 is too much: the root is the parabola's
