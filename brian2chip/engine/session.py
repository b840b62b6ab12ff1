"""The one owner of Brian2's global state: device, float type, build directory, seed, progress.

Everything that runs Brian2 does it inside :func:`session`, one thread of the process at a time (:mod:`~brian2chip.engine.lock`). Inside,
Brian2 is used as always; on leaving, after success or an exception, the device, preferences, clock, names and random state are what they
were. On ``cpp_standalone`` the compiled
program is kept in a cache keyed by its generated source, and what was declared with :meth:`Session.input`
and the duration of a run are read from files when the program starts, so that one compiled program serves any values.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import brian2
import numpy as np

from brian2chip.core import brian2_internals as internals
from brian2chip.core.seed import checked_seed
from brian2chip.core.termination import termination_unwinds
from brian2chip.engine import brian2_log, genn, lock
from brian2chip.engine.build_folder import build_folder, folder_after_fork
from brian2chip.engine.devices import choose_device
from brian2chip.engine.functions.lookup_table import Table
from brian2chip.engine.interpreted import Interpreted
from brian2chip.engine.queued_run import Input, QueuedRun
from brian2chip.engine.standalone import Standalone
from brian2chip.errors import UserError, unknown

#: The preference by which Ctrl+C only stops a simulation, where Brian2 has it.
INTERRUPT = "core.stop_on_keyboard_interrupt"


brian2_log.hold()


class Session:
    """What :func:`session` yields, for the thread that opened it: declares inputs, runs, runs again with other values.

    A process that was forked meanwhile goes on with its copy in a folder of its own.

    Attributes
    ----------
    device : str
        The device that was chosen.
    directory : Path
        Where generated code and results lie.
    program : Path or None
        The compiled program, once there is one.
    timings : dict
        Seconds spent in ``codegen``, ``compile`` and ``run`` (standalone) or ``run``; ``cached`` says whether the program was.
    queued : bool
        Whether there is a run to execute.
    """

    def __init__(self, running: Standalone | Interpreted | genn.Genn, directory: Path):
        self.directory = directory
        self.timings: dict[str, Any] = {}
        self._running = running
        self._place = (os.getpid(), threading.get_ident())
        self._inputs: dict[str, Input] = {}
        self._tables: dict[str, Table] = {}
        self._runs: list[QueuedRun] = []

    def _check_place(self) -> None:
        process, thread = os.getpid(), threading.get_ident()
        if thread != self._place[1]:
            raise UserError(
                "a session is used in the thread that opened it alone; open one in each thread, where they wait for each other."
            )
        if process != self._place[0]:
            self.directory = folder_after_fork(self._running.move)
            self._place = (process, thread)

    @property
    def device(self) -> str:
        return self._running.name

    @property
    def program(self) -> Path | None:
        return self._running.program

    @property
    def queued(self) -> bool:
        return bool(self._runs)

    def input(self, name: str, group: Any, variable: str, value: Any) -> None:
        """Set a variable to plain SI values that :meth:`execute` may change without recompiling.

        Parameters
        ----------
        name : str
            The key for :meth:`execute`.
        group : Brian2 group or Synapses (already connected)
        variable : str
            A variable of the group; its whole array is set.
        value : number or array
            SI value without units; a number fills the array.
        """
        self._check_place()
        self._inputs[name] = Input(group, variable, internals.array_like(group, variable, value))
        self._running.declare(name, self._inputs[name])

    def table(self, name: str, values: Any) -> brian2.Function:
        """Return a Brian2 function ``name(row, column)`` that reads a table whose length :meth:`execute` may change without recompiling.

        Parameters
        ----------
        name : str
        values : array [rows, columns]
            Integers, or floating-point numbers of 32 or 64 bits; what lies outside reads as zero.
        """
        self._tables[name] = Table(name, values)
        return self._tables[name].function

    def run(self, network: Any, duration: float, namespace: dict | None = None) -> None:
        """Run a network for a duration in seconds; results are then read from Brian2's objects as always.

        On ``cpp_standalone`` this generates the program, takes it from the cache or compiles it, and runs it; for several runs in
        one program :meth:`queue` each and :meth:`execute`.
        """
        self.queue(network, duration, namespace)
        self.execute()

    def queue(self, network: Any, duration: float, namespace: dict | None = None) -> None:
        """Add a run of a network for a duration in seconds to the program; :meth:`execute` starts it."""
        self._check_place()
        run = QueuedRun(network, float(duration), {} if namespace is None else namespace)
        self._running.queue(run, len(self._runs))
        self._runs.append(run)

    def execute(self, values: dict[str, Any] | None = None, durations: list[float] | None = None) -> None:
        """Run what was queued, from the start, with the declared inputs; every further call runs it again.

        Parameters
        ----------
        values : mapping of input or table name to SI values, optional
            Inputs to change; the others keep their last value.
        durations : list of float, optional
            Seconds of each queued run.
        """
        self._check_place()
        for name, value in (values or {}).items():
            if name in self._tables:
                self._tables[name].set(value)
            elif (old := self._inputs.get(name)) is not None:
                self._inputs[name] = old._replace(array=np.asarray(value, dtype=old.array.dtype))
            else:
                raise unknown("input of this session called", name, [*self._inputs, *self._tables])
        if durations is not None:
            self._runs = [run._replace(seconds=float(seconds)) for run, seconds in zip(self._runs, durations)]
        self.timings |= self._running.execute(self._inputs, self._tables.values(), self._runs)


@contextmanager
def session(
    device: str = "auto",
    *,
    work: float | None = None,
    dtype: Any = np.float64,
    dt: float = 1e-4,
    seed: int | None = None,
    directory: str | os.PathLike | None = None,
    progress: Callable[[float], None] | None = None,
    threads: int = 0,
    compile_args: list[str] | None = None,
) -> Iterator[Session]:
    """Own Brian2 for a while and give everything back; another thread that wants it waits.

    Parameters
    ----------
    device : {"auto", "numpy", "cython", "cpp_standalone", "genn"}
    work : float, optional
        Steps times objects, for ``auto``.
    dtype : numpy float type
    dt : float
        Seconds of the default clock.
    seed : int, optional
        Of Brian2's own generator; stimuli are drawn in NumPy by whoever makes them.
    directory : path, optional
        Where generated code is kept for reading; a temporary folder by default, removed at the end.
    progress : callable, optional
        Called with the fraction done.
    threads : int
        OpenMP threads of ``cpp_standalone``; 0, the default, compiles without OpenMP.
    compile_args : list of str, optional
        Extra compiler flags, e.g. ``["-fno-fast-math"]``.

    Yields
    ------
    Session

    Raises
    ------
    UserError
        For an unknown device or a seed that is none, inside another session, and where no temporary folder can be made.
    """
    seed = None if seed is None else checked_seed(seed)
    chosen = choose_device(device, work)
    with termination_unwinds(), lock.held() as remember, internals.kept_state() as give_back, _kept_random_state():
        remember(give_back)
        with build_folder(directory) as folder:
            brian2.prefs["core.default_float_dtype"] = dtype
            if INTERRUPT in brian2.prefs:
                brian2.prefs[INTERRUPT] = False  # it ends a run as if all were done
            try:
                if chosen == "cpp_standalone":
                    running = Standalone(folder, dt, seed, progress, threads, compile_args or ())
                elif chosen == "genn":
                    running = genn.Genn(folder, dt, progress)
                else:
                    running = Interpreted(chosen, dt, seed, progress)
                yield Session(running, folder)
            except BaseException:
                internals.silence_abandoned_objects()
                raise


@contextmanager
def _kept_random_state() -> Iterator[None]:
    state = np.random.get_state()  # noqa: NPY002  (Brian2 uses the global generator)
    try:
        yield
    finally:
        np.random.set_state(state)  # noqa: NPY002
