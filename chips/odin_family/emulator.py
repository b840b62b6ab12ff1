"""The emulator of ODIN and of tinyODIN: one compiled program for any configuration and stimulus."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.later import internals
from brian2chip.core.units import second
from brian2chip.engine.compiler import compiler, missing
from brian2chip.engine.functions.stop import stop_run
from brian2chip.engine.session import session
from brian2chip.errors import UserError

if TYPE_CHECKING:
    from brian2 import Network

logger = logging.getLogger(__name__)

#: Time steps after which a chip that never comes to rest is given up.
LIMIT = 200_000_000


@dataclass(frozen=True)
class Machine:
    """What one chip of the family is as a Brian2 network.

    Attributes
    ----------
    name : str
    build : callable
        Returns the network and its objects by name: ``neurons``, ``crossbar``, ``controller``, ``main_fifo`` and the monitors.
    inputs : callable
        What a configuration sets, ``{"object.variable": codes}``.
    check_end : callable
        ``(objects, limit)``: raises ``UserError`` when the run did not end as the chip would.
    contents : callable
        ``(objects, configuration)``: what a chip that started from this configuration holds now, at rest.
    compile_args : tuple of str
        For the compiler.
    """

    name: str
    build: Callable[[], tuple[Network, dict[str, Any]]]
    inputs: Callable[[Any], Mapping[str, Any]]
    check_end: Callable[[Mapping[str, Any], int], None]
    contents: Callable[[Mapping[str, Any], Any], Any]
    compile_args: tuple[str, ...] = ()


class Emulator:
    """One compiled chip in an open session; every :meth:`run` starts a new chip with any configuration and stimulus.

    Attributes
    ----------
    objects : dict
        Brian2's objects by name, once there was a run.
    """

    def __init__(self, machine: Machine, session):
        self.machine, self.session = machine, session
        self.objects: dict[str, Any] = {}
        self._started: Any = None

    def run(self, configuration, events: np.ndarray, watched=(), limit: int = LIMIT) -> None:
        """Run input events, int32 [n, 2] of addresses and "wait until idle" flags; afterwards ``objects`` hold what the chip holds.

        Raises
        ------
        UserError
            When the chip does not come to rest, or does what only its RTL can tell.
        """
        values = dict(self.machine.inputs(configuration))
        values["neurons.watched"] = np.isin(np.arange(256), np.asarray(watched, int))
        values.update({"controller.n_events": len(events), "controller.requested": len(events) > 0})
        if not self.objects:
            self.objects = self.session.objects if self.session.recalled else self._build(values, limit)
        self._started = None
        self.session.execute({**values, "stimulus": events}, durations=[limit])
        self._started = configuration
        self.machine.check_end(self.objects, limit)
        lost = int(self.objects["controller"].lost[0])
        if lost:
            logger.warning("%s's FIFO was full and lost %d spikes, as the chip does silently.", self.machine.name, lost)

    def _build(self, values: Mapping[str, Any], limit: int) -> dict[str, Any]:
        """Return Brian2's objects by name, ready to run."""
        table = self.session.table("stimulus", np.zeros((1, 2), np.int32))
        self._built, objects = self.machine.build()
        for name, value in values.items():
            group, _, variable = name.partition(".")
            self.session.input(name, objects[group], variable, np.asarray(value, np.int32))
        self.session.results_of(objects)
        with internals.order_is_meant():  # that of the hardware
            self.session.queue(self._built, limit, {"stimulus": table, "stop_run": stop_run()})
        return objects

    def contents(self) -> Any:
        """Return what the chip holds after a run, as a configuration from which it goes on.

        Raises
        ------
        UserError
            Before a run, while events wait in its queues, and where the chip keeps what no configuration holds.
        """
        controller = self.objects.get("controller")
        if self._started is None or not controller.finished[0] or int(controller.fill[0]):
            raise UserError(f"{self.machine.name} is not at rest between events with empty queues; run events until it is, then write it.")
        return self.machine.contents(self.objects, self._started)

    def steps(self, monitor) -> np.ndarray:
        """Return the time steps of a monitor's records as integers."""
        return np.rint(np.asarray(monitor.t[:] / second)).astype(np.int64)


@contextmanager
def open_emulator(machine: Machine) -> Iterator[Emulator]:
    """Open the emulator of a chip; its one program is compiled on first use and cached.

    Raises
    ------
    UserError
        Without a C++ compiler.
    """
    if compiler() is None:
        raise UserError(f"the emulator of {machine.name} needs a C++ compiler, and {missing()} was found; install it, or name one in CXX.")
    with session("cpp_standalone", dt=1.0, compile_args=list(machine.compile_args), known_by=("chip", machine.name)) as s:
        yield Emulator(machine, s)
