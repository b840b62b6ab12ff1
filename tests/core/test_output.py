"""Output folders that are whole or not there, and values as JSON can hold them."""

import json
import os
import stat

import numpy as np
import pytest
from brian2 import ms

from brian2chip.core import output
from brian2chip.errors import UserError


def finished(path, mark="run.json"):
    path.mkdir(parents=True)
    (path / mark).write_text("{}")
    (path / "old.csv").write_text("old")
    return path


def test_a_folder_takes_its_name_when_all_is_written(tmp_path):
    out = tmp_path / "deep" / "out"
    with output.folder(out) as folder:
        assert folder.parent == out.parent and not out.exists()
        (folder / "table.csv").write_text("1")
    assert [p.name for p in out.iterdir()] == ["table.csv"] and os.listdir(out.parent) == ["out"]
    assert stat.S_IMODE(out.stat().st_mode) == 0o755


def test_an_error_leaves_what_was_there(tmp_path):
    out = finished(tmp_path / "out")
    with pytest.raises(RuntimeError), output.folder(out, force=True) as folder:
        (folder / "half.csv").write_text("")
        raise RuntimeError
    assert sorted(os.listdir(out)) == ["old.csv", "run.json"] and os.listdir(tmp_path) == ["out"]


def test_force_replaces_everything(tmp_path):
    out = finished(tmp_path / "out")
    with output.folder(out, force=True) as folder:
        (folder / "new.csv").write_text("new")
    assert os.listdir(out) == ["new.csv"] and os.listdir(tmp_path) == ["out"]


def test_only_empty_folders_are_taken_without_force(tmp_path):
    (tmp_path / "empty").mkdir()
    assert output.check_folder(tmp_path / "empty") == tmp_path / "empty"
    assert output.check_folder(str(tmp_path / "new" / "er")) == tmp_path / "new" / "er"
    with pytest.raises(UserError, match="holds a finished run"):
        output.check_folder(finished(tmp_path / "out"))
    other = finished(tmp_path / "other", mark="report.json")
    with pytest.raises(UserError, match="no run.json"):
        output.check_folder(other)
    with pytest.raises(UserError, match="holds a finished run"):
        output.check_folder(other, mark="report.json")
    assert output.check_folder(other, force=True) == other


def test_files_and_folders_that_cannot_be_written_are_refused(tmp_path, monkeypatch):
    file = tmp_path / "file"
    file.write_text("")
    for force in (False, True):
        with pytest.raises(UserError, match="is a file"):
            output.check_folder(file, force)
    with pytest.raises(UserError, match="not a writable folder"):
        output.check_writable(file / "below" / "out")
    out = finished(tmp_path / "out")
    monkeypatch.setattr(os, "access", lambda path, mode: not (os.fspath(path) == str(out) and mode == os.W_OK))
    with pytest.raises(UserError, match="cannot write into"):
        output.check_folder(out, force=True)


def test_checking_leaves_nothing_behind_and_returns_an_absolute_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = output.check_writable("a/b.png")
    assert found == tmp_path / "a" / "b.png" and found.is_absolute() and os.listdir(tmp_path) == []


def test_values_as_json_can_hold_them(tmp_path):
    value = {
        "tau": 20 * ms,
        1: np.float64(0.5),
        "whole": np.int32(3),
        "yes": np.bool_(True),
        "array": np.array([[1.0, np.nan], [np.inf, 2.0]]),
        "pair": (1, "a"),
        "none": None,
        "deep": {"list": [np.arange(2), {"x": float("-inf")}]},
        "plain": 2.0 * ms / ms,
    }
    expected = {
        "tau": "20. ms",
        "1": 0.5,
        "whole": 3,
        "yes": True,
        "array": [[1.0, None], [None, 2.0]],
        "pair": [1, "a"],
        "none": None,
        "deep": {"list": [[0, 1], {"x": None}]},
        "plain": 2.0,
    }
    assert output.plain(value) == expected
    assert output.plain({3}) == [3]
    output.write_json(tmp_path / "a.json", value)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text) == expected and text.startswith('{\n  "tau"') and text.endswith("}\n")
