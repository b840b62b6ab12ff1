"""Replay of recorded traces: from the inputs of a trace, everything that the chip does."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import numpy as np

from brian2chip.chips.chip import Replay
from brian2chip.chips.odin.configuration import CODES, Configuration, bytes_of, codes_of, words_of, words_with
from brian2chip.chips.odin.controller import REPORT, SEEN
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin_family import replay as family
from brian2chip.chips.odin_family.emulator import Emulator
from brian2chip.chips.odin_family.stimulus import stimulus_and_watched

OUTPUTS = (
    "out_addr", "out_stim_index", "out_cycle", "stim_start_cycle", "total_cycles", "neur_final", "syn_final", "vup_final", "vdn_final",
    "trace_words", "trace_vup", "trace_vdn", "trace_core", "trace_calcium",
)  # fmt: skip


def given(trace: Mapping[str, np.ndarray]) -> tuple[Configuration, np.ndarray, np.ndarray]:
    """Return configuration, events and traced neurons from the inputs of a trace, or raise ``UserError``."""
    return Configuration.of(trace), *stimulus_and_watched(trace, "ODIN", 17)


def outputs(chip: Emulator, configuration: Configuration, events: np.ndarray, traced: np.ndarray) -> dict[str, np.ndarray]:
    """Run one configuration and stimulus on an open emulator and return what the chip did, under the names of the recorded format."""
    chip.run(configuration, events, watched=traced)
    cells = chip.objects["neurons"]
    result = {
        **family.output_link(chip, *output_link(chip, configuration.registers)),
        "neur_final": bytes_of(words_with(configuration.words, {name: np.asarray(getattr(cells, name)[:]) for name in CODES})),
        "syn_final": np.asarray(chip.objects["crossbar"].x[:]).reshape(256, 256).astype(np.uint8),
        "vup_final": np.asarray(cells.up[:]).astype(np.uint8),
        "vdn_final": np.asarray(cells.down[:]).astype(np.uint8),
    }
    if len(traced):
        result.update(traces(chip, configuration.words[traced], traced, len(events)))
    return result


def output_link(chip: Emulator, registers: Mapping[str, int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return bytes, time steps and clock cycles of the output link (section 6 of the specification), in order."""
    reports, spikes = chip.objects["reports"], chip.objects["spikes"]
    r = {name: np.asarray(getattr(reports, name)[:]).astype(np.int64) for name in (*REPORT, *SEEN)}
    r["t"] = chip.steps(reports)
    monitored = registers["monitor_neur_addr"]
    parts = []
    if registers["out_aer_monitor_en"]:
        parts += _monitor(r, monitored)
    elif registers["aer_src_ctrl_nneur"]:
        on = r["source_out"] > 0
        parts.append((r["written_row"][on], r["t"][on], (r["step_start"] + 2 * (monitored - r["first"]) + 2)[on]))
    else:
        i = np.asarray(spikes.i[:]).astype(np.int64)
        t = chip.steps(spikes)
        parts.append((i, t, family.spike_cycles(i, t, r["t"], r["step_start"], r["first"])))
    addr, step, cycle = (np.concatenate([p[k] for p in parts]) for k in range(3))
    order = np.argsort(cycle, kind="stable")
    return addr[order], step[order], cycle[order]


def _monitor(r: dict[str, np.ndarray], monitored: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Two bytes at each write of the monitored neuron, one at each write of the word of the monitored synapse."""
    whole = (r["sweep"] > 0) & (r["stepping"] == 0)
    neuron_at = r["step_start"] + 2 * (monitored - r["first"]) + 2
    group = monitored // 8
    row_at = r["step_start"] + 2 * group + 2 + 64 * r["seen_row"] * r["all_rows"]
    synapse_at = np.where(r["row_only"] > 0, row_at, np.where(whole, r["step_start"] + 16 * group + 2, r["step_start"] + 2))
    synapse_at = np.where(r["together"] > 0, neuron_at + 14, synapse_at)
    neuron_at = neuron_at + 6 * (r["synapse_out"] * (1 - r["together"]) * whole)
    on, of = r["neuron_out"] > 0, r["synapse_out"] > 0
    return [
        (r["seen_state"][on], r["t"][on], neuron_at[on]),
        (r["seen_membrane"][on], r["t"][on], neuron_at[on] + 7),
        (r["seen_nibble"][of], r["t"][of], synapse_at[of]),
    ]


def traces(chip: Emulator, words: np.ndarray, neurons: np.ndarray, n: int) -> dict[str, np.ndarray]:
    """Return words, flags, membrane and calcium of the traced neurons after each of n input events."""
    record, k = chip.objects["traces"], len(neurons)
    event, place = family.last_records(chip, neurons)
    last = np.zeros((n, k), int)
    last[event, place] = np.arange(len(event))  # the last record of an event wins
    codes = {name: np.asarray(getattr(record, name)[:])[last] for name in (*CODES, "up", "down")}
    traced = words_with(np.broadcast_to(words, (n, k)).copy(), codes)
    core = np.where((words & 1).astype(bool), codes["V"], (codes["core"] + 8) % 16 - 8)
    return {
        "trace_words": bytes_of(traced), "trace_vup": codes["up"].astype(np.uint8), "trace_vdn": codes["down"].astype(np.uint8),
        "trace_core": core.astype(np.int16), "trace_calcium": codes["Ca"].astype(np.uint8),
    }  # fmt: skip


def describe(name: str, index: tuple[int, ...], expected: np.ndarray, got: np.ndarray, trace: Mapping[str, np.ndarray]) -> str | None:
    """Return event, neuron, field and both values of the first difference."""
    if name not in ("neur_final", "trace_words"):
        return family.first_difference(name, index, expected[index], got[index], trace)
    words = [codes_of(words_of(array[index[:-1]][None])) for array in (expected, got)]
    different = [field for field in words[0] if words[0][field][0] != words[1][field][0]]
    if not different:  # a bit that belongs to no field
        return family.first_difference(name, index, expected[index], got[index], trace, f"byte {index[-1]}, an unused bit")
    values = [int(codes[different[0]][0]) for codes in words]
    return family.first_difference(name, index, *values, trace, different[0])


REPLAY = Replay(OUTPUTS, partial(family.open_replay, emulator, given, outputs), describe)
