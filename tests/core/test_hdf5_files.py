"""HDF5 files from outside: read in a process of their own, which may end as it likes."""

import numpy as np
import pytest

from brian2chip.core import hdf5_files
from brian2chip.core.hdf5_files import read_hdf5
from brian2chip.errors import UserError

h5py = pytest.importorskip("h5py")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a.h5"


def write(path, fill):
    with h5py.File(path, "w") as file:
        fill(file)
    return path


def refused(path, *words, **how):
    with pytest.raises(UserError) as error:
        read_hdf5(path, "test", **how)
    text = str(error.value)
    assert "\n" not in text and "a.h5" in text and all(word in text for word in words), text


def full(file):
    lists = file.create_dataset("g/lists", (2,), h5py.vlen_dtype(float))
    lists[0], lists[1] = [0.5], [1.0, 2.0]
    file["g/one"], file["g/flag"], file["text"], file["numbers"] = 3.5, True, "é", np.arange(6, dtype=">i2").reshape(2, 3)
    file["texts"] = np.array(["a", "bc"], dtype=h5py.string_dtype())
    file.create_group("empty")


def test_groups_arrays_texts_and_lists_come_back(path):
    found = read_hdf5(write(path, full), "test")
    assert set(found) == {"g", "text", "numbers", "texts", "empty"} and found["empty"] == {} and found["text"] == "é"
    assert found["numbers"].tolist() == [[0, 1, 2], [3, 4, 5]] and found["texts"].tolist() == ["a", "bc"]
    assert [a.tolist() for a in found["g"]["lists"]] == [[0.5], [1.0, 2.0]]
    assert found["g"]["one"].shape == () and found["g"]["one"] == 3.5 and found["g"]["flag"].dtype == bool
    assert set(read_hdf5(path, "test", ["g/one"])["g"]) == {"one"}


@pytest.mark.parametrize(
    ("fill", "word"),
    [
        (lambda f: f.update({"e": h5py.ExternalLink("/etc/passwd", "/x")}), "link"),
        (lambda f: f.update({"a": 1.0, "b": h5py.SoftLink("/a")}), "link"),
        (lambda f: f.create_dataset("x", (10,), "f8", external=[("/etc/passwd", 0, 80)]), "another file"),
        (lambda f: f.create_dataset("x", (1 << 40,), "f8", chunks=(1024,)), "too many bytes"),
        (lambda f: f.create_dataset("x", data=np.zeros(2, complex)), "only numbers and texts"),
        (lambda f: f.create_dataset("x", data=h5py.Empty("f8")), "is empty"),
        (lambda f: f.update({"x": np.zeros(2, [("a", int), ("b", float)])}), "only numbers and texts"),
    ],
)
def test_what_is_not_read(path, fill, word):
    refused(write(path, fill), word)


def test_a_group_within_itself(path):
    def fill(file):
        group = file.create_group("g")
        group["me"] = group

    refused(write(path, fill), "contains itself")


def test_the_end_of_the_process_is_a_sentence(path, tmp_path, monkeypatch):
    """The library ends with signal 11 on some damaged files (exit code 139 of the whole program, before)."""
    path.write_text("no HDF5")
    refused(path, "not a readable test file")
    write(path, full)
    child = tmp_path / "child.py"
    monkeypatch.setattr(hdf5_files, "CHILD", child)
    for code, word in (
        ("import os; os.kill(os.getpid(), 11)", "signal 11"),
        ("import sys; sys.exit(7)", "code 7"),
        ("while True: pass", "more than 1 s"),
    ):
        child.write_text(code)
        refused(path, word, seconds=1)


def test_attributes_of_groups_are_read_when_asked_for(path):
    def fill(file):
        file["group/values"] = np.arange(3)
        file.attrs["kind"], file["group"].attrs["dt"] = "text", 0.5

    write(path, fill)
    assert set(read_hdf5(path, "test")) == {"group"}
    found = read_hdf5(path, "test", ("@",))
    assert found["@kind"] == "text" and float(found["group"]["@dt"]) == 0.5 and found["group"]["values"].tolist() == [0, 1, 2]
    write(path, lambda file: file.attrs.__setitem__("list", [1, 2]))
    refused(path, "neither a number nor a text", names=("@",))
    write(path, lambda file: file.attrs.__setitem__("a/b", 1))
    refused(path, "slash in its name", names=("@",))
