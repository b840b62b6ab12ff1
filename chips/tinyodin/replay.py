"""Replay of recorded tinyODIN traces: from the inputs of a trace, everything that the chip does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from brian2chip.chips.codec import pack, unpack
from brian2chip.chips.odin_family.recorded_traces import stimulus_and_watched
from brian2chip.chips.tinyodin import fields
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.emulator import Emulator, emulator

OUTPUTS = ("out_addr", "out_stim_index", "out_cycle", "stim_start_cycle", "total_cycles", "neur_final", "trace_core")


def replay(trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the outputs of one trace, under the names of the recorded format; expected values in it are not read."""
    return next(replays([trace]))


def replays(traces: Iterable[Mapping[str, np.ndarray]]) -> Iterator[dict[str, np.ndarray]]:
    """Yield the outputs of each trace, with one program for all."""
    checked_inputs = [given(trace) for trace in traces]
    with emulator() as chip:
        for inputs in checked_inputs:
            yield outputs(chip, *inputs)


def given(trace: Mapping[str, np.ndarray]) -> tuple[Configuration, np.ndarray, np.ndarray]:
    """Return configuration, events and traced neurons from the inputs of a trace, or raise ``UserError``."""
    return Configuration.of(trace), *stimulus_and_watched(trace, "tinyODIN", 10)


def outputs(chip: Emulator, configuration: Configuration, events: np.ndarray, traced: np.ndarray) -> dict[str, np.ndarray]:
    """Run one configuration and stimulus on an open emulator and return what the chip did, under the names of the recorded format."""
    chip.run(configuration, events, watched=traced)
    begins, reports, spikes = (chip.objects[name] for name in ("begins", "reports", "spikes"))
    started, step = chip.steps(begins), chip.steps(reports)
    start, first, last = (np.asarray(getattr(reports, name)[:]).astype(np.int64) for name in ("step_start", "first", "last"))
    if configuration.registers["aer_src_ctrl_nneur"]:
        on = np.asarray(reports.source_out[:]) > 0
        addr, steps, cycle = np.asarray(reports.row[:])[on], step[on], (start + 2 * last + 2)[on]
    else:
        addr, steps = np.asarray(spikes.i[:]).astype(np.int64), chip.steps(spikes)
        where = np.searchsorted(step, steps)
        cycle = start[where] + 2 * (addr - first[where]) + 2 + 6 * (np.arange(len(steps)) - np.searchsorted(steps, steps))
    codes = {**unpack(fields.NEURON, configuration.words), "V": np.asarray(chip.objects["neurons"].V[:])}
    result = {
        "out_addr": addr.astype(np.uint8),
        "out_stim_index": (np.searchsorted(started, steps, side="right") - 1).astype(np.int32),
        "out_cycle": cycle.astype(np.uint32),
        "stim_start_cycle": np.asarray(begins.work_start[:]).astype(np.uint32),
        "total_cycles": np.uint32(chip.objects["controller"].now[0]),
        "neur_final": pack(fields.NEURON, codes).astype(np.uint32),
    }
    if len(traced):
        record = chip.objects["traces"]
        event = np.searchsorted(started, chip.steps(record), side="right") - 1
        order = np.argsort(traced)
        core = np.zeros((len(events), len(traced)), np.int16)
        core[event, order[np.searchsorted(traced[order], np.asarray(record.i[:]))]] = record.V[:]  # the last record of an event wins
        result["trace_core"] = core
    return result


def describe(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray]) -> str | None:
    """Return event, neuron, field and both values of the first difference."""
    if name == "neur_final":
        pair = [unpack(fields.NEURON, np.array([int(array[index])], object)) for array in (expected, got)]
        field = next(n for n in pair[0] if pair[0][n][0] != pair[1][n][0])
        return f"first difference at the end, neuron {index[0]}, field {field}, expected {pair[0][field][0]}, got {pair[1][field][0]}"
    values = f"expected {expected[index]}, got {got[index]}"
    if name == "trace_core":
        return f"first difference at event {index[0]}, neuron {trace['trace_neurons'][index[1]]}, field V, {values}"
    if name.startswith("out_"):
        event = f" (after event {trace['out_stim_index'][index]})" if "out_stim_index" in trace else ""
        return f"first difference at output {index[0]}{event}, {values}"
    return None
