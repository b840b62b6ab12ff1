"""EqSpike against a direct computation spike for spike, against the rate rule's gradient, and what is refused."""

import logging

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.equilibrium.backends import RateBackend, SpikingBackend
from brian2chip.learning.equilibrium.settings import initial_weights
from brian2chip.learning.equilibrium.spiking import SpikingSpec, Step, presentation
from brian2chip.learning.equilibrium.spiking_program import DT, SpikingProgram

SIZES, BATCH = (5, 4, 3, 2), 3
RATES = (0.3, 0.2, 0.1)
CONFIG = EqSpikeConfig(rate=0.5, tau_s=3.0, tau_1=4.0, tau_2=6.0, free=70, nudged=25, beta=0.8)


def weights_of(sizes, seed=4):
    rng = np.random.default_rng(seed)
    weights = {f"w{k}": rng.uniform(-0.9, 0.9, (sizes[k], sizes[k - 1])) for k in range(1, len(sizes))}
    weights |= {f"b{k}": rng.uniform(0.1, 0.5, sizes[k]) for k in range(1, len(sizes))}
    weights["b1"][0] = 1.5  # a drive at its ceiling takes the membrane to exactly the threshold at every second step
    return weights


def direct(x, target, w, c, rates, phases):
    """Return answers, weights and the spikes of every layer of two batches, neuron by neuron in plain loops over layers."""
    top = len(SIZES) - 1
    w = {name: each.copy() for name, each in w.items()}
    u_in, pulse_in = phases.copy(), np.zeros((BATCH, SIZES[0]))
    answers, spikes = [], [[] for _ in range(top + 1)]
    for first in range(0, len(x), BATCH):
        pixels, wanted = x[first : first + BATCH], target[first : first + BATCH]
        state = [None] + [{v: np.zeros((BATCH, n)) for v in ("u", "pulse", "g", "f1", "f2", "d")} for n in SIZES[1:]]
        for step in range(c.free + c.nudged):
            pulses = [pulse_in] + [state[k]["pulse"] for k in range(1, top + 1)]
            for k in range(1, top + 1):
                arriving = pulses[k - 1] @ w[f"w{k}"].T + (pulses[k + 1] @ w[f"w{k + 1}"] if k < top else 0)
                state[k]["g"] = state[k]["g"] + (arriving - state[k]["g"]) / c.tau_s
            u_in = u_in + c.rate * pixels
            fired = u_in >= 1
            u_in, pulse_in = u_in - fired, fired / c.rate
            spikes[0].append(fired)
            for k in range(1, top + 1):
                s = state[k]
                drive = s["g"] + w[f"b{k}"]
                if k == top and step >= c.free:
                    drive = drive + c.beta * (wanted - s["f2"])
                s["u"] = np.minimum(np.maximum(s["u"] + c.rate * np.minimum(drive, 1), c.low), c.high)
                fired = s["u"] >= 1
                s["u"], s["pulse"] = s["u"] - fired, fired / c.rate
                spikes[k].append(fired)
                s["f1"] = s["f1"] + (s["pulse"] - s["f1"]) / c.tau_1
                before = s["f2"]
                s["f2"] = before + (s["f1"] - before) / c.tau_2
                s["d"] = s["f2"] - before
            if step == c.free - 1:
                answers.append(state[top]["f2"])
            if step >= c.free:
                for k in range(1, top + 1):
                    eta, below = rates[k - 1] / (c.beta * BATCH), pulse_in if k == 1 else state[k - 1]["pulse"]
                    w[f"w{k}"] += eta * state[k]["d"].T @ below
                    if k > 1:
                        w[f"w{k}"] += eta * state[k]["pulse"].T @ state[k - 1]["d"]
                    w[f"b{k}"] += eta * state[k]["d"].sum(0)
    return np.array(answers), w, [np.array(each) for each in spikes]


@pytest.fixture(scope="module")
def tiny():
    rng = np.random.default_rng(8)
    x, target = rng.random((2 * BATCH, SIZES[0])), rng.integers(0, 2, (2 * BATCH, SIZES[-1])).astype(float)
    phases = rng.random((BATCH, SIZES[0]))
    x[0, 0], phases[0, 0] = 1.0, 0.0
    return x, target, phases, direct(x, target, weights_of(SIZES), CONFIG, RATES, phases)


@pytest.mark.parametrize("device", ["numpy", "cpp_standalone"])
def test_spikes_and_weights_are_those_of_a_direct_computation(tiny, device):
    """One spike earlier or later changes answers and weights by far more than the tolerance."""
    x, target, phases, (answers, weights, spikes) = tiny
    steps = presentation(CONFIG, 0) + presentation(CONFIG, 1)
    with session(device, dt=DT) as s:
        program = SpikingProgram(s, SpikingSpec(SIZES, BATCH))
        found = program.run(StaticSamples(x, target=target), steps, weights_of(SIZES), CONFIG, RATES, phases)
    assert all(0.02 < each.mean() < 0.45 for each in spikes)  # every layer spikes, and none all the time
    np.testing.assert_allclose(found.answers, answers, rtol=0, atol=1e-12)
    for name, expected in weights.items():
        assert np.abs(expected - weights_of(SIZES)[name]).max() > 1e-3
        np.testing.assert_allclose(found.weights[name], expected, rtol=0, atol=1e-12)


def test_a_presentation_is_free_then_nudged():
    c = EqSpikeConfig(free=300, nudged=2)
    steps = presentation(c, 7)
    assert steps[0] == Step(7, begins=1) and steps[299] == Step(7, answers=1) and steps[300:] == [Step(7, nudged=1)] * 2
    assert presentation(c, 7, learns=False) == steps[:300]


@pytest.mark.slow
def test_the_gradient_is_that_of_the_rate_rule():
    """One batch of 100 digits on an untrained network, the settings of the rule: cosine at least 0.95."""
    sizes, batch, rate = (64, 32, 10), 100, 1e-6
    samples = registry.get("layered_task", "digits").samples()["train"].take(np.arange(batch))
    start, rng = initial_weights(sizes, (0.3, 0.1), 0), np.random.default_rng(0)
    with session("cpp_standalone", dt=DT) as s:
        config = EquilibriumConfig("energy", "hard_sigmoid", 200, 200, 1.0)
        wanted = RateBackend(s, config, sizes, batch, "float64").present(samples, start, (rate, rate), rng).weights
    with session("cpp_standalone", dt=DT) as s:
        found = SpikingBackend(s, EqSpikeConfig(), sizes, batch, "float64").present(samples, start, (rate, rate), rng).weights
    for name in ("w1", "w2"):
        a, b = np.ravel(found[name] - start[name]), np.ravel(wanted[name] - start[name])
        assert a @ b / np.linalg.norm(a) / np.linalg.norm(b) >= 0.95
        assert 0.8 < np.linalg.norm(a) / np.linalg.norm(b) < 1.2


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_digits_are_learned_by_spikes(seed):
    assert 1 - bc.train("digits", rule="eqspike", seed=seed).history.test_error[-5:].mean() >= 0.92


@pytest.mark.slow
def test_digits_are_learned_by_rates():
    accuracy = 1 - bc.train("digits", rule="ep", seed=0, epochs=20).history.test_error.to_numpy()
    np.testing.assert_allclose(accuracy[[4, 9, 19]], [0.947, 0.967, 0.975], rtol=0, atol=0.015)  # another rewrite, other random numbers


def load(data=None):
    """Two classes of points that a line separates; ten of them are held out."""
    x = np.random.default_rng(1).random((42, 4))
    every = StaticSamples(x, (x[:, 0] > x[:, 1]).astype(int))
    return {"train": every.take(np.arange(32)), "test": every.take(np.arange(32, 42))}


TASK = LayeredTask(name="two_sides", source="this test", kind="classification", n_in=4, n_out=2, load=load)
HOW = {"device": "numpy", "seed": 3, "rule": "ep", "hidden": 6, "batch": 8, "rates": (0.3, 0.2), "network": {"free": 8, "nudged": 3}}


@pytest.fixture(scope="module")
def whole():
    return bc.train(TASK, **HOW, epochs=4)


def test_a_training_learns_and_its_history_says_so(whole):
    history = whole.history
    assert len(history) == 4 and history["update"].tolist() == [4, 8, 12, 16] and history["samples"].iloc[-1] == 128
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] and whole.state["w1"].shape == (6, 4)
    assert whole.test_error * 10 == pytest.approx(round(whole.test_error * 10))  # ten held-out samples, counted once each


@pytest.mark.parametrize("rule", ["ep", pytest.param("eqspike", marks=pytest.mark.slow)])
def test_an_interrupted_training_goes_on_to_the_same_numbers(whole, tmp_path, rule):
    how, epochs = {**HOW, "rule": rule}, 4
    if rule == "eqspike":
        how, epochs = {**how, "network": {"tau_s": 1.0, "tau_1": 2.0, "tau_2": 3.0, "free": 30, "nudged": 3}}, 2
    complete = whole if rule == "ep" else bc.train(TASK, **how, epochs=epochs)
    bc.train(TASK, **how, epochs=epochs - 1, out=tmp_path)
    resumed = bc.train(TASK, **how, epochs=epochs, out=tmp_path, resume=True)
    for name, array in complete.state.items():
        np.testing.assert_array_equal(resumed.state[name], array)
    assert {path.name for path in tmp_path.iterdir()} >= {"checkpoint.npz", "network.npz", "history.csv"}
    with pytest.raises(UserError, match="belongs to training"):
        bc.train(TASK, **{**how, "rates": (0.1, 0.1)}, out=tmp_path, resume=True)


def test_rates_fall_by_epoch():
    first = bc.train(TASK, **{**HOW, "rate_decay": 0.0}, epochs=1).state
    later = bc.train(TASK, **{**HOW, "rate_decay": 0.0}, epochs=2).state
    np.testing.assert_array_equal(first["w1"], later["w1"])
    assert (first["w1"] != bc.train(TASK, **{**HOW, "rates": (0.0, 0.0)}, epochs=1).state["w1"]).all()  # the first epoch has the whole rate


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"free": 0}, "the free phase was given as 0 steps"),
        ({"rate": 1.5}, "above 0 and at most 1"),
        ({"tau_2": 0.5}, "tau_2 was given as 0.5 steps"),
        ({"beta": 0.0}, "beta was given as 0.0"),
        ({"low": 0.2}, "must enclose 0 and the threshold 1"),
    ],
)
def test_a_configuration_that_cannot_be_is_one_sentence(change, sentence):
    with pytest.raises(UserError, match=sentence):
        EqSpikeConfig(**change)


def test_a_free_phase_that_is_too_short_is_said(caplog):
    with caplog.at_level(logging.WARNING):
        EqSpikeConfig()
        assert not caplog.records
        EqSpikeConfig(free=199)
    assert "too short for the filters (at least 200)" in caplog.text


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (["train", "digits", "--rule", "ep", "--rate", "0.1"], "'rate' is no setting of the training of rule 'ep'"),
        (["train", "digits", "--rule", "ep", "--rates", "0.1"], "1 learning rates were given; a network of 2 layers"),
        (["train", "digits", "--rule", "eqspike", "--set-network", "fre=10"], "fre"),
        (["train", "store_recall", "--rule", "eqspike"], "'eqspike' is a rule for layered networks"),
        (["compare", "--task", "digits", "--rules", "ep"], "it can be trained, not compared"),
        (["train", "digits", "--rule", "ep", "--device", "cython"], "cython"),
    ],
)
def test_what_cannot_be_trained_is_one_sentence(arguments, sentence, capsys):
    assert main(arguments) != 0
    assert sentence in capsys.readouterr().err
