"""Run tinyODIN: configuration and input events in, output events, memories and clock cycles out, register for register."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from brian2 import second
from brian2.utils.logger import catch_logs

from brian2chip.chips.fields import check, unpack
from brian2chip.chips.tinyodin import fields
from brian2chip.chips.tinyodin.network import build
from brian2chip.engine import compiler, session
from brian2chip.errors import UserError
from brian2chip.stopping import stop_run

logger = logging.getLogger(__name__)

#: Time steps after which a chip that never comes to rest is given up.
LIMIT = 200_000_000
ARRAYS = {"neur_init": ((256,), (1 << 32) - 1), "syn_init": ((256, 256), 15)}


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip.

    Attributes
    ----------
    registers : dict
        Configuration registers by name, see ``fields.REGISTERS``.
    words : int64 [256]
        32-bit neuron words.
    synapses : uint8 [256, 256]
        ``[pre, post]``, signed 4-bit weights as raw nibbles.
    """

    registers: Mapping[str, int]
    words: np.ndarray
    synapses: np.ndarray

    @classmethod
    def of(cls, trace: Mapping[str, np.ndarray]) -> Configuration:
        """Return the configuration in arrays of the recorded traces' format.

        Raises
        ------
        UserError
            For a missing array, a wrong shape, a value out of range.
        """
        names = [f.name for f in fields.REGISTERS]
        missing = [name for name in (*names, *ARRAYS) if name not in trace]
        if missing:
            raise UserError(
                f"the tinyODIN trace lacks {', '.join(missing)}; it needs {', '.join((*names, *ARRAYS))}, stim_addr, stim_wait_idle."
            )
        for name, (shape, limit) in ARRAYS.items():
            given = np.asarray(trace[name])
            if given.shape != shape or given.dtype.kind not in "iu":
                raise UserError(f"{name} of a tinyODIN trace must be integers of shape {shape}, not {given.dtype} of shape {given.shape}.")
            if np.any((given < 0) | (given > limit)):
                raise UserError(
                    f"{name} of a tinyODIN trace must lie between 0 and {limit}; it reaches from {given.min()} to {given.max()}."
                )
        registers = {f.name: int(check(f, trace[f.name], "tinyODIN")) for f in fields.REGISTERS}
        return cls(registers, np.asarray(trace["neur_init"]).astype(np.int64), np.asarray(trace["syn_init"]))


class Emulator:
    """One compiled tinyODIN in an open session; every :meth:`run` starts a new chip with any configuration and stimulus."""

    def __init__(self, session):
        self.session = session
        self.stimulus = session.table("stimulus", np.zeros((1, 2), np.int32))
        self.network, self.objects = build()
        self._declared = False

    def run(self, configuration: Configuration, events: np.ndarray, watched=(), limit: int = LIMIT) -> None:
        """Run input events, int32 [n, 2] of addresses and "wait until idle" flags; afterwards ``objects`` hold what the chip holds.

        Raises
        ------
        UserError
            When the chip does not come to rest.
        """
        values = {f"neurons.{name}": code for name, code in unpack(fields.NEURON, configuration.words).items()}
        values["neurons.watched"] = np.isin(np.arange(256), np.asarray(watched, int))
        values["crossbar.x"] = unpack(fields.SYNAPSE, configuration.synapses)["w"].ravel()
        values.update({f"controller.{name}": code for name, code in configuration.registers.items()})
        values.update({"controller.n_events": len(events), "controller.requested": len(events) > 0})
        if not self._declared:
            for name, value in values.items():
                group, _, variable = name.partition(".")
                self.session.input(name, self.objects[group], variable, np.asarray(value, np.int32))
            # Brian2 warns that the order of the synapses matters; here it is the order of the hardware.
            with catch_logs():
                self.session.queue(self.network, limit, {"stimulus": self.stimulus, "stop_run": stop_run()})
            self._declared = True
        self.session.execute({**values, "stimulus": events}, durations=[limit])
        controller = self.objects["controller"]
        if not controller.finished[0]:
            raise UserError(
                f"tinyODIN is still busy after {limit} operations and {int(controller.now[0])} clock cycles: the network keeps itself "
                "active; weaken its recurrent synapses."
            )
        if controller.lost[0]:
            logger.warning("tinyODIN's FIFO was full and lost %d spikes, as the chip does silently.", int(controller.lost[0]))

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
        raise UserError("the emulator of tinyODIN needs a C++ compiler; install g++ or name one in CXX.")
    with session("cpp_standalone", dt=1.0) as s:
        yield Emulator(s)
