"""The one owner of Brian2's global state: device, float type, build directory, seed, progress.

Everything that runs Brian2 does it inside :func:`session`, one thread of the process at a time (:mod:`~brian2chip.engine.lock`). Inside,
Brian2 is used as always; on leaving, after success or an exception, the device, preferences, clock, names and random state are what they
were. On ``cpp_standalone`` and ``cuda`` the compiled program is kept in a cache keyed by its generated source, and what was declared with
:meth:`Session.input` and the duration of a run are read from files when the program starts, so that one compiled program serves any
values. Who says what a network is built from (``known_by``) finds its program again without building it, and Brian2 is not touched.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.later import records
from brian2chip.core.seed import checked_seed
from brian2chip.core.termination import termination_unwinds
from brian2chip.engine import lock, recipe
from brian2chip.engine.build_folder import build_folder, folder_after_fork
from brian2chip.engine.devices import choose_device
from brian2chip.engine.known_program import program_identity
from brian2chip.engine.queued_run import Input, QueuedRun, Rows, Start
from brian2chip.engine.recalled import Recalled, Recorded
from brian2chip.errors import UserError, unknown

if TYPE_CHECKING:
    from brian2 import Function

    from brian2chip.engine.genn import Genn
    from brian2chip.engine.interpreted import Interpreted
    from brian2chip.engine.standalone import Standalone


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
    recalled : bool
        Whether the program was found by what it is built from: then nothing is built, every call of :meth:`execute` gives the inputs, and
        results are read by :meth:`read`.
    """

    def __init__(self, running: Standalone | Interpreted | Genn | Recalled, directory: Path):
        self.directory = directory
        self.recalled = isinstance(running, Recalled)
        self._results: dict[str, tuple[Any, str]] = {}
        self.timings: dict[str, Any] = {}
        self._running = running
        self._place = (os.getpid(), threading.get_ident())
        self._inputs: dict[str, Input] = {}
        self._tables: dict[str, Rows] = {}
        self._runs: list[QueuedRun] = []
        if isinstance(running, Recalled):
            self._inputs, self._tables, self._runs = running.inputs(), running.tables(), running.runs()

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
        self._inputs[name] = self._running.declare(name, group, variable, value)

    def table(self, name: str, values: Any) -> Function:
        """Return a Brian2 function ``name(row, column)`` that reads a table whose length :meth:`execute` may change without recompiling.

        Parameters
        ----------
        name : str
        values : array [rows, columns]
            Integers, or floating-point numbers of 32 or 64 bits; what lies outside reads as zero.
        """
        table = self._tables[name] = self._running.table(name, values)
        return table.function

    def result(self, group: Any, *variables: str) -> None:
        """Declare variables of a group that :meth:`read` returns; a compiled program writes them alone, where any are declared."""
        self._results |= {f"{group.name}.{variable}": (group, variable) for variable in variables}

    def results_of(self, objects: Mapping[str, Any]) -> None:
        """Declare all variables that a run may change of objects by name, which :attr:`objects` stand for when the program is known."""
        for key, each in objects.items():
            self._results |= {f"{key}.{variable}": (each, variable) for variable in records.stored_variables(each)}

    @property
    def objects(self) -> dict[str, Recorded]:
        """What stands for the objects of a known program: their variables are arrays."""
        return self._running.objects()

    def read(self, name: str) -> np.ndarray:
        """Return a declared result of the last run, ``"group.variable"``, in SI; that of a monitor of states as [records, neurons]."""
        self._check_place()
        return self._running.read(name, self._results.get(name))

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

    def reseed(self, seed: int) -> None:
        """Draw from another seed at the next executions; for a session that was opened with one."""
        self._running.reseed(checked_seed(seed))

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
        self.timings |= self._running.execute(Start(self._inputs, self._tables, self._runs, self._results, set(values or {})))


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
    known_by: Sequence[Any] | None = None,
) -> Iterator[Session]:
    """Own Brian2 for a while and give everything back; another thread that wants it waits.

    Parameters
    ----------
    device : {"auto", "numpy", "cython", "cpp_standalone", "cuda", "genn"}
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
    known_by : sequence, optional
        Everything that the network will be built from beside what every call of :meth:`Session.execute` is given: values, texts, arrays,
        dataclasses. A program that was built from the same, by the same sources, is found in the cache, and ``session.recalled`` says so.

    Yields
    ------
    Session

    Raises
    ------
    UserError
        For an unknown device or a seed that is none, inside another session, and where no temporary folder can be made.
    """
    seed = None if seed is None else checked_seed(seed)
    chosen, how = choose_device(device, work), {"dt": dt, "seed": seed, "progress": progress, "threads": threads}
    with termination_unwinds(), lock.held() as remember, build_folder(directory) as folder:
        name = None
        if known_by is not None and chosen == "cpp_standalone" and directory is None:
            fixed = (np.dtype(dtype).str, float(dt), seed is None, progress is None, threads, list(compile_args or ()))
            name = program_identity(known_by, fixed)
        found = None if name is None else recipe.find(name)
        if found is not None:
            yield Session(Recalled(folder, *found, **how), folder)
            return
        from brian2chip.engine import brian2_state  # Brian2, which a known program does not need

        how |= {"folder": folder, "compile_args": compile_args or (), "identity": name}
        with brian2_state.running(chosen, dtype, remember, **how) as running:
            yield Session(running, folder)
