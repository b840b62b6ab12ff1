"""Training on a tiny task: it learns, continues bit for bit, and refuses what is wrong."""

import numpy as np
import pytest
import tiny

from brian2chip.analysis import learning_plots
from brian2chip.commands import _verify_eprop as verify
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint, record
from brian2chip.learning import train as training

SETTINGS = dict(rule="eprop_events", optimiser="adam", rate=0.02, batch=8, c_reg=1.0)


def train(task, **how):
    return training.train(task, device="cpp_standalone", n_test=40, **how)


@pytest.fixture(autouse=True)
def small_starts(monkeypatch):
    monkeypatch.setattr(training, "SAMPLES_A_START", 16)


@pytest.mark.parametrize("broadcast", ["random", "symmetric", "adaptive"])
def test_it_learns(broadcast):
    result = train(tiny.task(broadcast=broadcast, decay=0.01, iterations=24, **{**SETTINGS, "rate": 0.1}))
    first, last = result.history.loss[:4].mean(), result.history.loss[-4:].mean()
    assert last < 0.85 * first
    assert result.test_error < 0.3


def test_pattern_generation_comes_near_its_pattern(monkeypatch):
    monkeypatch.setattr(training, "SAMPLES_A_START", 64)
    loss = training.train("pattern_generation", iterations=128, n_test=1).history.loss
    assert loss[-8:].mean() < 0.3 * loss[0]  # brian2chip train pattern_generation: 112.5 at first, 16.1 at update 129


def test_broadcast_weights_follow_as_they_should():
    states = {b: train(tiny.task(broadcast=b, decay=0.0, iterations=2, **SETTINGS)).state for b in ("random", "symmetric", "adaptive")}
    weights = training.initial_weights(tiny.task(), 1)
    np.testing.assert_array_equal(states["random"]["w_out.B"], weights["B"].ravel())
    np.testing.assert_array_equal(states["symmetric"]["w_out.B"], states["symmetric"]["w_out.w"])
    change = states["adaptive"]["w_out.w"] - weights["w_out"].ravel()
    np.testing.assert_allclose(states["adaptive"]["w_out.B"], weights["B"].ravel() + change, atol=1e-14)
    assert np.abs(change).max() > 0


def test_a_killed_training_continues_with_identical_numbers(tmp_path):
    whole = train(tiny.task(iterations=6, **SETTINGS), out=tmp_path / "whole")
    train(tiny.task(iterations=2, **SETTINGS), out=tmp_path / "parts")
    parts = train(tiny.task(iterations=6, **SETTINGS), out=tmp_path / "parts", resume=True)
    for name in whole.state:
        np.testing.assert_array_equal(whole.state[name], parts.state[name])
    same = ["update", "samples", "loss", "error", "rate_hz"]
    assert whole.history[same].equals(parts.history[same])
    assert whole.test_loss == parts.test_loss


def test_rates_are_halved_and_an_interruption_does_not_forget_it(tmp_path):
    settings = {**SETTINGS, "optimiser": "gradient_descent", "broadcast": "random"}
    kept = train(tiny.task(iterations=4, **settings))
    halved = train(tiny.task(iterations=4, halve_after=2, **settings))
    assert kept.history.loss[:4].equals(halved.history.loss[:4]) is False
    assert kept.history.loss[:2].equals(halved.history.loss[:2])
    train(tiny.task(iterations=2, halve_after=2, **settings), out=tmp_path)
    resumed = train(tiny.task(iterations=4, halve_after=2, **settings), out=tmp_path, resume=True)
    np.testing.assert_array_equal(resumed.state["w_in.w"], halved.state["w_in.w"])
    at = [tiny.task(rate=0.8, rate_out=0.4, halve_after=3).training.at(k) for k in (2, 3, 6)]
    assert [(a.rate, a.rate_out) for a in at] == [(0.8, 0.4), (0.4, 0.2), (0.2, 0.1)]


def test_the_result_is_a_network_file(tmp_path):
    result = train(tiny.task(iterations=2, **SETTINGS), out=tmp_path)
    network = SpikingNetwork.load(tmp_path / "network.npz")
    np.testing.assert_array_equal(network.weight("input", "rec"), result.network.weight("input", "rec"))
    assert network.population("rec").kind == "alif"
    assert network.provenance["task"] == "tiny"
    assert np.all(np.diag(network.weight("rec", "rec")) == 0)


def test_training_stops_when_solved():
    result = train(tiny.task(iterations=60, stop_error=0.2, stop_batches=2, **SETTINGS))
    assert len(result.history) < 60
    assert result.history.error[-2:].mean() < 0.2


def test_divergence_keeps_the_last_good_checkpoint(tmp_path):
    diverging = tiny.task("regression", **{**SETTINGS, "optimiser": "gradient_descent", "rate": 1e200, "iterations": 8})
    make = lambda n, rng, **_: tiny.generate(n, rng, regression=True)  # noqa: E731
    with pytest.raises(UserError, match="diverged at update"):
        train(training.replace(diverging, generate=make), out=tmp_path)


def test_checkpoints_that_do_not_fit(tmp_path):
    train(tiny.task(iterations=2, **SETTINGS), out=tmp_path)
    with pytest.raises(UserError, match="belongs to training"):
        train(tiny.task(iterations=2, **{**SETTINGS, "rate": 0.1}), out=tmp_path, resume=True)
    with pytest.raises(UserError, match="belongs to seed"):
        train(tiny.task(iterations=2, **SETTINGS), seed=2, out=tmp_path, resume=True)
    (tmp_path / "checkpoint.npz").write_bytes(b"PK\x03\x04 not a file")
    with pytest.raises(UserError, match="not a readable checkpoint"):
        train(tiny.task(iterations=2, **SETTINGS), out=tmp_path, resume=True)
    with pytest.raises(UserError, match="holds brian2chip.SpikingNetwork"):
        checkpoint.load(tmp_path / "network.npz", {}, {})
    with pytest.raises(UserError, match="no checkpoint file"):
        train(tiny.task(iterations=2, **SETTINGS), out=tmp_path / "elsewhere", resume=True)


def test_samples_that_do_not_fit_the_program():
    task, w = tiny.task(), tiny.weights(7)
    long = Samples.from_dense(np.zeros((2, tiny.T + 1, tiny.N_IN), bool), np.ones(tiny.T + 1, bool), label=np.zeros(2, int))
    with pytest.raises(UserError, match="41 steps and 5 inputs; the program was built for 40 steps and 5 inputs"):
        tiny.run(task, long, w)
    wide = Samples.from_dense(np.zeros((2, tiny.T, tiny.N_IN), bool), tiny.MASK, target=np.zeros((2, tiny.T, 3)))
    with pytest.raises(UserError, match="3 outputs; the network has 2"):
        tiny.run(task, wide, w)
    with pytest.raises(UserError, match="w_in has shape"):
        tiny.run(task, tiny.generate(2, np.random.default_rng(0)), tiny.weights(6))


def test_samples_and_networks_check_their_shapes():
    with pytest.raises(UserError, match="label of the samples has shape"):
        Samples.from_dense(np.zeros((2, 3, 1), bool), np.ones(3, bool), label=np.zeros(3, int))
    with pytest.raises(UserError, match="mask of the samples has shape"):
        Samples.from_dense(np.zeros((2, 3, 1), bool), np.ones(4, bool), label=np.zeros(2, int))
    with pytest.raises(UserError, match="need \\(2, 3\\)"):
        SpikingNetwork(
            (Population("a", "input", 2), Population("b", "li", 3, {"tau_m": 1.0})), (Projection("a", "b", np.zeros((3, 2))),), 1e-3
        )
    with pytest.raises(UserError, match="not finite"):
        SpikingNetwork(
            (Population("a", "input", 1), Population("b", "li", 1, {"tau_m": 1.0})), (Projection("a", "b", np.full((1, 1), np.nan)),), 1e-3
        )


def test_an_unknown_setting_or_a_protocol_without_learning_is_refused():
    with pytest.raises(UserError, match="no setting"):
        training.train("evidence_accumulation", learning_rate=1)
    with pytest.raises(UserError, match="without learning"):
        training.train("bi_poo_1998")


def test_a_misspelt_task_suggests_tasks_and_no_protocol_without_learning():
    for name in ("bi_poo_evidence", "x"):
        with pytest.raises(UserError, match="no task") as error:
            training.train(name)
        assert "evidence_accumulation" in str(error.value) and "bi_poo_1998" not in str(error.value)
        with pytest.raises(UserError) as error:
            verify.losses(name, 1, "numpy")
        assert "evidence_accumulation" in str(error.value) and "bi_poo_1998" not in str(error.value)


@pytest.mark.parametrize("rounding", ["nearest", "stochastic"])
def test_weights_of_n_bits_learn_from_trained_ones_and_continue_after_an_interruption(tmp_path, rounding):
    real = train(tiny.task(iterations=8, **{**SETTINGS, "rate": 0.1})).network
    settings = dict(bits=3, rounding=rounding, **SETTINGS)
    whole = train(tiny.task(iterations=6, **settings), start=real, out=tmp_path / "whole")
    train(tiny.task(iterations=2, **settings), start=real, out=tmp_path / "parts")
    parts = train(tiny.task(iterations=6, **settings), start=real, out=tmp_path / "parts", resume=True)
    for name in whole.state:
        np.testing.assert_array_equal(whole.state[name], parts.state[name])
    for c, before in zip(whole.network.projections, real.projections):
        assert len(np.unique(c.weight)) <= 8  # the values of 3 bits, 0 among them
        assert np.corrcoef(c.weight.ravel(), before.weight.ravel())[0, 1] > 0.8  # it went on from there
    with pytest.raises(UserError, match="belongs to start"):
        train(tiny.task(iterations=6, **settings), start=parts.network, out=tmp_path / "parts", resume=True)


def test_a_network_of_another_task_is_refused_as_a_start():
    ends = (Population("input", "input", 2), Population("rec", "lif", 3, {"tau_m": 1.0, "v_threshold": 1.0}))
    other = SpikingNetwork(ends, (Projection("input", "rec", np.ones((2, 3))),), 1e-3)
    with pytest.raises(UserError, match=r"'input' -> 'rec' of shape \(5, 7\), the network to start from has those of shape \(2, 3\)"):
        train(tiny.task(iterations=2, **SETTINGS), start=other)


def test_a_recorded_trial_agrees_with_the_oracle():
    task, w = tiny.task(batch=1), tiny.weights(7)
    sample = tiny.generate(1, np.random.default_rng(12))
    found = record.record(task, w, sample)
    _, _, count = tiny.oracle(task, sample, w)
    np.testing.assert_array_equal(np.bincount(found["rec_i"], minlength=7), count[0])
    assert found["readout"].shape == (tiny.T, tiny.N_OUT) and found["eligibility"].shape == (tiny.T, 5)
    assert np.abs(found["eligibility"]).max() > 0
    assert len(learning_plots.trial(found).axes) == 4
