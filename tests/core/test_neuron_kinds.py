"""Kinds of neurons and their parameters: what is refused in one sentence, and the constants of a step."""

import numpy as np
import pytest

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.neuron_kinds import KINDS, check_parameters, step_constants, step_factor, time_constant
from brian2chip.core.spiking_network import Population, SpikingNetwork
from brian2chip.core.spiking_network import step_factor as population_factor
from brian2chip.errors import UserError

LIF = {"tau_m": 20e-3, "v_threshold": 1.0}


@pytest.mark.parametrize(
    "kind, parameters, sentence",
    [
        ("LIF", LIF, "there is no kind of neuron .* 'LIF'; choose one of alif, if, input, li, lif"),
        ("odin", LIF, "kind of neuron"),
        ("lif", {"tau": 20e-3, "v_threshold": 1.0}, "'tau'; did you mean 'tau_m'"),
        ("lif", {**LIF, "beta": 0.1}, "there is no parameter of a neuron of kind 'lif' .* 'beta'"),
        ("li", LIF, "'v_threshold'"),
        ("if", {"v_threshold": 1.0, "tau_m": 20e-3}, "'tau_m'"),
        ("input", {"gain": 1.0}, "given the parameter 'gain'; it has none"),
        ("lif", {**LIF, "tau_m": 0.0}, "tau_m of population 'a' is 0 s; a time constant must be positive"),
        ("lif", {**LIF, "tau_m": -1e-3}, "is -0.001 s"),
        ("lif", {**LIF, "tau_m": np.array([0.02, 0.0])}, "must be positive"),
        ("lif", {**LIF, "tau_syn": 0.0}, "tau_syn"),
        ("alif", {**LIF, "tau_a": 0.0, "beta": 0.1}, "tau_a"),
        ("lif", {**LIF, "refractory": -1e-3}, "a duration must not be negative"),
        ("lif", {**LIF, "reset": "substract"}, "value of 'reset' .* 'substract'; did you mean 'subtract'"),
        ("lif", {**LIF, "fires": "=>"}, "value of 'fires'"),
        ("lif", {**LIF, "v_threshold": np.nan}, "not finite"),
        ("lif", {**LIF, "v_threshold": "1"}, "was given as '1'; give one number"),
        ("lif", {"tau_m": 20e-3}, "lacks v_threshold; a neuron of this kind needs tau_m, v_threshold"),
        ("alif", LIF, "lacks tau_a, beta"),
        ("li", {}, "lacks tau_m"),
    ],
)
def test_what_is_refused(kind, parameters, sentence):
    with pytest.raises(UserError, match=sentence) as error:
        SpikingNetwork((Population("a", kind, 2, parameters),), (), 1e-3)
    assert str(error.value).count("\n") == 0


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_taken_with_what_it_needs_and_with_all_it_takes(kind):
    needs, takes = KINDS[kind]
    value = lambda name: {"reset": "zero", "fires": ">"}.get(name, np.array([1e-9, 1.0]))  # noqa: E731
    for names in (needs, needs + takes):
        check_parameters("a", kind, {name: value(name) for name in names})


def test_the_least_values_are_taken():
    check_parameters("a", "lif", {"tau_m": np.nextafter(0, 1), "v_threshold": 0, "refractory": 0})


def test_constants_of_a_step():
    c = step_constants(
        {"tau_m": 20e-3, "tau_syn": np.array([5e-3, 10e-3]), "refractory": 3.4e-3, "v_threshold": 0.6, "reset": "zero"}, 1e-3
    )
    assert set(c) == {"alpha", "alpha_syn", "n_ref", "v_th"} and c["v_th"] == 0.6
    assert c["alpha"] == pytest.approx(0.951229424500714)  # exp(-1/20)
    np.testing.assert_allclose(c["alpha_syn"], np.exp([-0.2, -0.1]), rtol=1e-15)
    assert c["n_ref"] == 3 and step_constants({"refractory": 3.6e-3}, 1e-3)["n_ref"] == 4
    np.testing.assert_allclose(time_constant(step_factor([1e-3, 0.5], 1e-3), 1e-3), [1e-3, 0.5], rtol=1e-12)


def test_networks_that_learn_have_the_constants_of_their_populations():
    config = NetworkConfig(n_lif=2, n_alif=1, tau_m=15e-3, tau_a=0.4, tau_out=30e-3, v_th=0.7, beta=0.2, refractory=4e-3, scaled_input=True)
    c = config.constants(2e-3)
    assert c["alpha"] == step_factor(15e-3, 2e-3) and c["rho"] == step_factor(0.4, 2e-3) and c["kappa"] == step_factor(30e-3, 2e-3)
    assert (c["v_th"], c["n_ref"], c["gain"]) == (0.7, 2.0, 1 - c["alpha"])
    np.testing.assert_array_equal(c["beta"], [0, 0, 0.2])
    assert NetworkConfig(n_lif=2).constants(1e-3)["gain"] == 1.0


def test_factor_of_a_population():
    np.testing.assert_array_equal(population_factor(Population("a", "if", 2, {"v_threshold": 1.0}), 1e-3), [1, 1])
    np.testing.assert_array_equal(population_factor(Population("a", "lif", 2, LIF), 1e-3), [np.exp(-1e-3 / 20e-3)] * 2)
