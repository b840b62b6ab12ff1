"""Files by which a bench plays ODIN or tinyODIN: programs, read-back list, stimulus, and what the emulated chip sends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips import bench_files
from brian2chip.chips.bench_files import HOLD, write_table
from brian2chip.chips.chip import Trace
from brian2chip.chips.odin_family.emulator import Emulator
from brian2chip.chips.odin_family.files import lines_of
from brian2chip.chips.odin_family.interface import Interface
from brian2chip.chips.odin_family.play import Play
from brian2chip.chips.odin_family.spi_program import GATE, NEURON, READ, SYNAPSE, clear, synapse_words
from brian2chip.chips.odin_family.stimulus import stimulus

CLEARED = "every byte of the neuron memory and of the synapse memory is 0"
READBACK = "address,expected,memory,word,part"
INPUTS = {"CLK": 1, "RST": 1, "SCK": 1, "MOSI": 1, "AERIN_ADDR": 0, "AERIN_REQ": 1, "AEROUT_ACK": 1}
OUTPUTS = {"MISO": 1, "AERIN_ACK": 1, "AEROUT_ADDR": 8, "AEROUT_REQ": 1}

#: Output addresses of each population, first and last + 1.
Populations = Mapping[str, tuple[int, int]]


def write(
    interface: Interface, folder: Path, held: Any, populations: Populations, play: Play | None = None, chip: Emulator | None = None
) -> None:
    """Write all files of a chip into a folder.

    Parameters
    ----------
    interface : Interface
    folder : Path
        Made if need be.
    held : Configuration
        What the chip holds before the first event.
    populations : mapping of name to (first, last + 1)
        Output addresses; the last one answers.
    play : Play, optional
        What is sent; without it there is neither stimulus nor expected output.
    chip : Emulator, optional
        An open one; otherwise one is opened.

    Raises
    ------
    UserError
        For an address beyond the width of the input link, before anything is written.
    """
    files, folder = interface.files, Path(folder)
    given = np.zeros((0, 2), np.int32) if play is None else np.asarray(play.events)
    files.write(folder, held, stimulus(given[:, 0], given[:, 1], interface.name, interface.address_bits))
    programs = {"full": ("spi.txt", files.transactions(held)), "clear": ("spi_clear.txt", clear(files.word_bytes))}
    programs["sparse"] = ("spi_sparse.txt", files.sparse(held))
    entries = {name: bench_files.program_entry(file, pairs.tolist(), 20) for name, (file, pairs) in programs.items()}
    entries["clear"]["meaning"] = CLEARED
    gate, free = (lines_of(np.array([[GATE, value]])) for value in (1, 0))
    before = contents(interface, held)
    document = {
        "chip": interface.name.lower(),
        "top": interface.name,
        "pins": {
            "inputs": {**INPUTS, "AERIN_ADDR": interface.address_bits},
            "outputs": {**OUTPUTS, **dict.fromkeys(interface.more_pins, 1)},
        },
        "spi": bench_files.spi_words(20, 19, counted=False),
        "reset": bench_files.reset([name for name in INPUTS if name not in ("CLK", "RST")]),
        "programs": entries,
        "enable": lines_of(programs["full"][1][-2:]),
        "readback": {"before": gate, **_reads(folder / "readback.csv", before, before), "after": free},
        "stimulus": None,
        "expected": None,
        "learning": interface.learns(held),
        "populations": {name: list(place) for name, place in populations.items()},
    }
    if play is not None:
        with nullcontext(chip) if chip is not None else interface.emulator() as running:
            out = interface.outputs(running, held, play.events, np.zeros(0, int))
        document["stimulus"] = _stimulus(interface, folder, held, play)
        document["expected"] = _expected(folder, play, out, populations)
        document["expected"]["readback"] = _reads(folder / "readback_after.csv", before, contents(interface, interface.after(held, out)))
    fields = {"registers": files.registers, "word": interface.word, "values": dict(programs["full"][1].tolist())}
    bench_files.write_bench(folder, document, "odin_family.txt", sweep=interface.sweep(held), **fields)


def contents(interface: Interface, held: Any) -> np.ndarray:
    """Return all bytes of both memories as rows of read address, byte, memory (0 neurons, 1 synapses), word, part: int64 [n, 5]."""
    rows = interface.files.neurons(held)
    neuron, k = np.indices(rows.shape).reshape(2, -1)
    bytes_of_words = synapse_words(held.synapses).astype("<u4").view(np.uint8).reshape(-1, 4)
    word, part = np.indices(bytes_of_words.shape).reshape(2, -1)
    one = np.column_stack([READ | NEURON << 16 | k << 8 | neuron, rows.ravel(), np.zeros_like(k), neuron, k])
    other = np.column_stack([READ | SYNAPSE << 16 | part << 13 | word, bytes_of_words.ravel(), np.ones_like(part), word, part])
    return np.concatenate([one, other]).astype(np.int64)


def _reads(path: Path, before: np.ndarray, now: np.ndarray) -> dict[str, Any]:
    """Write what a read-back gives now, of the bytes that are not 0 now or were not before."""
    shown = now[(now[:, 1] != 0) | (before[:, 1] != 0)].tolist()
    rows = ((address, byte, ("neurons", "synapses")[memory], word, part) for address, byte, memory, word, part in shown)
    return write_table(path, READBACK, rows)


def _stimulus(interface: Interface, folder: Path, held: Any, play: Play) -> dict[str, Any]:
    kind = interface.kinds(play.events[:, 0])
    kind = np.where((kind == "reference") & (np.asarray(play.step) < 0), "between", kind)
    rows = zip(range(len(kind)), play.sample, play.step, kind, *play.events.T)
    sweep = interface.sweep(held) + HOLD
    return {
        "samples": play.n_samples,
        "channels": 256 if play.channels is None else play.channels,
        "steps": None if play.counted is None else len(play.counted),
        "events": write_table(folder / "stimulus.csv", "event,sample,step,kind,address,wait", rows),
        "idle": {"cycles_after_ack": sweep, "cycles_per_output": 0 if held.registers["open_loop"] else sweep},
    }


def _expected(folder: Path, play: Play, out: Trace, populations: Populations) -> dict[str, Any]:
    event = np.asarray(out["out_stim_index"], np.int64)
    rows = zip(np.asarray(play.sample)[event], event, out["out_addr"], out["out_cycle"])
    return {
        "output": write_table(folder / "expected_output.csv", "sample,event,byte,cycle", rows),
        "samples": write_table(folder / "expected_samples.csv", "sample,label,answer,outputs,cycles", _answers(play, out, populations)),
        "spikes": None,
    }


def _answers(play: Play, out: Trace, populations: Populations) -> Iterator[tuple[int, ...]]:
    """Yield sample, label, answer, bytes and clock cycles of each sample."""
    event, address, sample = np.asarray(out["out_stim_index"], np.int64), np.asarray(out["out_addr"], np.int64), np.asarray(play.sample)
    begin = np.searchsorted(sample, np.arange(play.n_samples))
    cycles = np.diff(np.append(np.asarray(out["stim_start_cycle"], np.int64)[begin], int(out["total_cycles"])))
    first, end = list(populations.values())[-1] if populations else (0, 0)
    counted = play.counts[event] & (address >= first) & (address < end)
    for s in range(play.n_samples):
        own = sample[event] == s
        spikes = np.bincount(address[own & counted] - first, minlength=1)
        label = -1 if play.label is None else int(play.label[s])
        yield s, label, int(spikes.argmax()) if populations else -1, int(own.sum()), int(cycles[s])
