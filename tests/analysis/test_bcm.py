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
