"""Distances, divergence and rates of spike trains by hand."""

import numpy as np
import pytest

from brian2chip.analysis import spike_trains

DT, TAU = 1e-3, 5e-3


def train(*steps, length=200):
    """Return one train as bool [steps, 1 neuron]."""
    spikes = np.zeros((length, 1), bool)
    spikes[list(steps)] = True
    return spikes


@pytest.mark.parametrize(
    ("a", "b", "squared"),
    # Van Rossum 2001: 1/tau times the integral of (f - g)^2. One spike is exp(-t/tau), whose square integrates to tau/2; the product of
    # two spikes d apart integrates to tau/2*exp(-d/tau).
    [
        ([3], [3], 0.0),
        ([3], [], 0.5),
        ([3], [190], 1.0),
        ([3], [13], 1 - np.exp(-2)),
        ([3, 13], [], 1 + np.exp(-2)),
        ([199], [], 0.5),  # a spike in the last step has its whole tail
        ([0], [199], 1.0),
    ],
)
def test_van_rossum_distance(a, b, squared):
    for first, second in ((a, b), (b, a)):
        found = spike_trains.van_rossum(train(*first), train(*second), DT, TAU)
        assert found.shape == (1,) and found[0] ** 2 == pytest.approx(squared, abs=1e-9)


def test_van_rossum_against_the_integral_of_the_filtered_trains():
    # Independent: exponentials summed on a grid a hundred times finer, integrated by the trapezoidal rule.
    rng = np.random.default_rng(3)
    a, b = rng.random((2, 4, 60, 3)) < 0.1
    found = spike_trains.van_rossum(a, b, DT, TAU)
    assert found.shape == (4, 3)
    t = np.arange(0, 60 * DT + 20 * TAU, DT / 100) + 1e-9
    for k in range(4):
        for n in range(3):
            f, g = (sum((np.exp(-(t - s * DT) / TAU) * (t >= s * DT) for s in np.flatnonzero(x[k, :, n])), 0 * t) for x in (a, b))
            assert found[k, n] ** 2 == pytest.approx(np.trapezoid((f - g) ** 2, t) / TAU, rel=2e-3)


def test_events_become_a_dense_array():
    found = spike_trains.dense((np.array([0, 1]), np.array([2, 0]), np.array([1, 3])), 2, 3, 4)
    assert found.dtype == bool and found.shape == (2, 3, 4) and np.argwhere(found).tolist() == [[0, 2, 1], [1, 0, 3]]


def test_first_divergence_is_the_first_step_at_which_any_neuron_differs():
    a = np.zeros((4, 5, 3), bool)
    b = a.copy()
    b[0, 2, 1] = b[0, 4, 0] = b[1, 0, 2] = b[2, 4, 2] = True
    assert spike_trains.first_divergence(a, b).tolist() == [2, 0, 4, -1]


def test_rates_are_spikes_a_second_and_a_sample():
    trains = np.zeros((2, 10, 3), bool)
    trains[0, :4, 0] = trains[1, 0, 0] = trains[1, :, 2] = True
    # Of 20 steps of 1 ms: 5, 0 and 10 spikes.
    assert spike_trains.rates(trains, DT) == pytest.approx([250, 0, 500])


def test_silent_neurons_never_spike_and_saturated_ones_spike_in_more_than_half_of_the_steps():
    trains = np.zeros((1, 10, 4), bool)
    trains[0, :1, 1] = trains[0, :5, 2] = trains[0, :6, 3] = True
    silent, saturated = spike_trains.silent_and_saturated(trains)
    assert silent.tolist() == [True, False, False, False] and saturated.tolist() == [False, False, False, True]
    assert spike_trains.silent_and_saturated(trains, share=0.6)[1].tolist() == [False] * 4
    assert spike_trains.silent_and_saturated(trains, share=0.05)[1].tolist() == [False, True, True, True]
