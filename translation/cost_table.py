"""What a translated network costs before any sample and in the longest one: programming, latency, queues, energy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from brian2chip.chips.bench_files import CLOCK_RATIO, SPI_HZ
from brian2chip.chips.chip import Chip
from brian2chip.chips.costs import Costs
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.translation.report import Section

#: Words for the programs of :class:`Costs`.
PROGRAMS = {"full": "whole program", "clear": "clear of the memories", "sparse": "sparse program after a clear"}
UNBOUNDED = "not bounded: neurons excite one another"


def cost_section(network: SpikingNetwork, chip: Chip, configuration: Any, run: NetworkRun | None, clock: float | None) -> Section:
    """Return the table; with a run its longest sample and fullest queue are in it, with a clock (Hz) times are too."""
    inputs = sum(p.size for p in network.populations if p.kind == "input")
    costs = chip.backend.costs(configuration, inputs, 1 if run is None else run.n_steps)
    rows = [*_programs(costs, clock), *_latency(costs, run, clock), *_energy(costs, chip), *_queue(costs, run)]
    words = "Bounds follow from the network and hold for at most one spike of each input in a step; host and handshakes add to them."
    return "Programming, latency and queues", words, pd.DataFrame(rows, columns=["what", "value"])


def _programs(costs: Costs, clock: float | None) -> Iterator[tuple[str, Any]]:
    for name, (transactions, bits) in costs.programs.items():
        yield f"SPI transactions, {PROGRAMS[name]}", transactions
        yield f"seconds at a SPI clock of {SPI_HZ / 1e6:g} MHz, {PROGRAMS[name]}", bits / SPI_HZ
        if clock is not None:
            fastest = clock / CLOCK_RATIO
            yield f"seconds at the fastest SPI clock, {fastest / 1e6:g} MHz, {PROGRAMS[name]}", bits / fastest


def _latency(costs: Costs, run: NetworkRun | None, clock: float | None) -> Iterator[tuple[str, Any]]:
    bounds = {"an input spike": costs.spike_cycles, "a step": costs.step_cycles}
    if run is not None:
        bounds[f"a sample of {run.n_steps} steps"] = costs.sample_cycles
    for what, (low, high) in bounds.items():
        yield f"clock cycles of {what}, at least", low
        yield f"clock cycles of {what}, at most", UNBOUNDED if high is None else high
        if clock is not None and high is not None:
            yield f"seconds of {what} at {clock / 1e6:g} MHz, at most", high / clock
    if run is not None and run.cycles is not None:
        longest = int(run.cycles.max())
        yield "clock cycles of the longest sample of the test", longest
        if clock is not None:
            yield f"seconds of the longest sample at {clock / 1e6:g} MHz", longest / clock


def _energy(costs: Costs, chip: Chip) -> Iterator[tuple[str, Any]]:
    yield "synaptic operations of an input spike", costs.spike_operations
    for what, (joules, source) in chip.energy.items():
        yield f"joules of an input spike, {what} ({source})", joules * costs.spike_operations
        if costs.step_operations is not None:
            yield f"joules of a step, {what}, at most", joules * costs.step_operations


def _queue(costs: Costs, run: NetworkRun | None) -> Iterator[tuple[str, Any]]:
    if costs.queue is not None:
        places, most = costs.queue
        yield f"spikes that wait in the queue of {places} places, at most", most
        if run is not None and run.queue is not None:
            yield "spikes that waited at once in the test, at most", run.queue[0]
            yield "spikes that a full queue lost in the test", run.queue[1]
