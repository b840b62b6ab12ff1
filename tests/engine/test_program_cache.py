"""What is in the cache is verified before it starts, and what fails is blamed: compiler or disk."""

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from brian2chip.core import cache_folder
from brian2chip.engine import compiler, devices, program_cache
from brian2chip.errors import UserError

sys.path.insert(0, str(Path(__file__).parents[1] / "chaos"))
import chaos_caches  # noqa: E402

pytestmark = pytest.mark.skipif(compiler.compiler() is None, reason="needs make and a compiler")


def test_every_kind_of_cache_gives_the_program_that_was_generated(tmp_path):
    """Kinds and counts: tests/chaos/chaos_caches.py."""
    row = chaos_caches.caches(tmp_path)
    assert row.tried >= 17 and row.notes == []


def test_the_cache_is_private(tmp_path, monkeypatch):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    chaos_caches.built(chaos_caches.source(tmp_path / "source"))
    programs = tmp_path / "cache" / "programs"
    assert stat.S_IMODE(programs.stat().st_mode) == 0o700
    (entry,) = [path for path in programs.iterdir() if not path.suffix]
    assert stat.S_IMODE(entry.stat().st_mode) == 0o700


def test_a_sticky_folder_above_is_trusted_and_one_that_others_write_is_not(tmp_path):
    (tmp_path / "open" / "cache").mkdir(parents=True)
    (tmp_path / "open").chmod(0o777)
    assert "others may write" in cache_folder._distrust(tmp_path / "open" / "cache")
    (tmp_path / "open").chmod(0o1777)
    assert cache_folder._distrust(tmp_path / "open" / "cache") == ""


def refused(tmp_path, monkeypatch, makefile="main:\n\t$(CXX) program.cpp -o main\n"):
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    folder = chaos_caches.source(tmp_path / "source")
    (folder / "makefile").write_text(makefile)
    with pytest.raises(UserError) as error:
        program_cache.find_or_compile(folder, [])
    assert "rule" not in str(error.value)
    return str(error.value)


def test_a_compiler_that_fails_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "false")
    assert "C++ compiler (false) failed" in refused(tmp_path, monkeypatch)


def test_a_compiler_that_is_interrupted_is_named(tmp_path, monkeypatch):
    assert "C++ compiler" in refused(tmp_path, monkeypatch, "main:\n\tkill -9 $$$$\n")


def test_a_full_disk_is_named(tmp_path, monkeypatch):
    said = refused(tmp_path, monkeypatch, "main:\n\t@echo 'main.cpp: No space left on device' >&2; exit 1\n")
    assert "the disk is full" in said and "TMPDIR" in said


@pytest.mark.parametrize("cxx", ["", "  "])
def test_an_empty_compiler_is_none_named(cxx, monkeypatch):
    monkeypatch.setenv("CXX", cxx)
    assert compiler.words() == ["g++"]


def test_without_make_there_is_no_compiler(tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(devices, "_warned", set())
    assert compiler.compiler() is None and devices.choose_device("cpp_standalone") == "numpy"
    assert "no make was found" in caplog.text
    with pytest.raises(UserError, match="no make was found; install g\\+\\+ and make"):
        compiler.compile_in(tmp_path, [])


def test_a_compilation_that_is_stopped_leaves_no_process(tmp_path, monkeypatch):
    folder = chaos_caches.source(tmp_path / "source")
    (folder / "makefile").write_text("main:\n\techo $$$$ > pid; sleep 60\n")

    def stop(process):
        while not (folder / "pid").exists() or not (folder / "pid").read_text():
            pass
        raise KeyboardInterrupt

    from brian2chip.engine import child

    with pytest.raises(KeyboardInterrupt):
        child.run(["make"], folder, -3, wait=stop)  # -3 is subprocess.DEVNULL
    number = int((folder / "pid").read_text())
    end = time.monotonic() + 10  # it was killed; the system may take a moment
    while _runs(number) and time.monotonic() < end:
        time.sleep(0.01)
    assert not _runs(number)


def _runs(number):
    try:
        return "Z" not in Path(f"/proc/{number}/stat").read_text().split(")")[1][:3]
    except OSError:
        return False
    assert os.getpid() != number
