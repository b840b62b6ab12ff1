"""Other systems, as far as Linux can play them: without what Unix alone has, with spawned processes, with other separators."""

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

from brian2chip.core import cache_folder, kept_files, ownership
from brian2chip.core.resolve import is_file
from brian2chip.engine import child, compiler, devices

CLONE = Path(__file__).parents[1]
#: Takes away what Windows lacks (Python's documentation marks it "Availability: Unix"), then imports all of the package and runs a rule.
WITHOUT_UNIX = """
import os, signal, sys
import tempfile, shutil, subprocess, multiprocessing, random  # libraries have ways of their own on Windows
import brian2, distributed, filelock, jinja2, jsonschema, matplotlib.pyplot, pandas, platformdirs, scipy.optimize, scipy.signal, tqdm
for name in ("fcntl", "resource", "pwd", "grp", "termios", "syslog"):
    sys.modules[name] = None
for name in ("geteuid", "getuid", "getgid", "killpg", "setsid", "fork", "O_NOFOLLOW", "O_CLOEXEC", "O_NONBLOCK", "register_at_fork"):
    delattr(os, name)
del signal.SIGKILL

import importlib, pkgutil
import brian2chip as bc
FOLDERS = "core engine analysis models plasticity protocols tasks learning chips substrates translation commands".split()
for folder in FOLDERS:
    root = importlib.import_module(f"brian2chip.{folder}")
    for found in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
        if not found.name.endswith(("_child", ".bptt")) and ".peers" not in found.name:  # run by itself; PyTorch; NEST
            importlib.import_module(found.name)
table = bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2)
print(f"{len(table)} conditions")
from brian2chip.core.output import folder
with folder("out") as made:
    (made / "x.txt").write_text("kept")
print(open("out/x.txt").read())
"""


def test_the_package_does_without_what_unix_alone_has(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(CLONE), "BRIAN2CHIP_CACHE": str(tmp_path / "cache"), "MPLBACKEND": "agg"}
    run = subprocess.run([sys.executable, "-c", WITHOUT_UNIX], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.split("\n")[:2] == ["106 conditions", "kept"]  # Bi & Poo's 45 points and a curve of 61


def test_the_cache_is_used_where_files_have_no_user_numbers(tmp_path, monkeypatch):
    made, kept = tmp_path / "made", tmp_path / "kept"
    made.write_bytes(b"a program")
    kept_files.keep(made, kept)
    kept.chmod(0o777)  # what Windows says of every file
    assert not kept_files.is_whole(kept)
    monkeypatch.delattr(os, "geteuid")
    assert not ownership.has_users()
    assert kept_files.is_whole(kept)
    monkeypatch.setenv("BRIAN2CHIP_CACHE", str(tmp_path / "cache"))
    assert cache_folder.why_not_kept("programs") == ""


def test_a_program_ends_with_an_exception_where_there_are_no_groups_of_processes(tmp_path, monkeypatch):
    monkeypatch.delattr(os, "killpg")
    ended = []

    def interrupted(process):
        ended.append(process)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        child.run([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path, subprocess.DEVNULL, wait=interrupted)
    assert ended[0].returncode == -9  # ended by SIGKILL, in the numbers of Linux


def without(monkeypatch, *absent):
    """Let programs of these names be found nowhere."""
    there = compiler.shutil.which
    monkeypatch.setattr(compiler.shutil, "which", lambda name: None if name in absent else there(name) or f"/usr/bin/{name}")


def test_cython_needs_no_make_and_standalone_does(monkeypatch):
    monkeypatch.setattr(devices, "_check_cython", lambda: None)
    without(monkeypatch, "make")
    assert devices.choose_device("cython") == "cython"
    assert devices.choose_device("cpp_standalone") == devices.choose_device("auto") == "numpy"
    without(monkeypatch, "make", compiler.words()[0])
    assert devices.choose_device("cython") == "numpy"


def test_on_windows_cython_finds_its_compiler_itself(monkeypatch):
    monkeypatch.setattr(devices, "_check_cython", lambda: None)
    without(monkeypatch, "make", compiler.words()[0])
    monkeypatch.setattr(sys, "platform", "win32")
    assert devices.choose_device("cython") == "cython"


def test_a_path_of_windows_is_a_path():
    assert is_file("rules\\mine.py") and is_file("rules\\mine") and not is_file("triplet:visual_cortex_all_full")


def score(queue):
    """Run in a spawned process, which imports everything anew."""
    import brian2chip as bc

    queue.put(bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2).attrs["run"]["scores"]["rmse"])


def test_a_spawned_process_gives_the_same_number():
    import brian2chip as bc

    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=score, args=(queue,))
    process.start()
    found = queue.get(timeout=120)
    process.join()
    assert found == bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2).attrs["run"]["scores"]["rmse"]
