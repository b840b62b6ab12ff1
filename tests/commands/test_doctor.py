"""What doctor says of a machine that lacks something, and of one that lacks nothing that matters."""

import json
import os
import re

import pytest

import brian2chip
from brian2chip.cli import commands, main
from brian2chip.commands import _doctor
from brian2chip.engine import compiler


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))


def said(capsys):
    code = main(["doctor", "--json"])
    return code, {one["what"]: one for one in json.loads(capsys.readouterr().out)}


def test_a_machine_that_works(capsys):
    code, found = said(capsys)
    assert code == 0 and found["brian2chip"]["found"].startswith(brian2chip.__version__)
    assert {"Python", "brian2", "compiler", "make", "cache", "processors", "files of a run", "extra nir"} <= set(found)
    assert found["cache"]["remedy"].startswith("brian2chip cache warm")  # it is empty


def test_without_a_compiler_it_is_slow_and_says_how_to_mend_it(monkeypatch, capsys):
    monkeypatch.setattr(_doctor.shutil, "which", lambda name: None)
    code, found = said(capsys)
    assert code == 0 and found["compiler"]["state"] == found["make"]["state"] == "slow"
    assert compiler.words()[0] in found["compiler"]["found"] and "apt-get install g++ make" in found["compiler"]["remedy"]
    main(["doctor"])
    assert capsys.readouterr().out.splitlines()[-1].startswith("everything works; slower than it could be: compiler, make")


def test_a_brian2_that_is_too_old_is_wrong(monkeypatch, capsys):
    real = _doctor.version
    monkeypatch.setattr(_doctor, "version", lambda name: "2.4.2" if name == "brian2" else real(name))
    code, found = said(capsys)
    assert code == 1 and found["Brian2 works"]["state"] == "wrong" and "2.5.4" in found["Brian2 works"]["remedy"]
    main(["doctor"])
    assert capsys.readouterr().out.splitlines()[-1] == "to be mended first: Brian2 works"


@pytest.mark.skipif(os.name != "posix", reason="another system's permissions say nothing")
def test_a_cache_that_others_may_write_to_is_named(tmp_path, monkeypatch, capsys):
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(shared))
    code, found = said(capsys)
    assert code == 0 and found["cache"]["state"] == "slow" and "BRIAN2CHIP_CACHE" in found["cache"]["remedy"]


def test_every_extra_that_is_offered_exists():
    with open(_doctor.Path(__file__).parents[2] / "pyproject.toml", encoding="utf-8") as file:
        declared = re.findall(r"^(\w+) = \[", file.read(), re.MULTILINE)
    assert set(_doctor.EXTRAS) <= set(declared)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_every_command_and_its_options(shell, capsys):
    pytest.importorskip("shtab", reason="shtab is not installed (the extra completion)")
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert all(command in script for command in commands()) and "--rule" in script and "--split-signs" in script


@pytest.mark.parametrize("command", ["", *commands()])
def test_every_command_says_its_version(command, capsys):
    try:
        main([command, "--version"] if command else ["--version"])
    except SystemExit as end:
        assert end.code == 0
    assert capsys.readouterr().out.strip() == brian2chip.__version__
