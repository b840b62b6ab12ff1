"""A start for an experiment of one's own: what is written runs, and nothing is written over."""

import pytest

from brian2chip import cli


@pytest.mark.parametrize("name", ["mine.csv", "mine.py"])
def test_what_is_written_runs(name, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert cli.main(["protocol", "new", name]) == 0
    assert f"brian2chip run {name}" in capsys.readouterr().out
    options = ["--option", "pairs=3"] if name.endswith(".py") else []
    assert cli.main(["run", name, "--rule", "stdp", "--device", "numpy", "--out", "results", *options]) == 0
    assert "stdp on mine: E = " in capsys.readouterr().out and (tmp_path / "results" / "figure.png").exists()
    before = (tmp_path / name).read_text()
    assert cli.main(["protocol", "new", name]) == 2 and "is there already" in capsys.readouterr().err
    assert (tmp_path / name).read_text() == before


def test_another_kind_of_file_is_refused(tmp_path, capsys):
    assert cli.main(["protocol", "new", str(tmp_path / "mine.txt")]) == 2
    assert "should end in .csv" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_folder_that_is_not_there_is_said(tmp_path, capsys):
    assert cli.main(["protocol", "new", str(tmp_path / "none" / "mine.csv")]) == 2
    assert "in a folder that does not exist" in capsys.readouterr().err
