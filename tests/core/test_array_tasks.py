"""A task from a user's arrays: dense, as times, with labels or targets; what is held out is never trained on."""

import numpy as np
import pytest
from brian2 import ms, mV

import brian2chip as bc
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

RNG = np.random.default_rng(0)
DENSE = RNG.random((20, 15, 4)) < 0.2
LABELS = np.arange(20) % 2


def key(samples):
    return {row.tobytes() for row in samples.dense()}


def test_dense_spikes_with_labels():
    task = bc.Task.from_arrays(DENSE, LABELS, dt=1 * ms, seed=3)
    assert (task.n_in, task.n_steps, task.n_out, task.dt, task.kind) == (4, 15, 2, 1e-3, "classification") and task.mask.all()
    train, test = (task.generate(200, np.random.default_rng(1), split=split) for split in ("train", "test"))
    assert len(train) == 200 and len(test) == 4 and not key(train) & key(test)
    assert len(key(test)) == 4 and len(key(train)) == 16  # a fifth of each class is held out
    assert key(train) | key(test) == {row.tobytes() for row in DENSE}
    for samples in (train, test):  # labels go with their samples
        for row, label in zip(samples.dense(), samples.label):
            (k,) = [k for k, x in enumerate(DENSE) if (x == row).all()]
            assert label == LABELS[k]


def test_times_of_spikes_give_the_same_as_the_table():
    times = [[np.flatnonzero(DENSE[k, :, c]) * ms for c in range(4)] for k in range(20)]
    one, other = (
        bc.Task.from_arrays(x, LABELS, dt=1 * ms, n_steps=15).generate(50, np.random.default_rng(2)) for x in (times, DENSE.astype(float))
    )
    assert (one.dense() == other.dense()).all() and (one.label == other.label).all()


def test_events_give_the_same_as_the_table():
    one, other = (
        bc.Task.from_arrays(x, LABELS, dt=1 * ms, n_steps=15, n_in=4).generate(50, np.random.default_rng(2))
        for x in (np.nonzero(DENSE), DENSE)
    )
    assert (one.dense() == other.dense()).all() and (one.label == other.label).all()
    samples = Samples.from_dense(DENSE, np.ones(15, bool), label=LABELS)
    assert (bc.Task.from_arrays(samples, dt=1 * ms).generate(50, np.random.default_rng(2)).dense() == other.dense()).all()


def test_samples_to_test_on_may_be_given():
    more = RNG.random((3, 15, 4)) < 0.2
    task = bc.Task.from_arrays(DENSE, LABELS, dt=1 * ms, test=(more, [0, 1, 1]))
    test = task.generate(100, np.random.default_rng(1), split="test")
    assert (test.dense() == more).all() and test.label.tolist() == [0, 1, 1]
    assert key(task.generate(500, np.random.default_rng(1))) == {row.tobytes() for row in DENSE}
    assert len(task.generate(2, np.random.default_rng(1), split="test")) == 2


def test_targets_make_a_regression():
    task = bc.Task.from_arrays(DENSE, targets=np.zeros((20, 15, 3)), dt=0.5e-3, mask=np.arange(15) > 5)
    assert (task.kind, task.n_out, task.dt, int(task.mask.sum())) == ("regression", 3, 5e-4, 9)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"labels": LABELS[:5]}, "label"),
        ({"labels": LABELS * 2}, "class 1 has no sample"),
        ({"labels": LABELS * 10**18}, "class 1 has no sample"),  # and takes no memory for the classes between
        ({"labels": LABELS[:0], "spikes": DENSE[:0]}, "no samples"),
        ({"labels": LABELS * 0}, "one class only"),
        ({"labels": LABELS + 0.5}, "whole numbers"),
        ({"labels": None}, "labels"),
        ({"dt": 1 * mV}, "give one time"),
        ({"dt": -1e-3}, "positive"),
        ({"dt": "fast"}, "give one time"),
        ({"spikes": DENSE * 2}, "spikes"),
        ({"spikes": DENSE + 0.5}, "spikes"),
        ({"spikes": [[[0.0012], []]] * 20}, "off the grid"),
        ({"spikes": [[[0.001, 0.001], []]] * 20}, "two spikes in one step"),
        ({"spikes": [3] * 20}, "a list for each channel"),
        ({"spikes": [[[-0.001]]] * 20}, "-0.001"),
        ({"spikes": [[0.001, 0.002]] * 20}, "a list for each channel"),
        ({"spikes": 3}, "give a table"),
        ({"spikes": [[[0.001], [], [0.002]]] * 20, "n_in": 2}, "i of the events goes from 0 to 2; allowed is 0 to 1"),
        ({"spikes": (np.array([0, 20]), np.array([0, 1]), np.array([0, 1]))}, "sample of the events goes from 0 to 20"),
        ({"spikes": (np.array([0, 2]), np.array([0, 1]), np.array([0]))}, "equally many"),
        ({"spikes": Samples.from_dense(DENSE, np.ones(15, bool), label=LABELS)}, "leave labels out"),
        ({"labels": None, "targets": np.full((20, 15, 2), np.nan)}, "not finite"),
        ({"labels": None, "targets": np.zeros((20, 14, 2))}, "target"),
        ({"labels": LABELS, "targets": np.zeros((20, 15, 2))}, "not both"),
        ({"test": (DENSE, LABELS + 1)}, "the test has class 2, the training 2 classes"),
        ({"test": (DENSE[:, :, :3], LABELS)}, "n_in is 4 in the training and 3 in the test"),
        ({"test": (DENSE[:, :9], LABELS)}, "mask"),
        ({"test": DENSE}, "test was given as ndarray"),
        ({"test": Samples.from_dense(DENSE, np.ones(15, bool), target=np.zeros((20, 15, 1)))}, "both labels, or both targets"),
        ({"n_steps": 7}, "leave n_steps out"),
        ({"n_steps": 2.5}, "n_steps"),
        ({"held_out": 1.5}, "between 0 and 1"),
        ({"held_out": 0.01}, "leaves none to test"),
        ({"mask": np.ones(3, bool)}, "mask"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_arrays_are_one_sentence(change, sentence):
    given = {"spikes": DENSE, "labels": LABELS, "dt": 1 * ms} | change
    with pytest.raises(UserError, match=sentence) as raised:
        bc.Task.from_arrays(given.pop("spikes"), given.pop("labels"), **given)
    assert "\n" not in str(raised.value)
