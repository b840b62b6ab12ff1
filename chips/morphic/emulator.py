"""Run our MorphIC: configuration and input events in, spikes, memories and counts out; one compiled program for all of them."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.chips.morphic.configuration import SHAPE, Configuration
from brian2chip.chips.morphic.events import checked
from brian2chip.chips.morphic.fields import NEURONS, WIDTH
from brian2chip.chips.morphic.learning import REGISTER, SHIFTS
from brian2chip.chips.morphic.network import build
from brian2chip.chips.morphic.neuron import STATE
from brian2chip.core.later import internals
from brian2chip.core.units import second
from brian2chip.engine.compiler import compiler, missing
from brian2chip.engine.functions.lfsr import lfsr_function, stream_bits
from brian2chip.engine.functions.stop import stop_run
from brian2chip.engine.session import session
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: GCC vectorises the loops over the lanes only if it may check that the controller's registers lie apart from theirs.
VECTORISED = "--param=vect-max-version-for-alias-checks=1000"
#: Steps after which a chip that never comes to rest is given up.
LIMIT = 500_000_000


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes
    ----------
    spike_neuron, spike_event : int array
        Neuron ``512 core + number`` of each spike, in order, and the input event under which it fell.
    contents : Configuration
        What the chip holds then, from which it goes on.
    synaptic_operations : int
        Synapses that the rows reached, 512 a row and core.
    lost : int
        Spikes that found the queue full.
    """

    spike_neuron: np.ndarray
    spike_event: np.ndarray
    contents: Configuration
    synaptic_operations: int
    lost: int


class Emulator:
    """The compiled chip in an open session; every :meth:`run` starts a new chip with any configuration and input."""

    def __init__(self, session):
        self.session = session
        self.objects: dict[str, Any] = {}

    def run(self, configuration: Configuration, events: np.ndarray, limit: int = LIMIT) -> Outcome:
        """Run input events (see :mod:`brian2chip.chips.morphic.events`).

        Raises
        ------
        UserError
            For events that are none, and when the chip does not come to rest.
        """
        events = checked(events)
        values = inputs(configuration, len(events))
        if not self.objects:
            self.objects = self.session.objects if self.session.recalled else self._build(values, limit)
        self.session.execute({**values, "stimulus": events}, durations=[limit])
        controller = self.objects["controller"]
        if not controller.finished[0]:
            raise UserError(f"MorphIC is still busy after {limit} steps: the network keeps itself active; weaken its recurrent synapses.")
        lost = int(controller.lost[0])
        if lost:
            logger.warning("MorphIC's queue was full and lost %d spikes.", lost)
        started, at = (np.rint(np.asarray(self.objects[name].t[:] / second)).astype(np.int64) for name in ("begins", "spikes"))
        return Outcome(
            np.asarray(self.objects["spikes"].place[:]).astype(np.int64),
            np.searchsorted(started, at, side="right") - 1,
            self._contents(configuration),
            NEURONS * int(controller.rows_swept[0]),
            lost,
        )

    def _build(self, values: Mapping[str, Any], limit: int) -> dict[str, Any]:
        table = self.session.table("stimulus", np.zeros((1, 4), np.int32))
        self._built, objects = build()
        for name, value in values.items():
            group, _, variable = name.partition(".")
            self.session.input(name, objects[group], variable, np.asarray(value, np.int32))
        self.session.results_of(objects)
        functions = {"stimulus": table, "stop_run": stop_run(), "lfsr": lfsr_function([REGISTER] * len(objects["cores"]))}
        with internals.order_is_meant():  # that of the hardware
            self.session.queue(self._built, limit, functions)
        return objects

    def _contents(self, given: Configuration) -> Configuration:
        neurons, cores = self.objects["neurons"], self.objects["cores"]
        drawn = np.asarray(cores.drawn[:]).astype(np.int64)
        state = [int(stream_bits(REGISTER, start, SHIFTS * d, WIDTH)) for start, d in zip(given.cores["lfsr"], drawn)]
        return Configuration(
            {**given.cores, "lfsr": np.array(state)},
            {**given.neurons, **{name: np.asarray(getattr(neurons, name)[:]) for name in STATE}},
            np.asarray(self.objects["synapses"].x[:]).reshape(SHAPE).astype(np.uint8),
        )


def inputs(configuration: Configuration, n_events: int) -> dict[str, Any]:
    """Return what a configuration sets, ``{"object.variable": codes}``."""
    values = {f"neurons.{name}": codes for name, codes in configuration.neurons.items()}
    values["neurons.reach"] = configuration.neurons["crossbar"] + configuration.neurons["star"] > 0
    values["synapses.x"] = configuration.synapses.ravel()
    values |= {f"cores.{name}": codes for name, codes in configuration.cores.items()}
    return {**values, "controller.n_events": n_events}


@contextmanager
def emulator() -> Iterator[Emulator]:
    """Open the emulator; its one program is compiled on first use and cached.

    Raises
    ------
    UserError
        Without a C++ compiler.
    """
    if compiler() is None:
        raise UserError(f"the emulator of MorphIC needs a C++ compiler, and {missing()} was found; install it, or name one in CXX.")
    with session("cpp_standalone", dt=1.0, compile_args=[VECTORISED], known_by=("chip", "MorphIC")) as s:
        yield Emulator(s)
