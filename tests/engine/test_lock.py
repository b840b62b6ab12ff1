"""One thread at a time has Brian2; the others wait, or are told that they would wait for ever."""

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import brian2
import numpy as np
import pytest
from brian2 import Network, NeuronGroup

from brian2chip.core import brian2_internals as internals
from brian2chip.engine import lock
from brian2chip.engine.session import session
from brian2chip.errors import UserError


def noise(seed):
    """Return what depends on Brian2's random state, preferences, clock and names."""
    with session("numpy", dt=1e-3 * (1 + seed % 3), seed=seed) as s:
        group = NeuronGroup(3, "dx/dt = -x/(10*ms) + xi*ms**-0.5 : 1", method="euler", namespace={"ms": brian2.ms})
        s.run(Network(group), 0.02)
        return group.name, group.x[:].tolist(), str(group.x[:].dtype)


def test_threads_give_the_numbers_of_one_after_the_other():
    seeds = list(range(6))
    wanted = [noise(seed) for seed in seeds]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(noise, seeds)) == wanted


def test_a_thread_for_which_its_session_waits_is_told(monkeypatch):
    monkeypatch.setattr(lock, "LOOK", 0.02)
    found = []

    def inside():
        try:
            noise(1)
        except UserError as error:
            found.append(str(error))

    with session("numpy"):
        thread = threading.Thread(target=inside)
        thread.start()
        thread.join()
    assert "would wait for ever" in found[0]
    assert noise(1) == noise(1)


def test_a_thread_waits_as_long_as_the_other_works(monkeypatch):
    monkeypatch.setattr(lock, "LOOK", 0.01)
    found = []
    with session("numpy"):
        thread = threading.Thread(target=lambda: found.append(noise(2)))
        thread.start()
        subprocess.run(["sleep", "0.5"], stdout=subprocess.PIPE)  # it waits for a process, as for a compiler
        assert not found
    thread.join()
    assert found == [noise(2)]


def test_a_session_is_its_threads_own():
    with session("numpy") as s, ThreadPoolExecutor(1) as pool:
        with pytest.raises(UserError, match="open one in each thread"):
            pool.submit(s.execute).result()


def test_a_process_forked_by_another_thread_finds_brian2_as_it_was():
    before = (internals._devices.get_device(), dict(brian2.prefs.prefs))
    codes = []

    def fork():
        number = os.fork()
        if not number:
            same = (internals._devices.get_device(), dict(brian2.prefs.prefs)) == before
            os._exit(0 if same and noise(1)[0] == "neurongroup" else 1)
        codes.append(os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]))

    with session("numpy", dtype=np.float32):
        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
    assert codes == [0]


FIRST_IN_A_THREAD = """
import asyncio, signal
import brian2chip as bc
handler, found = signal.getsignal(signal.SIGINT), []
def first():
    found.append(bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2)["dw"].tolist())
asyncio.run(asyncio.to_thread(first))
assert signal.getsignal(signal.SIGINT) is handler and signal.signal.__module__ == "signal"
assert found == [bc.run("bi_poo_1998", "stdp", device="numpy", pairs=2)["dw"].tolist()]
"""


def test_the_first_use_may_be_in_any_thread():
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", FIRST_IN_A_THREAD], check=True, env=environment)
