"""What the parts of the chaos campaign share: rows of the table, children that may be killed, small work with a known result."""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from brian2 import Network, NeuronGroup

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.engine.session import session

#: Names that a temporary file or folder of ours begins with, and those of Brian2's logs.
OURS = (".brian2chip.", "brian2chip_", "brian_debug_", "brian_script_")


@dataclass
class Row:
    """A line of the table: what was tried, and how often a result was lost, was wrong, or something was left over."""

    kind: str
    tried: int = 0
    lost: int = 0
    wrong: int = 0
    left: int = 0
    notes: list[str] = field(default_factory=list)

    def fault(self, what: str, note: str) -> None:
        """Count a fault and remember what it was."""
        setattr(self, what, getattr(self, what) + 1)
        self.notes.append(f"{what}: {note}"[:300])


def child(work: Callable[[], None], temporary: Path | None = None) -> int:
    """Fork a process that does some work and ends with 0, or with 1 after an exception; return its number."""
    sys.stdout.flush()
    number = os.fork()
    if number:
        return number
    try:
        os.setpgid(0, 0)
        if temporary is not None:
            os.environ["TMPDIR"] = tempfile.tempdir = str(temporary)
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        os._exit(code)


def ended(number: int, patience: float = 300.0) -> int:
    """Wait for a child and return its exit code, negative for a signal."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        done, status = os.waitpid(number, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(number, signal.SIGKILL)
    os.waitpid(number, 0)
    raise TimeoutError(f"a child did not end in {patience} s")


def killed(work: Callable[[], None], after: float, temporary: Path | None = None) -> int:
    """Start a child, kill it after some seconds, and return its exit code (-9, or 0 when it was sooner done)."""
    number = child(work, temporary)
    time.sleep(after)
    os.kill(number, signal.SIGKILL)
    return ended(number)


def left_in(*folders: Path, known: tuple[str, ...] = ()) -> list[str]:
    """Return what lies in folders beside the known names."""
    return [f"{folder.name}/{path.name}" for folder in folders if folder.exists() for path in folder.iterdir() if path.name not in known]


def processes_in(folder: Path) -> list[str]:
    """Return the processes that run in or below a folder, where the system says so."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if os.readlink(process / "cwd").startswith(str(folder)):
                found.append((process / "comm").read_text().strip())
        except OSError:
            continue
    return found


def decay(device: str, tau: float = 5e-3, n: int = 4) -> np.ndarray:
    """Return what a small network gives in a session."""
    with session(device, dt=1e-3) as s:
        group = NeuronGroup(n, "dx/dt = -x/tau : 1\ntau : second (shared, constant)", method="exact", name="decaying")
        s.input("tau", group, "tau", tau)
        s.input("x", group, "x", np.arange(n))
        s.run(Network(group), 0.01)
        return np.array(group.x[:])


def decayed(tau: float = 5e-3, n: int = 4) -> np.ndarray:
    """Return what :func:`decay` should give: exponential decay for 10 ms."""
    return np.arange(n) * np.exp(-0.01 / tau)


MASK = np.arange(20) >= 5


def _generate(n, rng, *, split="train", data=None):
    x = rng.random((n, 20, 4)) < 0.3
    label = rng.integers(0, 2, n)
    x[label == 1, :, 0] = True
    return Samples.from_dense(x, MASK, label=label)


def task(iterations: int = 12) -> Task:
    """Return a small task of which four updates are computed between two checkpoints."""
    settings = TrainingConfig(rule="eprop", optimiser="adam", rate=0.01, batch=16, iterations=iterations)
    network = NetworkConfig(n_lif=4, v_th=0.4, gamma=0.5, width=0.4)
    return Task("chaos", "this campaign", "classification", 4, 2, 20, 1e-3, MASK, _generate, network, settings)
