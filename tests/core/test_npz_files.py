"""Files of arrays: written whole or not at all, and one sentence for anything foreign."""

import json
import os

import numpy as np
import pytest

from brian2chip.core.npz import read_npz, write_npz
from brian2chip.errors import UserError

ARRAYS = {"head": np.array(json.dumps({"format": "mine/1"})), "w": np.arange(6.0).reshape(2, 3), "n": np.array([1, 2], np.int8)}


def test_arrays_come_back_as_they_were(tmp_path):
    path = write_npz(tmp_path / "deep" / "er" / "a.npz", ARRAYS)
    found = read_npz(path, "mine/1", "test")
    assert set(found) == set(ARRAYS) and path == tmp_path / "deep" / "er" / "a.npz"
    for name, array in ARRAYS.items():
        assert found[name].dtype == array.dtype and np.array_equal(found[name], array)
    assert os.listdir(path.parent) == ["a.npz"]


def test_a_file_is_replaced_whole_or_stays(tmp_path):
    path = write_npz(tmp_path / "a.npz", ARRAYS)
    write_npz(path, {**ARRAYS, "w": np.zeros(1)})
    assert read_npz(path, "mine/1", "test")["w"].shape == (1,)

    class Broken:
        def __array__(self, *args, **kwargs):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_npz(path, {"w": Broken()})
    assert read_npz(path, "mine/1", "test")["w"].shape == (1,) and os.listdir(tmp_path) == ["a.npz"]


def test_missing_damaged_and_foreign_files_are_told_apart(tmp_path):
    with pytest.raises(UserError, match="there is no network file"):
        read_npz(tmp_path / "none.npz", "mine/1", "network")
    good = write_npz(tmp_path / "a.npz", ARRAYS).read_bytes()
    damaged = tmp_path / "damaged.npz"
    for content in (b"", b"text", good[: len(good) // 2], good[:100] + bytes(50) + good[150:]):
        damaged.write_bytes(content)
        with pytest.raises(UserError, match="not a readable network file"):
            read_npz(damaged, "mine/1", "network")
    np.savez(damaged, head=np.array([{"format": "mine/1"}], object))  # a pickle is not read
    with pytest.raises(UserError, match="not a readable"):
        read_npz(damaged, "mine/1", "network")


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (json.dumps({"format": "other/2"}), "holds other/2, not mine/1"),
        (json.dumps({"size": 3}), "holds an unknown format, not mine/1"),
        (json.dumps([1, 2]), "holds an unknown format"),
        ("no json", "holds an unknown format"),
        (None, "holds an unknown format"),
    ],
)
def test_a_head_of_another_format(tmp_path, head, words):
    arrays = {"w": np.zeros(2)} | ({} if head is None else {"head": np.array(head)})
    with pytest.raises(UserError, match=words):
        read_npz(write_npz(tmp_path / "a.npz", arrays), "mine/1", "test")
