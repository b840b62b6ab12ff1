"""Weights that hardware holds while they are trained: accumulators against the gradient, interruption, sentences."""

import json
from dataclasses import replace

import numpy as np
import pytest
import tiny
from brian2 import uS

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core.network_config import NetworkConfig
from brian2chip.engine.session import session
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, in_memory, matrices_of, shape_of, state_of

LIF = NetworkConfig(n_lif=6, v_th=0.4, gamma=0.5, width=0.4)
SETTINGS = dict(network=LIF, rule="eprop", batch=1, rate=0.3, c_reg=0.0)
NAMES = ("w_in", "w_rec", "w_out")


def run(task, samples, w, learn=True):
    shape = shape_of(task, task.network, task.training, samples=len(samples))
    with session("numpy", dt=task.dt) as s:
        state = in_memory(state_of(w, np.random.default_rng(1)), task.training, np.random.default_rng(2))
        constants = constants_of(task, task.network, task.training, shape, learn=learn)
        return state, Program(s, shape).run(samples, state, constants, samples_per_update=1), shape


@pytest.mark.parametrize("bits,reach", [(3, 1.5), (7, 3.0)])
def test_accumulators_move_weights_by_whole_steps_of_the_gradient(bits, reach):
    """Written out: chi gathers -rate times the gradient of the network with its weights of n bits; whole steps go over.

    Every projection has a range of its own: ``reach`` times the root mean square of the weights that there are at the start.
    """
    samples, w = tiny.generate(3, np.random.default_rng(9)), tiny.weights(6)
    chip = bc.substrate("accumulator").with_parameters(bits=bits, reach=reach)
    there = {**w, "w_rec": w["w_rec"][~np.eye(6, dtype=bool)]}
    top = {name: reach * np.sqrt(np.mean(there[name] ** 2)) for name in NAMES}
    step = {name: top[name] / 2 ** (bits - 1) for name in NAMES}
    assert len({round(each, 6) for each in step.values()}) == 3
    begun, outcome, shape = run(tiny.task(substrate=chip, **SETTINGS), samples, w)
    nearest = {name: step[name] * np.floor(w[name] / step[name] + 0.5) for name in NAMES}
    used = {name: np.clip(nearest[name], -top[name], top[name] - step[name]) for name in NAMES}
    chi = {name: w[name] - used[name] for name in NAMES}
    for name, values in matrices_of(begun, shape).items():
        np.testing.assert_array_equal(values, used.get(name, w["B"]))
    moved = 0
    for k in range(3):
        _, gradient = tiny.gradient(tiny.task(**SETTINGS), samples.take([k]), {**w, **used})
        for name in NAMES:
            chi[name] -= 0.3 * gradient[name]
            steps = np.trunc(chi[name] / step[name])
            chi[name] -= step[name] * steps
            moved += np.count_nonzero(steps)
            used[name] = np.clip(used[name] + step[name] * steps, -top[name], top[name] - step[name])
    found, left = matrices_of(outcome.state, shape), matrices_of(outcome.state, shape, "chi")
    assert moved > 5
    for name in NAMES:
        np.testing.assert_allclose(found[name], used[name], atol=1e-9, err_msg=name)
        np.testing.assert_allclose(left[name], chi[name], atol=1e-9, err_msg=name)


def test_nothing_is_programmed_where_nothing_is_learned():
    samples, w = tiny.generate(3, np.random.default_rng(9)), tiny.weights(6)
    wide = bc.substrate("pcm").with_parameters(G_unit=10 * uS)  # so that no device is full, where readings are cut
    begun, outcome, _ = run(tiny.task(substrate=wide, **SETTINGS), samples, w, learn=False)
    for name in NAMES:
        for kept in ("chi", "G_plus", "G_minus", "n_plus", "n_minus", "age_plus", "age_minus", "key"):
            np.testing.assert_array_equal(outcome.state[f"{name}.{kept}"], begun[f"{name}.{kept}"])
        assert np.mean(outcome.state[f"{name}.w"] != begun[f"{name}.w"]) > 0.9  # read anew


HOW = dict(seed=3, n_test=2, device="numpy")


def on(substrate, updates):
    return tiny.task(substrate=substrate, **{**SETTINGS, "iterations": updates})


@pytest.mark.parametrize(("substrate", "kept"), [("pcm", "w_in.G_plus"), ("accumulator", "w_in.chi")])
def test_a_training_goes_on_after_an_interruption_as_if_there_was_none(substrate, kept, tmp_path):
    whole = bc.train(on(substrate, 6), **HOW)
    bc.train(on(substrate, 3), out=tmp_path, **HOW)
    rest = bc.train(on(substrate, 6), out=tmp_path, resume=True, **HOW)
    assert whole.history.loss.tolist() == rest.history.loss.tolist()
    np.testing.assert_array_equal(whole.state[kept], rest.state[kept])


def test_a_substrate_of_other_parameters_is_another_training(tmp_path):
    begun = bc.train(on("pcm", 3), out=tmp_path, **HOW)
    assert begun.network.provenance["training"]["substrate"].startswith("pcm (t = ")
    other = bc.substrate("pcm").with_parameters(step=0.01)
    with pytest.raises(bc.UserError, match="belongs to substrate 'pcm .*step = 0.0208.* not to 'pcm .*step = 0.01"):
        bc.train(on(other, 6), out=tmp_path, resume=True, **HOW)
    json.dumps(begun.network.provenance)


def test_projections_have_noise_of_their_own_and_the_seed_counts():
    keys = [in_memory(state_of(tiny.weights(6)), tiny.task(substrate=bc.substrate("pcm"), **SETTINGS).training, np.random.default_rng(s))
            for s in (1, 1, 2)]  # fmt: skip
    assert keys[0]["w_in.key"].tolist() == keys[1]["w_in.key"].tolist() != keys[2]["w_in.key"].tolist()
    assert not set(keys[0]["w_in.key"]) & set(keys[0]["w_rec.key"])


@pytest.mark.parametrize(
    "change,sentence",
    [
        ({"substrate": "analogue_mismatch"}, r"'analogue_mismatch' cannot be used for a training: it has no memory= \(weights that a tr"),
        ({"substrate": "pmc"}, "no substrate 'pmc'"),
        ({"substrate": "pcm", "bits": 4}, "bits and a substrate were given, and both say how weights are held"),
        ({"substrate": 3}, "substrate of a training was given as 3"),
        ({"substrate": "pcm", "rule": "eprop_online"}, "'eprop_online' changes weights at every step, and a substrate holds"),
        ({"substrate": bc.substrate("accumulator").with_parameters(bits=3.5)}, "weights of 3.5 bits were asked for; give a whole number"),
        ({"substrate": "accumulator", "network": replace(LIF, std_rec=0.0)}, "weights of a projection are all 0 at the start, so that"),
    ],
)
def test_wrong_requests_are_one_sentence(change, sentence):
    with pytest.raises(bc.UserError, match=sentence):
        bc.train(tiny.task(**{**SETTINGS, **change}), device="numpy", n_test=1)


@pytest.mark.parametrize(
    "words,sentence",
    [
        (["pattern_generation", "--set", "bits=3"], "--set changes a parameter of a substrate; give --substrate too"),
        (["pattern_generation", "--substrate", "accumulator", "--set", "bits=30"], "parameter bits of 'accumulator' was given as 30"),
        (["pattern_generation", "--substrate", "pcm", "--set", "G_limit=30uS"], "parameter G_limit of 'pcm' was given as"),
        (["digits", "--rate-out", "0.1"], "'rate_out' is no setting of the training of task 'digits'"),
        (["spoken_digits", "--rate-out", "0.1", "--chip", "reckon"], "--rate-out is for training in floating point"),
        (["digits", "--substrate", "pcm"], "--substrate and --set are for recurrent networks"),
        (["spoken_digits", "--substrate", "pcm", "--chip", "reckon"], "--substrate is for training in floating point"),
    ],
)
def test_the_command_refuses_in_one_sentence(words, sentence, capsys):
    assert main(["train", *words]) == 2
    assert sentence in capsys.readouterr().err


def test_the_command_gives_the_readout_a_rate_of_its_own(monkeypatch, capsys):
    given = {}

    def train(task, **how):
        given.update(how)
        raise bc.UserError("seen")

    monkeypatch.setattr("brian2chip.learning.train.train", train)
    assert main(["train", "pattern_generation", "--rate", "3e-5", "--rate-out", "9e-5", "--quiet"]) == 2
    assert (given["rate"], given["rate_out"]) == (3e-5, 9e-5) and "seen" in capsys.readouterr().err
