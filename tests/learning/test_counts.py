"""Updates are counted one by one: at most so many, stopped in time, halved in time; a network keeps its broadcast weights."""

import json

import numpy as np
import pytest
import tiny

from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.learning import train as training

SETTINGS = dict(rule="eprop_events", optimiser="gradient_descent", rate=0.02, batch=4, c_reg=0.0)


def train(task, **how):
    return training.train(task, device="cpp_standalone", n_test=4, **how)


@pytest.fixture(autouse=True)
def small_starts(monkeypatch):
    monkeypatch.setattr(training, "SAMPLES_A_START", 16)  # four updates of four samples


def test_iterations_are_at_most():
    whole = train(tiny.task(iterations=6, **SETTINGS))
    part = train(tiny.task(iterations=3, **SETTINGS))
    assert (len(whole.history), len(part.history)) == (6, 3)
    assert part.history["loss"].equals(whole.history["loss"][:3])
    assert whole.history["samples"].tolist() == [4, 8, 12, 16, 20, 24]


def test_a_training_that_goes_on_from_within_a_start_is_the_whole_one(tmp_path):
    whole = train(tiny.task(iterations=6, halve_after=3, **SETTINGS))
    for iterations in (1, 3, 6):
        parts = train(tiny.task(iterations=iterations, halve_after=3, **SETTINGS), out=tmp_path, resume=iterations > 1)
    for name in whole.state:
        np.testing.assert_array_equal(whole.state[name], parts.state[name])


def test_rates_are_halved_within_a_start():
    # With a start for every update the rates are those of each update.
    settings = {**SETTINGS, "halve_after": 3}
    together = train(tiny.task(iterations=6, **settings))
    training.SAMPLES_A_START = 4  # the fixture gives it back
    singly = train(tiny.task(iterations=6, **settings))
    np.testing.assert_array_equal(together.history["loss"], singly.history["loss"])
    np.testing.assert_array_equal(together.state["w_in.w"], singly.state["w_in.w"])


def test_an_annealed_training_goes_on_with_its_rates(tmp_path):
    annealed = {**SETTINGS, "anneal_over": 6}  # a step of one update: every update has a rate, and a start, of its own
    whole = train(tiny.task(iterations=6, **annealed))
    for iterations in (2, 6):
        parts = train(tiny.task(iterations=iterations, **annealed), out=tmp_path, resume=iterations > 2)
    np.testing.assert_array_equal(whole.state["w_in.w"], parts.state["w_in.w"])
    assert not np.array_equal(whole.state["w_in.w"], train(tiny.task(iterations=6, **SETTINGS)).state["w_in.w"])
    with pytest.raises(UserError, match="resume with the same settings"):
        train(tiny.task(iterations=6, **SETTINGS), out=tmp_path, resume=True)


def test_it_stops_at_the_update_that_solves_the_task():
    settings = dict(stop_error=1.1, stop_batches=2, iterations=8, **SETTINGS)  # every error is below 1.1: solved after two updates
    stopped = train(tiny.task(**settings))
    two = train(tiny.task(iterations=2, **SETTINGS))
    assert len(stopped.history) == 2
    np.testing.assert_array_equal(stopped.state["w_rec.w"], two.state["w_rec.w"])


@pytest.mark.parametrize("broadcast", ["random", "adaptive"])
def test_a_network_goes_on_with_its_broadcast_weights(tmp_path, broadcast):
    x = tiny.generate(4, np.random.default_rng(3))
    same = training.replace(tiny.task(broadcast=broadcast, **SETTINGS), generate=lambda n, rng, **_: x)  # state and samples do not change
    runs = lambda iterations, **how: train(training.replace(same, training=training.replace(same.training, iterations=iterations)), **how)  # noqa: E731
    whole, half = runs(4), runs(2)
    half.save(tmp_path / "half.npz")
    loaded = SpikingNetwork.load(tmp_path / "half.npz")
    np.testing.assert_array_equal(loaded.broadcast, half.state["w_out.B"].reshape(7, tiny.N_OUT))
    parts = runs(2, start=loaded, seed=9)  # another seed, whose broadcast weights are not taken
    for name in ("w_in.w", "w_rec.w", "w_out.w", "w_out.B"):
        np.testing.assert_allclose(parts.state[name], whole.state[name], rtol=1e-12, atol=1e-15)


def test_a_file_without_broadcast_weights_is_read_and_starts_with_fresh_ones(tmp_path):
    network = train(tiny.task(iterations=1, **SETTINGS)).network
    arrays = read_arrays(network.save(tmp_path / "new.npz"), "network")
    assert json.loads(str(arrays["head"]))["format"] == "brian2chip.SpikingNetwork/1"
    del arrays["broadcast"]  # as an earlier version wrote it
    old = SpikingNetwork.load(write_npz(tmp_path / "old.npz", arrays))
    assert old.broadcast is None
    fresh = training.initial_weights(tiny.task(), 5, old)["B"]
    np.testing.assert_array_equal(fresh, training.initial_weights(tiny.task(), 5)["B"])
    with pytest.raises(UserError, match=r"broadcast weights have shape \(2, 2\)"):
        training.replace(network, broadcast=np.zeros((2, 2)))


@pytest.mark.parametrize("n_test", [0, -1, 1.5])
def test_no_held_out_samples(n_test):
    with pytest.raises(UserError, match="n_test"):
        training.train(tiny.task(**SETTINGS), device="numpy", n_test=n_test)
