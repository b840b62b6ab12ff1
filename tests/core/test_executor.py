"""Independent jobs: here, on workers of this machine, on a scheduler's; the same results, and one sentence where that cannot be."""

import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from brian2chip.core import executor, worker_versions
from brian2chip.core.executor import completed, run_all
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError

ROOT = Path(__file__).parents[2]
distributed = pytest.importorskip("distributed", reason="workers are processes of distributed (pip install 'brian2chip[sweep]')")


def double(x, report=None):
    return 2 * x


def where(x, report=None):
    return os.getpid(), threading.current_thread() is threading.main_thread()


def meet(folder, report=None):
    """Wait until two processes have come to the folder, a minute at most, and say where this is."""
    (Path(folder) / str(os.getpid())).touch()
    end = time.monotonic() + 60
    while len(os.listdir(folder)) < 2 and time.monotonic() < end:
        time.sleep(0.02)
    return where(folder)


def leave(x, report=None):
    os._exit(3)


def refuse(x, report=None):
    raise UserError(f"{x} is refused")


def leave_once(marker, report=None):
    """End the worker at the first call."""
    if not os.path.exists(marker):
        Path(marker).write_text("")
        os.kill(os.getpid(), signal.SIGKILL)
    return "done"


def first_brian2(x, report=None):
    """Import Brian2 in the thread of a worker and run something with it."""
    before = "brian2" in sys.modules
    import brian2chip as bc

    return before, bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2)["dw"].tolist()


@pytest.fixture
def scheduler(tmp_path):
    """The address of a scheduler without workers, a process of its own, and a function that gives it one."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)])}
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard", "--host", "127.0.0.1"]
    started = [subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True, cwd=tmp_path)]
    for line in started[0].stderr:
        if "Scheduler at:" in line:
            address = line.split()[-1]
            break

    def worker(code="import sys; from brian2chip.core.worker_process import main; main(*sys.argv[1:])"):
        words = [sys.executable, "-c", code, address, str(tmp_path)]
        started.append(subprocess.Popen(words, env=environment, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL))

    yield address, worker
    for process in reversed(started):
        process.kill()
        process.wait()


def silent(fraction):
    pass


@pytest.mark.parametrize("count", [1, 2])
def test_results_come_in_the_order_given(count):
    done = []
    assert run_all(double, {"a": (1,), "b": (2,), "c": (3,)}, Workers(count), done.append) == {"a": 2, "b": 4, "c": 6}
    assert done[-1] == 1.0 and len(done) == 3 and done == sorted(done)


def test_one_worker_is_this_process_and_two_are_others(tmp_path):
    assert set(run_all(where, {1: (1,), 2: (2,)}, Workers(1), silent).values()) == {(os.getpid(), True)}
    others = run_all(meet, {k: (str(tmp_path),) for k in range(8)}, Workers(2), silent).values()
    assert len({process for process, _ in others}) == 2 and (os.getpid(), True) not in others


def test_workers_that_nobody_asked_for_come_when_the_work_takes_long(monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    found = run_all(where, {k: (k,) for k in range(3)}, Workers(), silent)
    assert {process for process, _ in found.values()} == {os.getpid()}
    monkeypatch.setattr(executor, "PATIENCE", -1.0)
    found = run_all(where, {k: (k,) for k in range(3)}, Workers(), silent)
    assert os.getpid() not in {process for process, _ in found.values()}


def test_without_distributed_everything_runs_here_and_says_so(monkeypatch, caplog):
    monkeypatch.setattr(executor.importlib.util, "find_spec", lambda name: None)
    assert run_all(where, {1: (1,), 2: (2,)}, Workers(2), silent)[1] == (os.getpid(), True)
    assert "distributed is not installed" in caplog.text
    with pytest.raises(UserError, match="reached through the package distributed"):
        Workers(scheduler="tcp://127.0.0.1:1")


@pytest.mark.parametrize("count", [0, -1, 1.5, True, "2"])
def test_a_wrong_number_of_workers(count):
    with pytest.raises(UserError, match="whole number of at least 1"):
        Workers(count)


def test_a_scheduler_and_a_number_exclude_each_other():
    with pytest.raises(UserError, match="leave the number out"):
        Workers(2, "tcp://127.0.0.1:1")


@pytest.mark.parametrize("count", [1, 2])
def test_what_a_job_raises_is_raised(count):
    with pytest.raises(UserError, match="^1 is refused$|^2 is refused$"):
        run_all(refuse, {1: (1,), 2: (2,)}, Workers(count), silent)


def test_a_killed_worker_loses_nothing(tmp_path):
    jobs = {k: (str(tmp_path / f"marker{k % 2}"),) for k in range(4)}
    assert run_all(leave_once, jobs, Workers(2), silent) == dict.fromkeys(jobs, "done")


def test_a_job_that_ends_every_worker_is_one_sentence():
    with pytest.raises(UserError, match="4 worker processes in turn ended"):
        run_all(leave, {1: (1,), 2: (2,)}, Workers(2), silent)


def test_the_first_use_of_brian2_may_be_in_a_worker_thread():
    found = run_all(first_brian2, {1: (1,), 2: (2,)}, Workers(2), silent)
    assert all(not before for before, _ in found.values()) and found[1][1] == found[2][1] and max(found[1][1]) > 0


def test_nothing_is_left_after_an_interruption(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    results = completed(where, ((k, (k,)) for k in range(1000)), 1000, Workers(2), silent)
    processes = {next(results)[1][0] for _ in range(20)}
    results.close()
    assert [process for process in processes if os.path.exists(f"/proc/{process}")] == []
    assert list(tmp_path.iterdir()) == []


def test_a_script_without_a_guard_may_have_workers(tmp_path):
    """Case plasticity/22: processes that are spawned would run the script once more; ours do not."""
    (tmp_path / "job.py").write_text("def double(x, report=None):\n    return 2 * x\n")
    (tmp_path / "script.py").write_text(
        "import job\nfrom brian2chip.core.executor import run_all\nfrom brian2chip.core.workers import Workers\n"
        "def triple(x, report=None):\n    return 3 * x\n"
        "for each in (job.double, triple):\n"
        "    print(run_all(each, {1: (1,), 2: (2,)}, Workers(2), lambda fraction: None))\n"
    )
    path = {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    done = subprocess.run([sys.executable, tmp_path / "script.py"], capture_output=True, text=True, env={**os.environ, **path})
    assert done.stdout == "{1: 2, 2: 4}\n{1: 3, 2: 6}\n" and done.stderr == ""


def test_a_scheduler_that_does_not_answer(monkeypatch):
    from brian2chip.core import dask_pool

    monkeypatch.setattr(dask_pool, "ANSWER", 0.5)
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "no address"):
        with pytest.raises(UserError, match="does not answer within 0.5 s; start one"):
            run_all(double, {1: (1,)}, Workers(scheduler=address), silent)


OTHER = """
import sys
from brian2chip.core import worker_versions, worker_process
real = worker_versions.versions()
worker_versions.versions = lambda: {**real, "brian2": "2.4"}
worker_process.main(*sys.argv[1:])
"""


def test_the_workers_of_a_scheduler_compute_and_those_of_another_version_are_refused(scheduler):
    address, worker = scheduler
    worker()
    assert run_all(double, {1: (1,), 2: (2,)}, Workers(scheduler=address), silent) == {1: 2, 2: 4}
    worker(OTHER)
    end = time.monotonic() + 60
    with distributed.Client(address, set_as_default=False) as client:
        while len(client.nthreads()) < 2 and time.monotonic() < end:
            time.sleep(0.1)
    with pytest.raises(UserError, match="has brian2 2.4 and not 2"):
        run_all(double, {1: (1,), 2: (2,)}, Workers(scheduler=address), silent)


def test_a_worker_that_came_later_refuses_its_first_job():
    mine = worker_versions.versions()
    assert worker_versions.call(mine, pickle.dumps(double), (4,)) == 8
    with pytest.raises(UserError, match="numpy .* and not 1.0 of the process that asked it"):
        worker_versions.call({**mine, "numpy": "1.0"}, pickle.dumps(double), (4,))


def slow(x, report=None):
    time.sleep(0.2)
    return x


def test_a_scheduler_that_is_gone_is_one_sentence(scheduler):
    address, worker = scheduler
    worker()
    results = completed(slow, ((k, (k,)) for k in range(50)), 50, Workers(scheduler=address), silent)
    next(results)
    with distributed.Client(address, set_as_default=False) as client:
        number = client.run_on_scheduler(os.getpid)
    os.kill(number, signal.SIGKILL)
    with pytest.raises(UserError, match=f"the scheduler {address} is gone; start one again"):
        list(results)
