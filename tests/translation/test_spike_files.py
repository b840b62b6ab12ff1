"""Files of spikes: what is read, and what is refused because it would have been cast, cut or wrapped."""

import os
import tracemalloc

import numpy as np
import pytest

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError
from brian2chip.translation.spike_files import load_samples, save_samples

GOOD = {"sample": [0, 0, 1], "t": [1, 2, 0], "i": [1, 2, 0], "n_samples": 2, "n_steps": 10, "n_in": 3, "label": [0, 4]}


def read(path, **changes):
    np.savez(path / "a.npz", **{name: value for name, value in (GOOD | changes).items() if value is not None})
    return load_samples(path / "a.npz")


def test_round_trip_and_defaults(tmp_path):
    samples = read(tmp_path, label=None)
    assert samples.label.tolist() == [0, 0] and samples.mask.all() and samples.t.dtype == np.int64
    again = load_samples(save_samples(samples, tmp_path / "b.npz"))
    assert np.array_equal(again.dense(), samples.dense())
    assert read(tmp_path, sample=[1, 0, 0], t=[0, 2, 1], i=[0, 2, 1]).t.tolist() == [1, 2, 0]  # sorted
    assert read(tmp_path, sample=[], t=[], i=[]).t.size == 0
    assert read(tmp_path, mask=np.arange(10) % 2).mask.sum() == 5
    target = read(tmp_path, label=None, target=np.ones((2, 10, 1), np.float32)).target
    assert target.dtype == float and target.shape == (2, 10, 1)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"t": [0.1, 0.2, 0.3]}, "t of the events holds real numbers (e.g. 0.1)"),  # seconds, which became step 0
        ({"t": np.array([1, 2, 0]) + 0.9}, "t of the events"),
        ({"t": np.array([1, 2, 0]) + 0j}, "complex128"),
        ({"t": [np.nan, 1, 2]}, "t of the events"),
        ({"t": [True, False, True]}, "truth values"),
        ({"t": ["1", "2", "0"]}, "texts"),
        ({"t": [1, 2, 10]}, "allowed is 0 to 9"),
        ({"t": [1, 2]}, "given were 3, 2, 3"),
        ({"i": [1, 2, -1]}, "-1"),
        ({"i": np.array([1, 2, 2**63], np.uint64)}, "9223372036854775808"),
        ({"sample": [[0, 0, 1]]}, "sample of the events has shape (1, 3)"),
        ({"sample": 0}, "sample of the events has shape ()"),
        ({"label": [0, -1]}, "label of the samples"),
        ({"label": [0.0, 1.0]}, "label of the samples"),
        ({"label": [0]}, "label of the samples has shape (1,)"),
        ({"label": None, "target": np.full((2, 10, 1), np.nan)}, "not finite"),
        ({"target": np.zeros((2, 10, 1))}, "not both"),
        ({"mask": np.linspace(0, 1, 10)}, "mask of the samples"),
        ({"mask": np.ones(9, bool)}, "mask of the samples"),
        ({"n_steps": 20.9}, "n_steps of the file"),
        ({"n_steps": 20.0}, "n_steps of the file"),
        ({"n_steps": True}, "n_steps of the file"),
        ({"n_steps": -1}, "n_steps of the file"),
        ({"n_steps": [10]}, "one number"),
        ({"n_steps": 2**40}, "n_steps of the file"),
        ({"n_samples": 0, "sample": [], "t": [], "i": [], "label": None}, "n_samples of the file"),
        ({"n_in": None}, "lacks n_in"),
        ({"times": [1]}, "'times'"),
    ],
)
def test_what_is_refused(tmp_path, changes, word):
    with pytest.raises(UserError) as error:
        read(tmp_path, **changes)
    text = str(error.value)
    assert "a.npz" in text and "\n" not in text and word in text, text


def test_other_files(tmp_path):
    np.save(tmp_path / "c.npy", np.ones((1, 2, 3)))
    os.mkfifo(tmp_path / "pipe.npz")
    for name, word in (("c.npy", "not a readable spike file"), ("none.npz", "there is no spike file"), ("pipe.npz", "is no file")):
        with pytest.raises(UserError, match=word):
            load_samples(tmp_path / name)


def test_sizes_are_known_before_memory_is_taken(tmp_path):
    tracemalloc.start()
    with pytest.raises(UserError, match="n_samples"):
        read(tmp_path, n_samples=2**50, label=None)
    samples = read(tmp_path, n_samples=2**20, n_steps=2**20, n_in=2**20, label=None, mask=None)
    assert tracemalloc.get_traced_memory()[1] < 2**26
    with pytest.raises(UserError, match=r"as one table would take 1073741824\.0 GiB"):
        samples.dense()
    tracemalloc.stop()


def test_samples_in_python_are_checked_as_those_of_a_file():
    for changes in ({"t": np.array([0.1, 1, 2])}, {"label": [0.5, 1]}, {"n_steps": 10.0}, {"i": "abc"}):
        with pytest.raises(UserError):
            Samples(**(GOOD | {"mask": np.ones(10, bool)} | changes))
    with pytest.raises(UserError, match="x of the samples"):
        Samples.from_dense(np.full((1, 2, 3), 0.5), np.ones(2, bool), label=[0])
