"""Samples: what their maker refuses, and that taking, joining and densifying keep every event."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

GOOD = {
    "sample": np.array([0, 0, 1]),
    "t": np.array([0, 4, 2]),
    "i": np.array([2, 0, 1]),
    "n_samples": 2,
    "n_steps": 5,
    "n_in": 3,
    "mask": np.ones(5, bool),
    "label": np.array([1, 0]),
}


def made(**changes) -> Samples:
    return Samples(**(GOOD | changes))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"t": np.array([0, 4])}, "given were 3, 2, 3"),
        ({"i": np.array([0, 1])}, "given were 3, 3, 2"),
        ({"sample": np.array([0, 0, 2])}, "sample of the events goes from 0 to 2; allowed is 0 to 1"),
        ({"sample": np.array([-1, 0, 1])}, "sample of the events goes from -1 to 1"),
        ({"t": np.array([0, 5, 2])}, "t of the events goes from 0 to 5; allowed is 0 to 4"),
        ({"t": np.array([0, -1, 2])}, "t of the events goes from -1"),
        ({"i": np.array([3, 0, 1])}, "i of the events goes from 0 to 3; allowed is 0 to 2"),
        ({"mask": np.ones(4, bool)}, r"mask of the samples has shape \(4,\); it must be \(5\)"),
        ({"label": None}, "either labels"),
        ({"target": np.zeros((2, 5, 1))}, "not both"),
        ({"label": np.zeros(3, int)}, r"label of the samples has shape \(3,\); it must be \(2\)"),
        ({"label": None, "target": np.zeros((2, 4, 1))}, r"it must be \(2, 5, any\)"),
        ({"label": None, "target": np.zeros((3, 5, 1))}, r"it must be \(2, 5, any\)"),
    ],
)
def test_samples_that_do_not_fit_together_are_refused(changes, words):
    with pytest.raises(UserError, match=words):
        made(**changes)


def test_samples_at_the_limits_and_without_events_are_made():
    assert len(made()) == 2
    none = np.zeros(0, int)
    assert len(made(sample=none, t=none, i=none)) == 2 and not made(sample=none, t=none, i=none).dense().any()
    assert made(label=None, target=np.zeros((2, 5, 7))).target.shape == (2, 5, 7)


def test_dense_has_each_event_once():
    assert np.argwhere(made().dense()).tolist() == [[0, 0, 2], [0, 4, 0], [1, 2, 1]] and made().dense().shape == (2, 5, 3)


BOOLEANS = arrays(bool, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 3)))


@given(BOOLEANS, st.randoms(use_true_random=False))
def test_dense_take_and_join_keep_every_event(x, random):
    target = np.arange(x.shape[0] * x.shape[1] * 2.0).reshape(*x.shape[:2], 2)
    samples = Samples.from_dense(x, np.ones(x.shape[1], int), target=target)
    assert np.array_equal(samples.dense(), x) and samples.mask.dtype == bool
    assert (samples.n_samples, samples.n_steps, samples.n_in) == x.shape
    which = [random.randrange(len(x)) for _ in range(3)]
    taken = samples.take(which)
    assert np.array_equal(taken.dense(), x[which]) and np.array_equal(taken.target, target[which]) and taken.label is None
    joined = Samples.join([taken, samples])
    assert np.array_equal(joined.dense(), np.concatenate([x[which], x])) and len(joined) == 3 + len(x)
    assert np.array_equal(joined.target, np.concatenate([target[which], target]))
    assert np.all(np.diff(joined.sample * x.shape[1] + joined.t) >= 0)


def test_labels_are_taken_and_joined_with_their_samples():
    samples = made()
    assert samples.take([1, 1, 0]).label.tolist() == [0, 0, 1] and samples.take([1]).target is None
    three = Samples.join([samples, samples.take([1]), samples])
    assert three.label.tolist() == [1, 0, 0, 1, 0] and three.sample.tolist() == [0, 0, 1, 2, 3, 3, 4]
