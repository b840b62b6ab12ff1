"""Sizes and constants of a task's network, from Python and from the command line."""

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.errors import UserError
from brian2chip.learning import tasks


def arrays():
    rng = np.random.default_rng(0)
    labels = np.arange(40) % 2
    rate = np.where(labels[:, None] == np.array([0, 0, 1, 1]), 0.6, 0.05)  # a class is two of the four channels
    return bc.Task.from_arrays(rng.random((40, 12, 4)) < rate[:, None, :], labels, dt=1e-3)


def test_hidden_neurons_keep_the_share_of_adaptive_ones():
    task = bc.get("task", "evidence_accumulation")  # 50 and 50
    assert tasks.sized(task, 31) in ({"n_lif": 15, "n_alif": 16}, {"n_lif": 16, "n_alif": 15})
    assert tasks.sized(arrays(), 7) == {"n_lif": 7, "n_alif": 0}
    for wrong in (1, 2.0, True, "3"):
        with pytest.raises(UserError, match="whole number of at least 2"):
            tasks.sized(task, wrong)


def test_settings_of_a_command_line():
    given = {"tau_m": "30ms", "surrogate": "arctan", "n_lif": "20", "v_th": "0.5", "scaled_input": "True"}
    assert tasks.network_settings(given) == {"tau_m": 0.03, "surrogate": "arctan", "n_lif": 20, "v_th": 0.5, "scaled_input": True}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"tau_m": "30"}, "a time with its unit"),
        ({"tau": "3ms"}, "did you mean"),
        ({"v_th": "3mV"}, "without unit"),
        ({"v_th": "x"}, "cannot read"),
        ({"scaled_input": "1"}, "True or False"),
    ],
)
def test_wrong_settings_are_one_sentence(given, sentence):
    with pytest.raises(UserError, match=sentence):
        tasks.network_settings(given)


def test_her_arrays_are_learned_by_a_network_of_her_size():
    net = bc.train(
        arrays(), hidden=8, seed=2, device="numpy", iterations=15, batch=8, rate=0.02, n_test=8, network={"tau_m": 10e-3, "v_th": 0.3}
    )
    assert net.network.population("rec").size == 8 and len(net.history) == 15
    assert net.test_error < 0.2  # two classes
