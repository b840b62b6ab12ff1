"""Kill a worker, the scheduler or the whole sweep at random moments: no row is lost or doubled, and what goes on ends in the same table."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from chaos_common import Row, processes_in

from brian2chip.sweeps.results import read_sweep

ROOT = Path(__file__).resolve().parents[2]
#: A protocol whose points share no network and take some milliseconds; one in eleven fails.
PROTOCOL = """
import time
import pandas as pd
from brian2chip.core.protocol import Protocol
from brian2chip.errors import UserError

def simulate(rule, conditions, options, settings):
    time.sleep(0.02)
    a = float(rule.parameters["A_plus"])
    if round(1e6 * a) % 11 == 0:
        raise UserError(f"{a:g} fails")
    return conditions.assign(dw=a * settings["seed"])

SLOW = Protocol(name="slow", source="this campaign", conditions=lambda options: pd.DataFrame({"k": [0]}), stimulate=None, plot=None,
                simulate=simulate, score=lambda table: {"dw": table["dw"][0]})
"""
WHOLE = ["--vary", "A_plus=0.001:0.022:22", "--seeds", "2"]


def with_workers() -> bool:
    """Return whether distributed and pyarrow are installed."""
    return all(importlib.util.find_spec(name) is not None for name in ("distributed", "pyarrow"))


def words(folder: Path, out: Path, *more: str) -> list[str]:
    """Return the command of a sweep of 44 points."""
    return [sys.executable, "-m", "brian2chip", "sweep", str(folder / "slow.py"), "stdp", *WHOLE, "--out", str(out), *more]


def started(folder: Path, command: list[str]) -> subprocess.Popen:
    """Start a command whose temporary files lie in a folder of their own."""
    environment = {**os.environ, "TMPDIR": str(folder / "tmp"), "PYTHONPATH": str(ROOT)}
    silent = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, env=environment, cwd=folder / "tmp", start_new_session=True, **silent)


def workers_of(process: int) -> list[int]:
    """Return the worker processes that a process started."""
    found = []
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            if f"\nPPid:\t{process}\n" in status.read_text() and b"worker_process" in (status.parent / "cmdline").read_bytes():
                found.append(int(status.parent.name))
        except OSError:
            continue
    return found


def finished(process: subprocess.Popen) -> int:
    """Return the exit code of a sweep."""
    try:
        return process.wait(900)
    finally:
        process.kill()


def prepared(folder: Path) -> tuple[pd.DataFrame, float]:
    """Return the table that nobody disturbed, and how long it took."""
    (folder / "slow.py").write_text(PROTOCOL)
    (folder / "tmp").mkdir()
    finished(started(folder, words(folder, folder / "warm.parquet", "--workers", "2")))
    start = time.monotonic()
    if finished(started(folder, words(folder, folder / "whole.parquet", "--workers", "2"))):
        raise RuntimeError("a sweep that nobody disturbed failed")
    return read_sweep(folder / "whole.parquet"), time.monotonic() - start


def sweeps(folder: Path, times: int, rng: np.random.Generator) -> Row:
    """Kill what computes a sweep, go on to its end, and compare with the table that nobody disturbed."""
    row = Row("kill -9 in a sweep (worker, client, scheduler)")
    whole, seconds = prepared(folder)
    attempts = [worker, client, scheduler]
    for k in range(times):
        row.tried += 1
        out = folder / f"out{k}.parquet"
        attempts[k % 3](row, folder, out, rng.uniform(0.3, 1.0) * seconds)
        if code := finished(started(folder, words(folder, out, "--workers", str(1 + k % 2)))):
            row.fault("lost", f"{out.name}: the sweep that goes on ended with {code}")
            continue
        compared(row, folder, out, whole)
    return row


def worker(row: Row, folder: Path, out: Path, after: float) -> None:
    """Kill a worker: the sweep itself goes on to its end."""
    process = started(folder, words(folder, out, "--workers", "2"))
    time.sleep(after)
    for number in workers_of(process.pid)[:1]:
        kill(number)
    if code := finished(process):
        row.fault("lost", f"{out.name}: a sweep that lost a worker ended with {code}")


def client(row: Row, folder: Path, out: Path, after: float) -> None:
    """Kill the sweep: its workers end with it."""
    process = started(folder, words(folder, out, "--workers", "2"))
    time.sleep(after)
    kill(process.pid)
    process.wait()
    _no_process(row, folder, out)


def scheduler(row: Row, folder: Path, out: Path, after: float) -> None:
    """Kill the scheduler of a cluster: the sweep ends with a sentence, and what was computed stays."""
    place = folder / f"{out.name}.scheduler.json"
    alone = ["--no-dashboard", "--port", "0", "--host", "127.0.0.1", "--scheduler-file", str(place)]
    found = [started(folder, [sys.executable, "-m", "distributed.cli.dask_scheduler", *alone])]
    while not place.exists() or not place.read_text().endswith("}"):
        time.sleep(0.05)
    address = pd.read_json(place, typ="series")["address"]
    found += [started(folder, [sys.executable, "-m", "brian2chip.core.worker_process", address, str(folder / "tmp")]) for _ in range(2)]
    process = started(folder, words(folder, out, "--scheduler", address))
    time.sleep(after)
    kill(found[0].pid)
    if finished(process) not in (0, 2):
        row.fault("lost", f"{out.name}: a sweep without its scheduler ended with {process.returncode}")
    for each in found:
        each.kill()
        each.wait()
    place.unlink()


def compared(row: Row, folder: Path, out: Path, whole: pd.DataFrame) -> None:
    """Count a table that differs, and anything that is left over."""
    table = read_sweep(out)
    if not table.equals(whole):
        row.fault("wrong", f"{out.name}: {len(table)} rows, {table['point'].nunique()} points")
    _no_process(row, folder, out)
    if left := [path.name for path in (folder / "tmp").iterdir() if not path.name.startswith("dask-scratch")]:
        row.fault("left", f"{out.name}: {left}")
    if left := [path.name for path in folder.iterdir() if path.name.startswith(".")]:
        row.fault("left", f"{out.name}: {left}")


def _no_process(row: Row, folder: Path, out: Path) -> None:
    end = time.monotonic() + 20
    while (found := processes_in(folder)) and time.monotonic() < end:
        time.sleep(0.1)
    if found:
        row.fault("left", f"{out.name}: still running: {found}")


def kill(number: int) -> None:
    """Kill a process that may be gone already."""
    try:
        os.kill(number, signal.SIGKILL)
    except ProcessLookupError:
        pass


def signals(folder: Path) -> Row:
    """Ctrl-C and SIGTERM in a sweep: nothing goes on, nothing stays but the rows, and the sweep goes on to the same table."""
    row = Row("Ctrl-C and SIGTERM in a sweep")
    whole, seconds = prepared(folder)
    for number in (signal.SIGINT, signal.SIGTERM):
        row.tried += 1
        out = folder / f"{number.name}.parquet"
        process = started(folder, words(folder, out, "--workers", "2"))
        time.sleep(0.6 * seconds)
        process.send_signal(number)
        if finished(process) not in (130, 143):
            row.fault("lost", f"{number.name}: ended with {process.returncode}")
        _no_process(row, folder, out)
        if left := list((folder / "tmp").iterdir()):
            row.fault("left", f"{number.name}: {left}")
        if finished(started(folder, words(folder, out, "--workers", "1"))):
            row.fault("lost", f"{number.name}: it does not go on")
        compared(row, folder, out, whole)
    return row
