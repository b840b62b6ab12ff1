"""Configurations of networks and trainings: what they refuse, and the constants that follow from them."""

from dataclasses import replace

import numpy as np
import pytest

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n_lif": 1}, "at least two"),
        ({"n_lif": -1, "n_alif": 5}, "-1 LIF"),
        ({"n_lif": 5, "n_alif": -1}, "-1 adaptive"),
        ({"n_lif": 0, "n_alif": 1}, "at least two"),
        ({"surrogate": "arctn"}, "did you mean 'arctan'"),
        ({"surrogate": "exp(-x)"}, "'x' in 'exp[(]-x[)]' stands for nothing. A pseudo-derivative reads v, A, v_th, gamma, width"),
        ({"surrogate": "open('x')"}, "the function 'open' .* cannot be used here"),
        ({"surrogate": "1/(v - A)"}, "not finite"),
        ({"surrogate": "v.real"}, "is no arithmetic"),
        ({"surrogate": "v\nA"}, "cannot be read"),
        ({"surrogate": "gamma*(v > A)"}, "'v > A' in the pseudo-derivative is a truth value.* write int[(]v > A[)]"),
        ({"surrogate": "abs(not v > A)"}, "'not v > A' in the"),
        ({"surrogate": "v > A"}, "'v > A' in the"),
        ({"surrogate": "v/mV"}, "'mV' in 'v/mV' stands for nothing"),
        *(
            ({name: value}, f"{name} of the network is")
            for name in ("tau_m", "tau_out", "tau_a", "v_th", "width")
            for value in (0, -1, np.nan)
        ),
        ({"tau_m": np.inf}, "tau_m of the network is inf"),
    ],
)
def test_networks_that_cannot_be_are_refused(changes, words):
    with pytest.raises(UserError, match=words):
        NetworkConfig(**({"n_lif": 3} | changes))


def test_the_smallest_networks_are_made():
    assert NetworkConfig(n_lif=2).n_rec == NetworkConfig(n_lif=0, n_alif=2).n_rec == NetworkConfig(n_lif=1, n_alif=1).n_rec == 2
    assert NetworkConfig(n_lif=3, n_alif=4).n_rec == 7


def test_a_pseudo_derivative_of_the_user_s_own_is_one_line_without_comments():
    assert NetworkConfig(n_lif=2, surrogate=" (gamma  # height\n *exp(-abs(v - A)))").surrogate == "gamma * exp(-abs(v - A))"
    assert NetworkConfig(n_lif=2, surrogate="gamma").surrogate == "gamma"


def test_constants_of_a_step():
    network = NetworkConfig(
        n_lif=2, n_alif=1, tau_m=20e-3, tau_out=10e-3, tau_a=1.0, v_th=0.7, beta=0.5, refractory=2.6e-3, gamma=0.3, width=0.9
    )
    c = network.constants(1e-3)
    # exp(-dt/tau); a refractory time of 2.6 steps is 3; the adaptive neurons come last.
    assert (c["alpha"], c["kappa"], c["rho"]) == pytest.approx((np.exp(-0.05), np.exp(-0.1), np.exp(-0.001)))
    assert (c["n_ref"], c["gain"], c["v_th"], c["gamma"], c["width"]) == (3.0, 1.0, 0.7, 0.3, 0.9)
    assert list(c["beta"]) == [0, 0, 0.5]
    assert replace(network, scaled_input=True).constants(2e-3)["gain"] == pytest.approx(1 - np.exp(-0.1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        *(
            ({name: value}, f"{name} of a training")
            for name in ("batch", "iterations", "stop_batches", "halve_after", "anneal_over")
            for value in (0, -1, 1.5)
        ),
        ({"broadcast": "symetric"}, "did you mean 'symmetric'"),
        ({"optimiser": "adm"}, "did you mean 'adam'"),
        ({"rounding": "up"}, "'up'"),
        ({"rate": -1e-9}, "learning rate"),
        ({"rate": np.nan}, "learning rate"),
        ({"rate": np.inf}, "learning rate"),
        ({"bits": 0}, "allowed are 1 to 24"),
        ({"bits": 25}, "allowed are 1 to 24"),
        ({"iterations": 11, "anneal_over": 10}, "11 iterations .* annealed to zero over 10"),
    ],
)
def test_trainings_that_cannot_be_are_refused(changes, words):
    with pytest.raises(UserError, match=words):
        TrainingConfig(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"bits": 1},
        {"bits": 24},
        {"bits": None},
        {"rate": 0},
        {"batch": 1},
        {"halve_after": 1},
        {"batch": 2.0},
        {"iterations": 10, "anneal_over": 10},
    ],
)
def test_limits_belong_to_what_is_allowed(changes):
    made = TrainingConfig(**changes)
    assert all(getattr(made, name) == value for name, value in changes.items())


def test_learning_rates_are_halved_again_and_again():
    training = TrainingConfig(rate=8.0, rate_out=4.0, halve_after=10)
    assert [training.at(k).rate for k in (0, 9, 10, 19, 20, 35)] == [8, 8, 4, 4, 2, 1]
    assert [training.at(k).rate_out for k in (0, 10, 20)] == [4, 2, 1]
    kept = TrainingConfig(rate=8.0)
    assert kept.at(10**6).rate == 8.0 and kept.at(10**6).rate_out is None


def test_learning_rates_are_annealed_along_half_a_cosine():
    training = TrainingConfig(rate=8.0, rate_out=4.0, iterations=1, anneal_over=200)
    # Steps of two updates. cos(pi/3) = 1/2, so a third of the way leaves 3/4: updates 66 and 67 have that of 66/200, the middle has half.
    assert [training.at(k).rate for k in (0, 1, 100, 101)] == pytest.approx([8, 8, 4, 4])
    assert training.at(67).rate_out == training.at(66).rate_out == pytest.approx(2 * (1 + np.cos(0.33 * np.pi)))
    assert training.at(200).rate == pytest.approx(0)
    assert TrainingConfig(rate=8.0, iterations=1, halve_after=50, anneal_over=200).at(100).rate == pytest.approx(1)


def test_updates_of_the_same_rates():
    assert TrainingConfig(iterations=7).same_rates(3) == 7
    assert [TrainingConfig(halve_after=10).same_rates(k) for k in (0, 9, 10)] == [10, 1, 10]
    annealed = TrainingConfig(iterations=1, anneal_over=201)  # 100 steps of at most 201: three updates each
    assert [annealed.same_rates(k) for k in (0, 2, 3)] == [3, 1, 3]
    assert len({annealed.at(k).rate for k in range(3)}) == 1 and annealed.at(3).rate < annealed.at(2).rate
    assert TrainingConfig(iterations=1, halve_after=2, anneal_over=201).same_rates(0) == 2
