"""A short version of the campaign (``make chaos``): a few of each kind, on what is there."""

import os
import signal
import time

import chaos_disks
import chaos_kills
import chaos_processes
import chaos_sweeps
import numpy as np
import pytest
from brian2 import Network, NeuronGroup
from chaos_common import child, ended, left_in, processes_in

from brian2chip.engine.compiler import compiler
from brian2chip.engine.session import session

compiled = pytest.mark.skipif(compiler() is None, reason="needs a C++ compiler")


@pytest.fixture
def rng():
    return np.random.default_rng(11)


def test_killed_trainings_go_on_to_the_same_numbers(tmp_path, rng):
    row = chaos_kills.training(tmp_path, 2, rng, "numpy")
    assert (row.tried, row.notes) == (2, [])


def test_killed_writers_leave_whole_versions(tmp_path, rng):
    row = chaos_kills.writing(tmp_path, 5, rng)
    assert (row.tried, row.notes) == (5, [])


@compiled
def test_a_session_goes_on_in_both_processes_after_a_fork(tmp_path):
    row = chaos_processes.emulator_over_forks(tmp_path, 6)
    assert (row.tried, row.notes) == (18, [])


def test_a_full_disk_loses_nothing(tmp_path, monkeypatch):
    (tmp_path / "probe").mkdir()
    if not chaos_disks.may_mount(tmp_path / "probe"):
        pytest.skip("a file system cannot be mounted here; make chaos tries it where that is allowed")
    monkeypatch.setattr(chaos_disks, "SIZES", {"files": (400,)})
    monkeypatch.setattr(chaos_disks, "KINDS", {"files": chaos_disks.KINDS["files"]})
    monkeypatch.setenv("PYTHONPATH", os.fspath(chaos_disks.ROOT))
    row = chaos_disks.disks(tmp_path, compiled=False)
    assert (row.tried, row.notes) == (1, [])


@pytest.mark.slow
@pytest.mark.skipif(not chaos_sweeps.with_workers(), reason="needs distributed and pyarrow")
def test_killed_sweeps_go_on_to_the_same_table(tmp_path, rng, monkeypatch):
    monkeypatch.setattr(chaos_sweeps, "WHOLE", ["--vary", "A_plus=0.001:0.022:22"])
    row = chaos_sweeps.sweeps(tmp_path, 3, rng)
    assert (row.tried, row.notes) == (3, [])


@compiled
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_a_compiled_program_ends_with_its_process_and_leaves_nothing(number, tmp_path):
    ready = os.pipe()

    def work():
        signal.signal(signal.SIGINT, signal.default_int_handler)
        with session("cpp_standalone", dt=1e-3) as s:
            group = NeuronGroup(4, "dx/dt = -x/tau : 1\ntau : second (shared, constant)", method="exact", name="decaying")
            s.input("tau", group, "tau", 1e-3)
            s.input("x", group, "x", 1.0)
            s.run(Network(group), 0.01)
            os.write(ready[1], b".")
            s.execute({}, durations=[1e7])

    (tmp_path / "tmp").mkdir()
    process = child(work, tmp_path / "tmp")
    os.read(ready[0], 1)
    while not (found := [name for name in processes_in(tmp_path) if name != "make"]):
        time.sleep(0.02)
    os.kill(process, number)
    assert ended(process) != 0 and found
    end = time.monotonic() + 10
    while processes_in(tmp_path) and time.monotonic() < end:
        time.sleep(0.05)
    assert processes_in(tmp_path) == []
    assert len(left_in(tmp_path / "tmp")) == (number is signal.SIGKILL)  # what was killed is cleared up by the next
