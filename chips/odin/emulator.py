"""Run ODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from brian2 import second
from brian2.utils.logger import catch_logs

from brian2chip.chips.odin.configuration import Configuration, codes_of
from brian2chip.chips.odin.network import build
from brian2chip.engine import compiler, session
from brian2chip.errors import UserError
from brian2chip.stopping import stop_run

logger = logging.getLogger(__name__)

#: Time steps after which a chip that never comes to rest is given up.
LIMIT = 200_000_000


class Emulator:
    """One compiled ODIN in an open session; every :meth:`run` starts a new chip with any configuration and stimulus.

    Attributes
    ----------
    objects : dict
        Brian2's objects by name: ``neurons``, ``crossbar``, ``controller``, ``main_fifo``, ``burst_fifos`` and the monitors.
    """

    def __init__(self, session):
        self.session = session
        self.stimulus = session.table("stimulus", np.zeros((1, 2), np.int32))
        self.network, self.objects = build()
        self._declared = False

    def run(self, configuration: Configuration, events: np.ndarray, watched=(), limit: int = LIMIT) -> None:
        """Run input events, int32 [n, 2] of :func:`events.checked`; afterwards ``objects`` hold what the chip holds.

        Raises
        ------
        UserError
            When the chip does not come to rest, overruns a burst FIFO, or does what only its RTL can tell.
        """
        values = self._inputs(configuration, len(events), watched)
        if not self._declared:
            for name, value in values.items():
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, np.asarray(value, np.int32))
            # Brian2 warns that the order of the synapses matters; here it is the order of the hardware.
            with catch_logs():
                self.session.queue(self.network, limit, {"stimulus": self.stimulus, "stop_run": stop_run()})
            self._declared = True
        self.session.execute({**values, "stimulus": events}, durations=[limit])
        self._check_end(limit)

    @staticmethod
    def _inputs(configuration: Configuration, n_events: int, watched) -> dict[str, np.ndarray]:
        values = {f"neurons.{name}": code for name, code in codes_of(configuration.words).items()}
        flags = {"up": configuration.up, "down": configuration.down, "syn_sign": configuration.syn_sign}
        flags["watched"] = np.isin(np.arange(256), np.asarray(watched, int))
        values.update({f"neurons.{name}": flag for name, flag in flags.items()})
        values["crossbar.x"] = configuration.synapses.ravel()
        values.update({f"controller.{name}": code for name, code in configuration.registers.items()})
        bursting = not configuration.registers["open_loop"] and configuration.registers["burst_timeref"] > 0
        values.update({"controller.n_events": n_events, "controller.requested": n_events > 0, "controller.bursting": bursting})
        return values

    def _check_end(self, limit: int) -> None:
        controller = self.objects["controller"]
        cycle = int(controller.now[0])
        if np.any(np.asarray(self.objects["burst_fifos"].written[:]) > 4):
            raise UserError(
                "a burst FIFO was given a fifth spike, and ODIN's burst FIFOs have four defined places after entering closed loop; "
                "use fewer or shorter bursts, or restart from the memories of an earlier event."
            )
        if controller.torn[0]:
            raise UserError(
                f"at clock cycle {cycle} the burst priority moved between the two cycles of a virtual event, which then is applied "
                f"to another neuron's word; change burst_timeref, or send virtual events when no burst is under way."
            )
        if not controller.finished[0]:
            raise UserError(
                f"ODIN is still busy after {limit} operations and {cycle} clock cycles, at input event {int(controller.index[0])}: "
                "the network keeps itself active (or burst_timeref is below 513 and a burst entry is swept for ever); "
                "weaken the recurrent synapses."
            )
        if controller.lost[0]:
            logger.warning("ODIN's FIFO was full and lost %d spikes, as the chip does silently.", int(controller.lost[0]))

    def steps(self, monitor) -> np.ndarray:
        """Return the time steps of a monitor's records as integers."""
        return np.rint(np.asarray(monitor.t[:] / second)).astype(np.int64)


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Open a chip emulator; its one program is compiled on first use and cached.

    Raises
    ------
    UserError
        Without a C++ compiler.
    """
    if compiler() is None:
        raise UserError("the emulator of ODIN needs a C++ compiler; install g++ or name one in CXX.")
    # GCC vectorises the loop over the neurons only if it may check that the controller's registers lie apart from theirs.
    with session("cpp_standalone", dt=1.0, compile_args=["--param=vect-max-version-for-alias-checks=1000"]) as s:
        yield Emulator(s)
