"""A layered task from a user's arrays: what is held out, what is given to test on, and what is refused; wrong functions ``load``."""

import numpy as np
import pytest

import brian2chip as bc
from brian2chip.errors import UserError

X = np.random.default_rng(0).random((40, 6))
LABELS = np.arange(40) % 2


def rows(samples):
    return {row.tobytes() for row in samples.x}


def test_a_share_of_each_class_is_held_out_and_labels_go_with_their_samples():
    task = bc.LayeredTask.from_arrays(X, LABELS, held_out=0.25, name="mine", seed=3)
    sets = task.samples()
    assert (task.name, task.kind, task.n_in, task.n_out) == ("mine", "classification", 6, 2)
    assert np.bincount(sets["test"].label).tolist() == [5, 5] and len(sets["train"]) == 30
    assert not rows(sets["train"]) & rows(sets["test"]) and rows(sets["train"]) | rows(sets["test"]) == {row.tobytes() for row in X}
    for samples in sets.values():
        for row, label in zip(samples.x, samples.label):
            assert label == LABELS[np.flatnonzero((X == row).all(1))[0]]
    same = bc.LayeredTask.from_arrays(bc.StaticSamples(X, LABELS), held_out=0.25, seed=3).samples()
    np.testing.assert_array_equal(same["test"].x, sets["test"].x)


def test_samples_to_test_on_may_be_given_and_images_become_vectors():
    images = X.reshape(40, 2, 3)
    task = bc.LayeredTask.from_arrays(images[:30], LABELS[:30], test=(images[30:], LABELS[30:].tolist()), image=(1, 2, 3))
    sets = task.samples(data="not used")
    np.testing.assert_array_equal(sets["test"].x, X[30:])
    assert len(sets["train"]) == 30 and task.image == (1, 2, 3)


def test_targets_make_a_regression_that_learns():
    task = bc.LayeredTask.from_arrays(X, targets=X @ np.arange(6.0), name="sums")
    assert (task.kind, task.n_out, task.network.loss, task.network.output) == ("regression", 1, "mean_squared_error", "linear")
    history = bc.train(task, rule="bp", hidden=10, epochs=20, batch=8, rate=0.01, device="numpy").history
    assert history.test_loss.iloc[-1] < history.test_loss.iloc[0] / 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": LABELS[:5]}, "label"),
        ({"labels": LABELS * 2}, "class 1 has no sample"),
        ({"labels": LABELS + 0.5}, "whole numbers"),
        ({"labels": np.array(["cat", "dog"] * 20)}, "whole numbers"),
        ({"labels": None}, "neither labels nor targets"),
        ({"targets": X}, "both labels and targets"),
        ({"x": X * np.nan}, "not finite"),
        ({"x": X[0]}, "x"),
        ({"x": [[1.0, 2.0], [3.0]] * 20}, "x were given as list, which NumPy cannot read"),
        ({"x": X[:0], "labels": LABELS[:0]}, "no samples"),
        ({"x": bc.StaticSamples(X, LABELS)}, "leave them out"),
        ({"test": X}, "test was given as ndarray"),
        ({"test": (X[:, :3], LABELS)}, "6 inputs in the training and 3 in the test"),
        ({"test": (X, LABELS + 1)}, "the test has class 2"),
        ({"test": bc.StaticSamples(X, target=X)}, "both labels, or both targets"),
        ({"test": (X[:0], LABELS[:0])}, "no samples to test on"),
        ({"labels": None, "targets": X, "test": (X, X[:, :2])}, "6 targets in the training and 2 in the test"),
        ({"labels": None, "targets": X[:, :2], "test": (X, X)}, "2 targets in the training and 6 in the test"),
        ({"held_out": 1.5}, "between 0 and 1"),
        ({"seed": -1}, "seed"),
        ({"image": (1, 2, 2)}, "channels, rows and columns of 6 inputs"),
        ({"name": ""}, "name"),
    ],
)
def test_wrong_arrays_are_one_sentence(change, sentence):
    given = {"x": X, "labels": LABELS} | change
    with pytest.raises(UserError, match=sentence) as raised:
        bc.LayeredTask.from_arrays(given.pop("x"), given.pop("labels"), **given)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 300


@pytest.mark.parametrize(
    ("load", "sentence"),
    [
        (lambda: {}, "takes no argument data alone; write def load"),
        (lambda data, more: {}, "takes no argument data alone"),
        (lambda data=None: (X, LABELS), "load of task 'mine' returns tuple; return"),
        (lambda data=None: {"train": bc.StaticSamples(X, LABELS)}, "returns no 'test' set"),
        (
            lambda data=None: {"train": (X, LABELS), "test": (X, LABELS)},
            "the train set of task 'mine' was given as tuple; give StaticSamples",
        ),
    ],
)
def test_a_wrong_function_load_is_one_sentence(load, sentence):
    task = bc.LayeredTask("mine", "this test", "classification", 6, 2, load)
    for use in (task.samples, lambda: bc.train(task, device="numpy", rule="bp")):
        with pytest.raises(UserError, match=sentence):
            use()


@pytest.mark.parametrize("pixel", [-0.01, 1.01])
def test_pixels_go_from_zero_to_one(pixel):
    images = np.full((40, 2, 3), 0.5)
    images[7, 1, 2] = pixel
    with pytest.raises(UserError, match="pixels of the train set of task 'arrays' go from .*divide them by their largest possible value"):
        bc.LayeredTask.from_arrays(images, LABELS, test=(np.full((4, 2, 3), 0.5), LABELS[:4]), image=(1, 2, 3)).samples()
