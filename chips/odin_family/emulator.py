"""What the emulators of ODIN and tinyODIN share: one compiled program for any configuration and stimulus."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from brian2 import second

from brian2chip.core.brian2_internals import order_is_meant
from brian2chip.engine.functions.stop import stop_run
from brian2chip.engine.program_cache import compiler
from brian2chip.engine.session import session
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: Time steps after which a chip that never comes to rest is given up.
LIMIT = 200_000_000


class Emulator:
    """One compiled chip in an open session; every :meth:`run` starts a new chip with any configuration and stimulus.

    Attributes
    ----------
    objects : dict
        Brian2's objects by name: ``neurons``, ``crossbar``, ``controller``, ``main_fifo`` and the monitors.
    """

    #: What a chip's own class says: its name, what builds its network, and what it asks of the compiler.
    name: str
    compile_args: Sequence[str] = ()

    def __init__(self, session):
        self.session = session
        self.stimulus = session.table("stimulus", np.zeros((1, 2), np.int32))
        self.network, self.objects = self.build()
        self._declared = False

    @staticmethod
    def build():
        """Return the chip's network and its objects by name."""
        raise NotImplementedError

    @staticmethod
    def inputs(configuration) -> dict[str, np.ndarray]:
        """Return what a configuration sets, ``{"object.variable": codes}``."""
        raise NotImplementedError

    def check_end(self, limit: int) -> None:
        """Raise ``UserError`` when the run did not end as the chip would."""
        raise NotImplementedError

    def run(self, configuration, events: np.ndarray, watched=(), limit: int = LIMIT) -> None:
        """Run input events, int32 [n, 2] of addresses and "wait until idle" flags; afterwards ``objects`` hold what the chip holds.

        Raises
        ------
        UserError
            When the chip does not come to rest, or does what only its RTL can tell.
        """
        values = self.inputs(configuration)
        values["neurons.watched"] = np.isin(np.arange(256), np.asarray(watched, int))
        values.update({"controller.n_events": len(events), "controller.requested": len(events) > 0})
        if not self._declared:
            for name, value in values.items():
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, np.asarray(value, np.int32))
            with order_is_meant():  # that of the hardware
                self.session.queue(self.network, limit, {"stimulus": self.stimulus, "stop_run": stop_run()})
            self._declared = True
        self.session.execute({**values, "stimulus": events}, durations=[limit])
        self.check_end(limit)
        lost = int(self.objects["controller"].lost[0])
        if lost:
            logger.warning("%s's FIFO was full and lost %d spikes, as the chip does silently.", self.name, lost)

    def steps(self, monitor) -> np.ndarray:
        """Return the time steps of a monitor's records as integers."""
        return np.rint(np.asarray(monitor.t[:] / second)).astype(np.int64)

    @classmethod
    @contextmanager
    def open(cls) -> Iterator[Emulator]:
        """Open a chip emulator; its one program is compiled on first use and cached.

        Raises
        ------
        UserError
            Without a C++ compiler.
        """
        if compiler() is None:
            raise UserError(f"the emulator of {cls.name} needs a C++ compiler; install g++ or name one in CXX.")
        with session("cpp_standalone", dt=1.0, compile_args=list(cls.compile_args)) as s:
            yield cls(s)
