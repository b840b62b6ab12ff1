"""What the process that opens HDF5 files reads and refuses, here in this process; the process itself: ``test_hdf5_files.py``."""

import json
import resource
import runpy

import numpy as np
import pytest

from brian2chip.core import _hdf5_child as child

h5py = pytest.importorskip("h5py")


@pytest.fixture
def content(tmp_path, monkeypatch):
    """A function that returns the entries and arrays of a file that another function fills."""

    def read(fill, names=(), largest=1 << 20):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            fill(file)
        with open(tmp_path / "out.npz", "wb") as out:
            monkeypatch.setattr(child.sys, "stdout", type("Out", (), {"buffer": out}))
            child.main(str(tmp_path / "a.h5"), largest, list(names))
        with np.load(tmp_path / "out.npz") as found:
            arrays = {name: found[name] for name in found}
        return [tuple(entry) for entry in json.loads(str(arrays.pop("head")))], arrays

    return read


def full(file):
    lists = file.create_dataset("g/lists", (3,), h5py.vlen_dtype(float))
    lists[0], lists[1], lists[2] = [0.5], [], [1.0, 2.0]
    file["g/one"], file["text"] = 3.5, "é"
    file["texts"] = np.array(["a", "bc"], dtype=h5py.string_dtype())
    file.create_dataset("none", (0,), h5py.vlen_dtype(int))
    file.attrs["kind"], file["g"].attrs["dt"] = "mine", 0.5


def test_every_kind_of_entry_with_its_numbers(content):
    entries, arrays = content(full)
    kinds = {"g": "group", "g/lists": "lists", "g/one": "array", "none": "lists", "text": "text", "texts": "texts"}
    assert dict(entries) == kinds and len(entries) == 6
    at = {name: k for k, (name, _) in enumerate(entries)}
    assert arrays[f"values_{at['g/lists']}"].tolist() == [0.5, 1.0, 2.0] and arrays[f"ends_{at['g/lists']}"].tolist() == [1, 1, 3]
    assert arrays[f"values_{at['none']}"].size == arrays[f"ends_{at['none']}"].size == 0
    assert arrays[f"values_{at['g/one']}"] == 3.5 and str(arrays[f"values_{at['text']}"]) == "é"
    assert arrays[f"values_{at['texts']}"].tolist() == ["a", "bc"]
    assert sorted(arrays) == sorted(
        [*(f"values_{k}" for name, k in at.items() if name != "g"), *(f"ends_{at[n]}" for n in ("g/lists", "none"))]
    )


def test_what_is_asked_for_alone_and_attributes(content):
    assert content(full, ["g/one"])[0] == [("g/one", "array")]
    entries, arrays = content(full, ["g/one", "@"])
    assert entries == [("g/one", "array"), ("@kind", "text"), ("g/@dt", "array")]
    assert str(arrays["values_1"]) == "mine" and arrays["values_2"] == 0.5


def numbers(count):
    return lambda file: file.create_dataset("x", data=np.zeros(count))


def lists(*lengths):
    def fill(file):
        made = file.create_dataset("x", (len(lengths),), h5py.vlen_dtype(float))
        for k, length in enumerate(lengths):
            made[k] = np.zeros(length)

    return fill


def both(file):
    numbers(10)(file)
    file["y"] = np.zeros(10)


@pytest.mark.parametrize(("fill", "size"), [(numbers(10), 80), (lists(8, 4), 96), (both, 160)])
def test_all_bytes_that_are_allowed_may_be_taken_and_no_more(content, fill, size):
    content(fill, largest=size)
    with pytest.raises(child.Refused, match="too many bytes"):
        content(fill, largest=size - 1)


def nested(levels):
    return lambda file: file.create_group("/".join("g" * levels))


def test_groups_may_be_deep_and_many_up_to_a_limit(content, monkeypatch):
    monkeypatch.setattr(child, "DEEPEST", 3)
    assert len(content(nested(2))[0]) == 2  # the file itself is a level
    with pytest.raises(child.Refused, match="more than 3 levels deep"):
        content(nested(3))
    monkeypatch.setattr(child, "MOST", 2)
    assert len(content(both)[0]) == 2
    monkeypatch.setattr(child, "MOST", 1)
    with pytest.raises(child.Refused, match="more than 1 groups and datasets"):
        content(both)
    with pytest.raises(child.Refused, match="more than 1 attributes"):
        content(lambda file: file.attrs.update({"a": 1, "b": 2}), ["@"])


@pytest.mark.parametrize(
    ("fill", "words"),
    [
        (lambda f: f.update({"e": h5py.ExternalLink("other.h5", "/x")}), "'e' is a link"),
        (lambda f: f.update({"g/a": 1.0, "g/b": h5py.SoftLink("/g/a")}), "'g/b' is a link"),
        (lambda f: f.update({"g/h/x": 1.0}) or f["g/h"].update({"me": f["g"]}), "group 'g/h/me' contains itself"),
        (lambda f: f.create_dataset("x", (10,), "f8", external=[("other", 0, 80)]), "'x' lie in another file"),
        (lambda f: f.create_dataset("x", data=h5py.Empty("f8")), "'x' is empty"),
        (lambda f: f.create_dataset("x", data=np.zeros(2, complex)), "only numbers and texts"),
        (lambda f: f.create_dataset("x", (1, 1), h5py.vlen_dtype(float)), "in 2 dimensions"),
        (lambda f: f.create_dataset("x", (1,), h5py.vlen_dtype(complex)), "lists of complex"),
        (lambda f: f.update({"x": np.dtype("f8")}), "neither a group nor a dataset"),
        (lambda f: f.attrs.update({"a/b": 1}), "slash"),
        (lambda f: f.attrs.update({"a": [1, 2]}), "neither a number nor a text"),
    ],
)
def test_what_is_refused(content, fill, words):
    with pytest.raises(child.Refused, match=words):
        content(fill, ["@", "x"])


@pytest.mark.parametrize("hard", [resource.RLIM_INFINITY, 100])
def test_what_the_process_may_take_is_never_more_than_it_had(monkeypatch, hard):
    said = {}
    monkeypatch.setattr(resource, "getrlimit", lambda what: (hard, hard))
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: said.update({what: limits}))
    child.limit(500, 7)
    memory = 500 if hard == resource.RLIM_INFINITY else 100
    assert said == {resource.RLIMIT_CORE: (0, 0), resource.RLIMIT_AS: (memory, hard), resource.RLIMIT_CPU: (7, hard)}


def test_a_refusal_ends_the_process_with_code_3_and_one_line(tmp_path, monkeypatch, capsys):
    said = {}
    monkeypatch.setattr(resource, "setrlimit", lambda what, limits: said.update({what: limits[0]}))
    monkeypatch.setattr(resource, "getrlimit", lambda what: (resource.RLIM_INFINITY,) * 2)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = np.zeros(2, complex)
    monkeypatch.setattr(child.sys, "argv", ["child", str(tmp_path / "a.h5"), "1000", "7"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(child.__file__, run_name="__main__")
    assert ended.value.code == 3  # what hdf5_files.py takes for a refusal
    assert capsys.readouterr().err == "'x' holds complex128; only numbers and texts are read"
    assert said[resource.RLIMIT_AS] == 3000 + 2**30 and said[resource.RLIMIT_CPU] == 7  # three times the bytes, and what Python takes
