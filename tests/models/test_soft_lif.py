"""Soft-LIF units: response and slope by mpmath and by differences, noise by sums over many spikes and by its distribution."""

import mpmath
import numpy as np
import pytest

from brian2chip.core.soft_lif_config import CIFAR, SoftLif
from brian2chip.errors import UserError
from brian2chip.learning.conversion.verify import TOLERANCE, computed, differences
from brian2chip.models import soft_lif


def response(units, z, wanted="y", noisy="0", given=None):
    return computed(soft_lif.activation(units, noisy), wanted, {"z": np.asarray(z, float), **(given or {})}, soft_lif.constants(units))


def by_mpmath(units, z):
    """The formula as it is printed, with 60 digits, and its derivative by mpmath's differences."""
    with mpmath.workdps(60):

        def y(z):
            j = units.smoothing * mpmath.log1p(mpmath.exp(units.gain * z / units.smoothing))
            return units.amplitude / (units.tau_ref + units.tau_rc * mpmath.log1p(1 / j))

        return float(y(mpmath.mpf(z))), float(mpmath.diff(y, mpmath.mpf(z)))  # fmt: skip


@pytest.mark.parametrize("units", [SoftLif(), CIFAR, SoftLif(smoothing=1.0)], ids=["mnist", "cifar", "wide"])
def test_response_and_slope_are_those_of_the_formula_far_below_and_above_threshold(units):
    z = [-40.0, -20.0, -3.0, -0.4, -1e-3, 0.0, 1e-9, 0.02, 0.7, 9.0, 30.0]  # at -40 the exponential of the formula is exp(-2000)
    expected = np.array([by_mpmath(units, each) for each in z]).T
    np.testing.assert_allclose(response(units, z), expected[0], rtol=1e-12)
    np.testing.assert_allclose(response(units, z, "slope"), expected[1], rtol=1e-11)


def test_tables_are_met_by_brian2():
    found = differences()
    assert len(found) == 18 and found.difference.max() < TOLERANCE  # the tolerance of the facts


@pytest.mark.slow
def test_tables_are_met_by_the_compiled_program():
    assert differences("cpp_standalone").difference.max() < TOLERANCE


@pytest.mark.parametrize("tau_rc", [None, 0.03])
def test_a_filtered_spike_train_is_the_sum_of_all_spikes_before(tau_rc):
    """The response to one spike is convolved numerically with the membrane, and summed over 400 spikes of the past."""
    tau, period, since = 4e-3, 0.017, np.array([0.0, 1e-3, 5e-3, 0.0163])
    ages = since[:, None] + period * np.arange(400)
    if tau_rc is None:
        code, one = soft_lif.ALPHA, ages / tau**2 * np.exp(-ages / tau)
    else:  # the integral of the alpha function times the membrane's response, by Gauss-Legendre
        code = soft_lif.ALPHA_RC
        nodes, weights = np.polynomial.legendre.leggauss(200)
        s = ages[..., None] * (nodes + 1) / 2
        inside = s / tau**2 * np.exp(-s / tau) * np.exp(-(ages[..., None] - s) / tau_rc) / tau_rc
        one = (inside * weights).sum(-1) * ages / 2
    found = computed(code, "filtered", {"since": since, "period": np.full(4, period)}, {"tau_syn": tau, "tau_rc": tau_rc or 1.0})
    np.testing.assert_allclose(found, one.sum(1), rtol=1e-6)


@pytest.mark.parametrize("noise", ["alpha", "alpha_rc"])
def test_filtered_noise_has_the_mean_of_the_rate(noise):
    units = SoftLif(noise=noise)
    y, quiet = (response(units, np.full(40_000, 1.3), noisy=on) for on in ("1", "0"))
    clean = response(SoftLif(), [1.3])[0]
    assert quiet == pytest.approx(clean, rel=1e-12) and y.std() > 0
    assert y.mean() == pytest.approx(clean, abs=5 * y.std() / 200)  # 200 is the root of the draws


def test_gaussian_noise_is_where_the_neuron_fires_and_never_makes_a_rate_negative():
    units, n = SoftLif(noise="gaussian", noise_hz=10.0), 40_000
    firing, silent = response(units, np.full(n, 4.0), noisy="1"), response(units, np.full(n, -0.01), noisy="1")
    clean = response(SoftLif(), [4.0, -0.01])
    assert np.all(silent == pytest.approx(clean[1], rel=1e-12)) and np.ptp(silent) == 0
    rates = firing / units.amplitude
    assert rates.std() == pytest.approx(10, rel=0.03) and rates.mean() == pytest.approx(clean[0] / units.amplitude, abs=0.3)
    low = response(SoftLif(noise="gaussian", noise_hz=300.0), np.full(n, 0.1), noisy="1")
    assert low.min() == 0 and np.mean(low == 0) > 0.4


@pytest.mark.parametrize("noise", ["gaussian", "alpha", "alpha_rc"])
def test_the_slope_does_not_know_of_the_noise(noise):
    z = np.linspace(-1, 4, 20)
    np.testing.assert_array_equal(response(SoftLif(noise=noise), z, "slope", noisy="1"), response(SoftLif(), z, "slope"))


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"noise": "gauss"}, "noise of soft-LIF units called 'gauss'"),
        ({"noise_hz": -1.0}, "a standard deviation must not be negative"),
        ({"tau_rc": 0.0}, "tau_rc of soft-LIF units was given as 0.0; it must be finite and positive"),
        ({"smoothing": float("nan")}, "smoothing of soft-LIF units was given as nan"),
        ({"noise": "alpha_rc", "tau_syn": 0.022}, "with the noise 'alpha_rc' they must differ"),
        ({"gain": "1"}, "gain of soft-LIF units was given as '1'; it must be a number"),
    ],
)
def test_constants_that_cannot_be_are_one_sentence(given, sentence):
    with pytest.raises(UserError, match=sentence):
        SoftLif(**given)
