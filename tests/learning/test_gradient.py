"""The gradient of e-prop in Brian2 against an explicit NumPy computation, for every rule that accumulates one."""

import numpy as np
import oracle
import pytest
import tiny

from brian2chip.core.network_config import NetworkConfig

ALIF = NetworkConfig(n_lif=3, n_alif=4, tau_a=0.05, beta=0.3, v_th=0.4, refractory=2e-3, gamma=0.5, width=0.4)
LIF = NetworkConfig(n_lif=6, tau_m=0.03, tau_out=0.01, v_th=0.1, gamma=3.0, width=0.1, scaled_input=True)


def compare(task, samples, **how):
    w = tiny.weights(task.network.n_rec)
    outcome, found = tiny.gradient(task, samples, w, **how)
    loss, expected, count = tiny.oracle(task, samples, w)
    assert count.sum() > 20  # the comparison must see spikes
    np.testing.assert_array_equal(outcome.count, count)
    np.testing.assert_allclose(outcome.loss, loss, rtol=1e-12)
    for name, values in expected.items():
        assert np.abs(values).max() > 0
        np.testing.assert_allclose(found[name], values, atol=1e-10 * np.abs(values).max(), err_msg=name)


@pytest.mark.parametrize("rule", ["eprop", "eprop_events"])
@pytest.mark.parametrize("kind", ["classification", "regression"])
@pytest.mark.parametrize("network", [ALIF, LIF], ids=["alif", "lif"])
def test_gradient_equals_numpy(rule, kind, network):
    task = tiny.task(kind, network, rule=rule)
    compare(task, tiny.generate(2, np.random.default_rng(3), regression=kind == "regression"))


@pytest.mark.parametrize("surrogate", ["exponential", "fast_sigmoid", "arctan"])
def test_gradient_with_other_pseudo_derivatives(surrogate):
    network = NetworkConfig(**{**vars(ALIF), "surrogate": surrogate})
    compare(tiny.task(network=network, rule="eprop_events"), tiny.generate(2, np.random.default_rng(4)))


def test_gradient_with_a_pseudo_derivative_of_the_user_s_own(monkeypatch):
    gauss = "gamma*exp(-((v - A)/(2*width))**2)*int(v > v_th - 1 and not v > 9)"
    monkeypatch.setattr(oracle, "pseudo", lambda name, v, A, gamma, width: gamma * np.exp(-(((v - A) / (2 * width)) ** 2)) * (v > 0.4 - 1))
    network = NetworkConfig(**{**vars(ALIF), "surrogate": gauss})
    compare(tiny.task(network=network, rule="eprop_events"), tiny.generate(2, np.random.default_rng(4)))


@pytest.mark.parametrize("rule", ["eprop", "eprop_events"])
def test_replicas_equal_trials_one_after_another(rule):
    task = tiny.task(rule=rule, batch=4)
    compare(task, tiny.generate(4, np.random.default_rng(5)), replicas=2)


def test_spikes_of_the_last_step_do_not_reach_the_next_trial():
    task = tiny.task(network=NetworkConfig(n_lif=6, v_th=0.2, gamma=1.0, width=0.2))
    samples = tiny.generate(2, np.random.default_rng(6))
    x = samples.dense()
    x[0, -1] = True  # drives spikes in the last step of the first trial
    samples = tiny.Samples.from_dense(x, samples.mask, label=samples.label)
    compare(task, samples)


def test_a_membrane_at_threshold_does_not_spike():
    # The published order has z = v > A; with >= this neuron would fire in every step with input.
    network = NetworkConfig(n_lif=2, v_th=0.5, gamma=0.5, width=0.5, tau_m=1e-5)
    task = tiny.task(network=network)
    w = {"w_in": np.zeros((5, 2)), "w_rec": np.zeros((2, 2)), "w_out": np.ones((2, 2)), "B": np.ones((2, 2))}
    w["w_in"][0] = 0.5
    samples = tiny.generate(2, np.random.default_rng(0))
    assert tiny.run(task, samples, w)[0].count.sum() == 0
    w["w_in"][0] = 0.5000001
    assert tiny.run(task, samples, w)[0].count.sum() > 0
