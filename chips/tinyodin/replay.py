"""Replay of recorded tinyODIN traces: from the inputs of a trace, everything that the chip does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.chips.codec import pack, unpack
from brian2chip.chips.odin_family import replay as family
from brian2chip.chips.odin_family.emulator import Emulator
from brian2chip.chips.odin_family.stimulus import stimulus_and_watched
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.emulator import emulator
from brian2chip.chips.tinyodin.fields import NEURON

OUTPUTS = ("out_addr", "out_stim_index", "out_cycle", "stim_start_cycle", "total_cycles", "neur_final", "trace_core")


def given(trace: Mapping[str, np.ndarray]) -> tuple[Configuration, np.ndarray, np.ndarray]:
    """Return configuration, events and traced neurons from the inputs of a trace, or raise ``UserError``."""
    return Configuration.of(trace), *stimulus_and_watched(trace, "tinyODIN", 10)


def outputs(chip: Emulator, configuration: Configuration, events: np.ndarray, traced: np.ndarray) -> dict[str, np.ndarray]:
    """Run one configuration and stimulus on an open emulator and return what the chip did, under the names of the recorded format."""
    chip.run(configuration, events, watched=traced)
    codes = {**unpack(NEURON, configuration.words), "V": np.asarray(chip.objects["neurons"].V[:])}
    result = {
        **family.output_link(chip, *output_link(chip, configuration.registers)),
        "neur_final": pack(NEURON, codes).astype(np.uint32),
    }
    if len(traced):
        result["trace_core"] = np.zeros((len(events), len(traced)), np.int16)
        result["trace_core"][family.last_records(chip, traced)] = chip.objects["traces"].V[:]  # the last record of an event wins
    return result


def output_link(chip: Emulator, registers: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return addresses, time steps and clock cycles of the output link, in order."""
    reports, spikes = chip.objects["reports"], chip.objects["spikes"]
    steps = chip.steps(reports)
    start, first, last = (np.asarray(getattr(reports, name)[:]).astype(np.int64) for name in ("step_start", "first", "last"))
    if registers["aer_src_ctrl_nneur"]:
        on = np.asarray(reports.source_out[:]) > 0
        return np.asarray(reports.row[:])[on], steps[on], (start + 2 * last + 2)[on]
    neurons, t = np.asarray(spikes.i[:]).astype(np.int64), chip.steps(spikes)
    return neurons, t, family.spike_cycles(neurons, t, steps, start, first)


def describe(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray]) -> str | None:
    """Return event, neuron, field and both values of the first difference."""
    if name != "neur_final":
        field = "V" if name == "trace_core" else ""
        return family.first_difference(name, index, expected[index], got[index], trace, field)
    words = [unpack(NEURON, np.array([int(array[index])], object)) for array in (expected, got)]
    field = next(f for f in words[0] if words[0][f][0] != words[1][f][0])
    return family.first_difference(name, index, *(int(codes[field][0]) for codes in words), trace, field)


REPLAY = Replay(OUTPUTS, partial(family.open_replay, emulator, given, outputs), describe)
