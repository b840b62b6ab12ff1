"""Replay of recorded traces: from the inputs of a trace, everything that the chip does."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from brian2chip.chips.odin.emulator import Emulator, bytes_of, emulator, words_of, words_with
from brian2chip.chips.odin.network import NEURON

OUTPUTS = (
    "out_addr", "out_stim_index", "out_cycle", "stim_start_cycle", "total_cycles", "neur_final", "syn_final", "vup_final", "vdn_final",
    "trace_words", "trace_vup", "trace_vdn", "trace_core", "trace_calcium",
)  # fmt: skip


def replay(trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the outputs of one trace, under the names of the golden format; expected values in it are not read."""
    with emulator() as chip:
        return outputs(chip, trace)


def outputs(chip: Emulator, trace: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Run one trace on an open emulator and return its outputs."""
    chip.run(trace)
    begins, cells = chip.objects["begins"], chip.objects["neurons"]
    addr, steps, cycle = output_link(chip, trace)
    started = np.asarray(begins.t[:] / chip.second).round().astype(np.int64)
    words = words_of(np.asarray(trace["neur_init"]))
    result = {
        "out_addr": addr.astype(np.uint8),
        "out_stim_index": (np.searchsorted(started, steps, side="right") - 1).astype(np.int32),
        "out_cycle": cycle.astype(np.uint32),
        "stim_start_cycle": np.asarray(begins.work_start[:]).astype(np.uint32),
        "total_cycles": np.uint32(chip.objects["controller"].now[0]),
        "neur_final": bytes_of(words_with(words, {name: getattr(cells, name)[:] for name in NEURON})),
        "syn_final": np.asarray(chip.objects["crossbar"].x[:]).reshape(256, 256).astype(np.uint8),
        "vup_final": np.asarray(cells.up[:]).astype(np.uint8),
        "vdn_final": np.asarray(cells.down[:]).astype(np.uint8),
    }
    if "trace_neurons" in trace:
        result.update(traces(chip, trace, words, started))
    return result


def output_link(chip: Emulator, trace: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return bytes, time steps and clock cycles of the output link (section 6 of the specification), in order."""
    reports, spikes = chip.objects["reports"], chip.objects["spikes"]
    r = {name: np.asarray(getattr(reports, name)[:]).astype(np.int64) for name in reports.record_variables if name not in ("i", "t")}
    r["t"] = np.asarray(reports.t[:] / chip.second).round().astype(np.int64)
    monitored = int(trace["monitor_neur_addr"])
    parts = []
    if trace["out_aer_monitor_en"]:
        parts += _monitor(r, monitored)
    elif trace["aer_src_ctrl_nneur"]:
        on = r["source_out"] > 0
        parts.append((r["written_row"][on], r["t"][on], (r["step_start"] + 2 * (monitored - r["first"]) + 2)[on]))
    else:
        i = np.asarray(spikes.i[:]).astype(np.int64)
        t = np.asarray(spikes.t[:] / chip.second).round().astype(np.int64)
        where = np.searchsorted(r["t"], t)
        rank = np.arange(len(t)) - np.searchsorted(t, t)
        parts.append((i, t, r["step_start"][where] + 2 * (i - r["first"][where]) + 2 + 6 * rank))
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


def traces(chip: Emulator, trace: Mapping[str, np.ndarray], words: np.ndarray, started: np.ndarray) -> dict[str, np.ndarray]:
    """Return words, flags, membrane and calcium of the traced neurons after each input event."""
    record = chip.objects["traces"]
    neurons = np.asarray(trace["trace_neurons"], int)
    n, k = len(trace["stim_addr"]), len(neurons)
    i = np.asarray(record.i[:])
    event = np.searchsorted(started, np.asarray(record.t[:] / chip.second).round().astype(np.int64), side="right") - 1
    place = np.searchsorted(np.sort(neurons), i)
    last = np.full((n, k), -1)
    last[event, np.argsort(neurons)[place]] = np.arange(len(i))  # the last record of an event wins
    codes = {name: np.asarray(getattr(record, name)[:])[last] for name in (*NEURON, "up", "down")}
    traced = words_with(np.broadcast_to(words[neurons], (n, k)).copy(), {name: codes[name] for name in NEURON})
    lif = np.array([int(w) & 1 for w in words[neurons]])
    core = np.where(lif, codes["V"], (codes["core"] + 8) % 16 - 8)
    return {
        "trace_words": bytes_of(traced), "trace_vup": codes["up"].astype(np.uint8), "trace_vdn": codes["down"].astype(np.uint8),
        "trace_core": core.astype(np.int16), "trace_calcium": codes["Ca"].astype(np.uint8),
    }  # fmt: skip
