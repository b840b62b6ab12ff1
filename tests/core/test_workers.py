"""Jobs in worker processes: the same as one after the other, and one sentence where a worker ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from brian2chip.core.workers import run_all
from brian2chip.errors import UserError


def double(x):
    return 2 * x


def leave(x):
    os._exit(3)


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_given(processes):
    done = []
    assert run_all(double, {"a": (1,), "b": (2,), "c": (3,)}, processes, done.append) == {"a": 2, "b": 4, "c": 6}
    assert done[-1] == 1.0 and len(done) == 3


def test_a_worker_that_ends_is_one_sentence():
    with pytest.raises(UserError, match='if __name__ == "__main__"'):
        run_all(leave, {1: (1,), 2: (2,)}, 2, lambda fraction: None)


def test_a_script_without_a_guard_is_told_of_it_where_processes_are_spawned(tmp_path):
    """Case plasticity/22: the script as it is on macOS and Windows, with two workers."""
    (tmp_path / "job.py").write_text("def double(x):\n    return 2 * x\n")
    (tmp_path / "script.py").write_text(
        "import multiprocessing; multiprocessing.set_start_method('spawn', force=True)\n"
        "import job\nfrom brian2chip.core.workers import run_all\n"
        "print(run_all(job.double, {1: (1,), 2: (2,)}, 2, lambda fraction: None))\n"
    )
    path = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(Path(__file__).parents[2])])}
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, env={**os.environ, **path})
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.strip().splitlines()[-1].startswith("brian2chip.errors.UserError: a worker process ended")
    assert done.stderr.count("Traceback") == 2  # the cause and the sentence, both of the parent
