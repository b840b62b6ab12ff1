"""Whole-number networks: pixels that spike once give what a frame gives, and both what int64 arithmetic gives."""

from dataclasses import replace

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.core.layered_config import Convolution, LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.learning.layered import first_spike

LEVELS, ROWS, FILTERS, SIZE = 16, 7, 2, 3


def load(data=None):
    """Bright left halves against bright right ones, in levels of a sixteenth."""
    rng = np.random.default_rng(3)
    x, label = rng.integers(0, LEVELS, (34, ROWS, ROWS)), np.arange(34) % 2
    x[label == 0, :, 3:] //= 4
    x[label == 1, :, :4] //= 4
    every = StaticSamples(x.reshape(34, -1) / LEVELS, label)
    return {"train": every.take(np.arange(24)), "test": every.take(np.arange(24, 34))}


TASK = LayeredTask(
    name="halves",
    source="this test",
    kind="classification",
    n_in=ROWS**2,
    n_out=2,
    load=load,
    image=(1, ROWS, ROWS),
    network=LayeredConfig((6,), "hard_tanh", "linear", "cross_entropy", Convolution(FILTERS, SIZE, trained=False)),
    training=LayeredTraining("drtp", "gradient_descent", 0.1, 4, 6, bits=8, rounding="stochastic", limits=(0.5, 0.5, 1.0)),
)


@pytest.fixture(scope="module")
def trained():
    return bc.train(TASK, device="numpy", seed=2)


def in_frames(codes, pixels):
    """Return the outputs by int64 arithmetic: shifts, no floating point."""
    w = codes.weights
    shift = [-int(np.log2(scale)) for scale in codes.scales]
    image = pixels.reshape(-1, ROWS, ROWS)
    seen = np.lib.stride_tricks.sliding_window_view(image, (SIZE, SIZE), (1, 2))
    drive = np.einsum("brcij,fij->bfrc", seen, w["w0"].reshape(FILTERS, SIZE, SIZE)) + LEVELS * w["b0"][:, None, None]
    y = np.clip(drive >> shift[0], -128, 127)[:, :, : (ROWS - SIZE + 1) // 2 * 2, : (ROWS - SIZE + 1) // 2 * 2]
    n = y.shape[2] // 2
    y = y.reshape(len(y), FILTERS, n, 2, n, 2).max((3, 5)).reshape(len(y), -1)
    y = np.clip((y @ w["w1"].T + 128 * w["b1"]) >> shift[1], -128, 127)
    return y @ w["w2"].T + 128 * w["b2"]


@pytest.mark.parametrize("events", [True, False], ids=["events", "frames"])
def test_outputs_are_those_of_whole_number_arithmetic(trained, events, monkeypatch):
    monkeypatch.setattr(first_spike, "BATCH", 4)  # nine images are three presentations, the last one not full
    codes = first_spike.codes_of(trained, LEVELS)
    pixels = np.random.default_rng(5).integers(0, LEVELS, (9, ROWS**2))
    pixels[0], pixels[1] = 0, LEVELS - 1  # no spike at all, and every pixel at the first tick
    expected = in_frames(codes, pixels)
    assert len(np.unique(expected[:, 0])) > 5
    np.testing.assert_array_equal(first_spike.outputs(codes, pixels, events, device="numpy"), expected)


def test_whole_numbers_answer_as_the_trained_network_does(trained):
    held_out = load()["test"]
    found = first_spike.outputs(first_spike.codes_of(trained, LEVELS), np.rint(held_out.x * LEVELS).astype(int), device="numpy")
    assert (found.argmax(1) != held_out.label).mean() == pytest.approx(trained.test_error, abs=0.1)  # one of ten may fall differently


def test_weights_stay_on_their_grid_and_those_of_a_fixed_convolution_as_they_were(trained):
    codes, start = (
        first_spike.codes_of(trained, LEVELS),
        first_spike.codes_of(bc.train(TASK, device="numpy", seed=2, epochs=1, rate=0.0), LEVELS),
    )
    np.testing.assert_array_equal(codes.weights["w0"], start.weights["w0"])
    assert (codes.weights["w1"] != start.weights["w1"]).any() and (codes.weights["w2"] != start.weights["w2"]).any()
    assert all(-128 <= code.min() and code.max() <= 127 for code in codes.weights.values())


def test_rounding_to_the_nearest_keeps_real_weights_beside(trained):
    net = bc.train(TASK, device="numpy", seed=2, rounding="nearest", epochs=1)
    step = 0.5 / 128  # a limit of 0.5 and 8 bits
    np.testing.assert_array_equal(net.state["w1"], np.clip(np.floor(net.state["w1.real"] / step + 0.5), -128, 127) * step)
    assert (net.state["w1"] != net.state["w1.real"]).any()


def test_stochastic_rounding_is_right_on_average():
    """A gradient far below a step moves weights by what it would in real numbers, on the mean over many weights."""
    how = {"device": "numpy", "seed": 2, "epochs": 6, "rate": 0.002}
    real, rounded = bc.train(TASK, bits=None, **how).state, bc.train(TASK, **how).state
    moved = bc.train(TASK, bits=None, **{**how, "rate": 0.0}).state["w2"] - real["w2"]
    step = 1 / 128
    assert np.abs(moved).max() < 6 * step
    difference = (rounded["w1"] - real["w1"]).ravel()
    assert abs(difference.mean()) < 4 * difference.std() / np.sqrt(len(difference))


@pytest.mark.parametrize(
    "change, sentence",
    [
        ({"bits": 1}, "allowed are 2 to 24"),
        ({"limits": ()}, "give a number above 0 for each layer"),
        ({"limits": (0.5, 0.5)}, "2 limits of weights of 8 bits were given; the network has 3 layers"),
        ({"rounding": "down"}, "rounding"),
    ],
)
def test_what_weights_of_n_bits_cannot_be_is_one_sentence(change, sentence):
    with pytest.raises(UserError, match=sentence):
        bc.train(TASK, device="numpy", **change)


def test_networks_and_pixels_that_are_no_whole_numbers_are_refused(trained):
    with pytest.raises(UserError, match="weights of n bits"):
        first_spike.codes_of(bc.train(TASK, device="numpy", bits=None, epochs=1), LEVELS)
    with pytest.raises(UserError, match="limits must be powers of two"):
        first_spike.codes_of(bc.train(TASK, device="numpy", limits=(0.5, 0.3, 1.0), epochs=1), LEVELS)
    with pytest.raises(UserError, match="w1 is not of 8 bits"):
        first_spike.codes_of(replace(trained, state={**trained.state, "w1": trained.state["w1"] + 0.001}), LEVELS)
    codes = first_spike.codes_of(trained, LEVELS)
    with pytest.raises(UserError, match="levels go from 0 to 15"):
        first_spike.outputs(codes, np.full((1, ROWS**2), 16), device="numpy")
