"""Training layered networks: a small task on NumPy from the call to the files, and rules on tasks that are not theirs."""

from dataclasses import replace

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.cli import main
from brian2chip.core import registry
from brian2chip.core.layered_config import Convolution, LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.learning.layered import compare
from brian2chip.learning.layered.angles import alignment


def load(data=None):
    """Two classes of points that a line separates; ten of them are held out."""
    x = np.random.default_rng(1).random((42, 4))
    every = StaticSamples(x, (x[:, 0] > x[:, 1]).astype(int))
    return {"train": every.take(np.arange(32)), "test": every.take(np.arange(32, 42))}


TASK = LayeredTask(
    name="two_sides",
    source="this test",
    kind="classification",
    n_in=4,
    n_out=2,
    load=load,
    network=LayeredConfig((5,)),
    training=LayeredTraining(rule="dfa", rate=0.02, batch=8, epochs=12),
)
HOW = {"device": "numpy", "seed": 3}


@pytest.fixture(scope="module")
def whole():
    return bc.train(TASK, **HOW)


def test_a_training_learns_and_its_history_says_so(whole):
    history = whole.history
    assert len(history) == 12 and history["update"].tolist() == [4 * k for k in range(1, 13)] and history["samples"].iloc[-1] == 384
    assert history["loss"].iloc[-1] < history["loss"].iloc[0] and whole.test_error <= 0.2
    assert whole.test_error * 10 == pytest.approx(round(whole.test_error * 10))  # ten held-out samples, counted once each


def test_an_interrupted_training_goes_on_to_the_same_numbers(whole, tmp_path):
    bc.train(TASK, **HOW, out=tmp_path, epochs=5)
    resumed = bc.train(TASK, **HOW, out=tmp_path, resume=True)
    for name, array in whole.state.items():
        np.testing.assert_array_equal(resumed.state[name], array)
    assert {path.name for path in tmp_path.iterdir()} >= {"checkpoint.npz", "network.npz", "history.csv"}
    with pytest.raises(UserError, match="belongs to training"):
        bc.train(TASK, **HOW, out=tmp_path, resume=True, rate=0.03)


def test_rules_stand_side_by_side(tmp_path):
    found = compare.compare(TASK, ("bp", "drtp"), **HOW, out=tmp_path, epochs=2)
    table = found.table.set_index("rule")
    assert table.loc["bp", "angle_1_deg"] == pytest.approx(0, abs=1e-4) and 0 < table.loc["drtp", "angle_1_deg"] < 180
    assert table["needs_transposed_weights"].tolist() == [True, False] and table["update_locked"].tolist() == [True, False]
    page = (tmp_path / "index.html").read_text()
    assert "update locked" in page and "needs transposed weights" in page and (tmp_path / "comparison.csv").exists()
    assert (tmp_path / "comparison.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n") and "data:image/svg+xml" in page


def test_the_angle_of_a_signal_that_is_zero_is_none(whole):
    spec = replace(whole.spec, rule=registry.get("layered_rule", "shallow"))
    assert np.isnan(alignment(spec, dict(whole.state), load()["train"])[0])


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        (
            ["train", "digits", "--rule", "eprop"],
            "'eprop' is a rule for recurrent networks, and this task trains a layered one; use one of bp",
        ),
        (
            ["train", "store_recall", "--rule", "drtp"],
            "'drtp' is a rule for layered networks, and this task trains a recurrent one; use one of",
        ),
        (["compare", "--task", "store_recall", "--rules", "bp"], "'bp' is a rule for layered networks"),
        (["compare", "--task", "digits", "--rules", "eprop"], "'eprop' is a rule for recurrent networks"),
        (["compare", "--task", "digits", "--iterations", "3"], "--iterations is for recurrent networks"),
        (["train", "digits", "--rule", "drpt"], "did you mean 'drtp'"),
        (["train", "digits", "--batch", "5000"], "task 'digits' has 1437 samples"),
        (["train", "digits", "--device", "cython"], "does not run on 'cython'"),
        (["train", "digits", "--start", "net.npz"], "--set are for recurrent networks"),
        (["verify", "eprop", "--file", "x.npz"], "--file is for verify drtp and verify ep"),
        (["verify", "drtp", "--file", "missing.npz"], "missing.npz"),
    ],
)
def test_what_does_not_fit_is_one_sentence(arguments, sentence, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert sentence in said and said.count("\n") == 1


def test_a_convolution_needs_images_that_are_large_enough():
    with pytest.raises(UserError, match="the samples of this task are none"):
        bc.train(TASK, **HOW, network={"convolution": Convolution(2, 3)})
    with pytest.raises(UserError, match="leave 1 x 1 positions"):
        bc.train("digits", **HOW, network={"convolution": Convolution(2, 8)})
    with pytest.raises(UserError, match="takes an output that is sigmoid"):
        bc.train(TASK, **HOW, network={"output": "tanh"})


def test_weights_start_at_random_unless_zero_is_asked_for():
    """`shallow` leaves the hidden layer as it began: within 1/sqrt(4 inputs), or at zero with biases that stay random."""
    drawn = bc.train(TASK, **HOW, rule="shallow", epochs=1).state
    assert 0 < abs(drawn["w0"]).min() and abs(drawn["w0"]).max() <= 0.5
    zero = bc.train(TASK, **HOW, rule="shallow", epochs=1, network={"zero_weights": True}).state
    assert not zero["w0"].any() and zero["b0"].all()
