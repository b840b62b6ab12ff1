"""Threads and processes at once: the numbers are those of one after the other."""

from __future__ import annotations

import importlib.util
import multiprocessing
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from brian2 import Network, NeuronGroup
from chaos_common import Row, child, decay, ended, left_in, processes_in

import brian2chip as bc
from brian2chip.engine.session import session


def protocol(seed: int, device: str = "numpy") -> list[float]:
    """Return what a rule does in a short protocol."""
    return bc.run("bi_poo_1998", "stdp", seed=seed, device=device, pairs=2)["dw"].tolist()


def decays(tau: float) -> list[float]:
    return decay("cpp_standalone", tau).tolist()


def _compared(row: Row, what: str, found, wanted) -> None:
    row.tried += len(wanted)
    for k, (one, other) in enumerate(zip(found, wanted, strict=True)):
        if one != other:
            row.fault("wrong", f"{what}, number {k}: {one} instead of {other}")


def threads(folder: Path, times: int, compiled: bool) -> Row:
    """Run in four threads at once and compare."""
    row = Row("threads")
    seeds, taus = range(times), [1e-3 * (k + 2) for k in range(times)]
    with ThreadPoolExecutor(4) as pool:
        both = [pool.submit(protocol, seed) for seed in seeds] + ([pool.submit(decays, tau) for tau in taus] if compiled else [])
        found = [future.result() for future in both]
    wanted = [protocol(seed) for seed in seeds] + ([decays(tau) for tau in taus] if compiled else [])
    _compared(row, "threads", found, wanted)
    return row


def processes(folder: Path, times: int, how: str) -> Row:
    """Run in worker processes that are forked, spawned, or joblib's."""
    row = Row(f"processes ({how})")
    seeds, wanted = range(times), [protocol(seed) for seed in range(times)]
    if how == "joblib":
        import joblib  # not everywhere; the caller looks

        found = joblib.Parallel(n_jobs=2)(joblib.delayed(_in_process)(seed) for seed in seeds)
    else:
        with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context(how)) as pool:
            found = list(pool.map(protocol, seeds))
    _compared(row, how, found, wanted)
    return row


def _in_process(seed: int) -> list[float]:
    return bc.run("bi_poo_1998", "stdp", seed=seed, device="numpy", pairs=2)["dw"].tolist()


def with_joblib() -> bool:
    """Return whether joblib is installed."""
    return importlib.util.find_spec("joblib") is not None


def emulator_over_forks(folder: Path, times: int) -> Row:
    """Open a session, fork, and use it in all processes at once."""
    row = Row("a session used after a fork")
    temporary = folder / "tmp"
    temporary.mkdir()
    with session("cpp_standalone", dt=1e-3) as s:
        group = NeuronGroup(4, "dx/dt = -x/tau : 1\ntau : second (shared, constant)", method="exact", name="decaying")
        s.input("tau", group, "tau", 1e-3)
        s.input("x", group, "x", np.arange(4))
        s.run(Network(group), 0.01)

        def right(k: int) -> bool:
            tau = 1e-3 * (k + 1)
            s.execute({"tau": tau, "x": np.arange(4)})
            return np.allclose(group.x[:], np.arange(4) * np.exp(-0.01 / tau), rtol=1e-12)

        def work(which: int) -> None:
            wrong = sum(not right(which * times + k) for k in range(times))
            os._exit(wrong)

        forked = [child(lambda which=which: work(which), temporary) for which in (1, 2)]
        wrong = sum(not right(k) for k in range(times))
        wrong += sum(abs(ended(number)) for number in forked)
    row.tried = 3 * times
    if wrong:
        row.fault("wrong", f"{wrong} of {row.tried} calls")
    if code := ended(child(lambda: decay("numpy"), temporary)):  # the next session removes what processes that just stopped have left
        row.fault("lost", f"the next session ended with {code}")
    if left := left_in(temporary):
        row.fault("left", str(left))
    return row


#: A program that runs long in compiled code.
LONG = """
from brian2 import NeuronGroup, Network
from brian2chip.engine.session import session
with session("cpp_standalone", dt=1e-3) as s:
    group = NeuronGroup(4, "dx/dt = -x/tau : 1\\ntau : second (shared, constant)", method="exact", name="decaying")
    s.input("tau", group, "tau", 1e-3)
    s.input("x", group, "x", 1.0)
    s.run(Network(group), 0.01)
    print("ready", flush=True)
    s.execute({}, durations=[1e7])
"""


def signals(folder: Path, root: Path) -> Row:
    """Stop a process in the middle of a compiled run by each signal: nothing goes on, nothing stays."""
    row = Row("signals in a compiled run")
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(root)}
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        row.tried += 1
        process = subprocess.Popen(
            [sys.executable, "-c", LONG], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment, text=True
        )
        process.stdout.readline()
        time.sleep(0.5)
        process.send_signal(number)
        process.wait(60)
        end = time.monotonic() + 5
        while (found := processes_in(temporary)) and time.monotonic() < end:
            time.sleep(0.1)
        if found:
            row.fault("left", f"{number.name}: {found} goes on")
        if number is signal.SIGKILL and (code := ended(child(lambda: decay("numpy"), temporary))):
            row.fault("lost", f"the next session ended with {code}")
        if left := left_in(temporary):
            row.fault("left", f"{number.name}: {left}")
    return row
