"""Files by which a bench plays ReckOn: programs, read-back list, stimulus tick by tick, and what the emulated chip sends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips import bench_files
from brian2chip.chips.bench_files import write_table
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.clock_cycles import tick_cycles
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.fields import N_OUTPUT, NEURON_WORD, REGISTERS
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.replay import sent_bytes
from brian2chip.chips.reckon.result import Result
from brian2chip.chips.reckon.spi_program import (
    DISABLE,
    ENABLE,
    MEMORIES,
    NEURON,
    clear_program,
    header,
    neuron_chunks,
    program,
    sparse_program,
    texts,
    weight_words,
)
from brian2chip.chips.reckon.testbench_files import write_lines

FULL, CLEAR, SPARSE = "spi_program.txt", "spi_clear.txt", "spi_sparse.txt"
CLEARED = "every byte of the three weight memories is 0"
READBACK = "address,expected,memory,word,part"
READ = 1 << 31
INPUTS = {
    **dict.fromkeys(("CLK_EXT", "CLK_INT_EN", "RST", "SCK", "MOSI"), 1),
    "AERIN_ADDR": 8,
    **dict.fromkeys(("AERIN_REQ", "AERIN_TAR_EN", "SAMPLE", "TIME_TICK", "TARGET_VALID", "INFER_ACC", "OUT_ACK"), 1),
}
OUTPUTS = {"MISO": 1, "AERIN_ACK": 1, "SPI_RDY": 1, "TIMING_ERROR_RDY": 1, "OUT_REQ": 1, "OUT_DATA": 8}
#: Least ratio of the chip's clock to SCK while it is read: a word is fetched in the half period before its first bit is due.
READ_CLOCK_RATIO = 12
#: Samples that the emulator records at once; their states step by step are held in memory.
RECORDED = 16

#: Sample, its ticks, the bytes that it sends with their ticks, the spikes of its hidden units, its answer and clock cycles.
Played = tuple[int, int, list[tuple[int, int]], np.ndarray, int, int]


def write(folder: Path, configuration: Configuration, memory: Memory, samples: ChipSamples | None, chip: Emulator | None = None) -> None:
    """Write the sparse program, the lists of a bench, ``bench.json`` and ``README.txt`` beside the program.

    Parameters
    ----------
    folder : Path
    configuration, memory
        As the program leaves them.
    samples : ChipSamples or None
        Checked.
    chip : Emulator, optional
        An open one that records; otherwise one is opened.
    """
    lists = {"full": (FULL, program(configuration, memory)), "clear": (CLEAR, clear_program())}
    lists["sparse"] = (SPARSE, sparse_program(configuration, memory))
    for file, writes in list(lists.values())[1:]:
        write_lines(folder / file, texts(writes))
    entries = {
        name: bench_files.program_entry(file, [(head, *data) for head, data in writes], 32) for name, (file, writes) in lists.items()
    }
    entries["clear"]["meaning"] = CLEARED
    before = [*_neuron_reads(configuration, memory), *_weight_reads(memory, memory)]
    document: dict[str, Any] = {
        "chip": "reckon",
        "top": "reckon",
        "pins": {"inputs": INPUTS, "outputs": OUTPUTS},
        "spi": bench_files.spi_words(32, 31, counted=True, read_clock_ratio=READ_CLOCK_RATIO),
        "reset": bench_files.reset([name for name in INPUTS if name not in ("CLK_EXT", "RST")]),
        "programs": entries,
        "enable": texts([DISABLE]),
        "readback": {"before": texts([ENABLE]), **write_table(folder / "readback.csv", READBACK, before), "after": texts([DISABLE])},
        "stimulus": None,
        "expected": None,
        "learning": samples is not None and bool(np.any(samples.eprop)),
        "populations": {},
    }
    if samples is not None:
        document["stimulus"] = _stimulus(folder, configuration, samples)
        document["expected"] = _expected(folder, configuration, memory, samples, chip)
    said = {"fields": REGISTERS, "word": NEURON_WORD, "registers": configuration.registers, "bytes_sent": _bytes(configuration)}
    sizes = {"inputs": configuration.n_inputs, "hidden": configuration.n_hidden, "outputs": configuration.n_outputs}
    bench_files.write_bench(folder, document, "reckon.txt", sizes=sizes, **said)


def _bytes(configuration: Configuration) -> int:
    """Return how many bytes the chip sends at a time."""
    return 1 if configuration["SEND_LABEL_ONLY"] else 2 * configuration.n_outputs


def _neuron_reads(configuration: Configuration, memory: Memory) -> Iterator[tuple[Any, ...]]:
    for k, word in enumerate(neuron_chunks(configuration, memory)):
        if word:
            yield READ | header(NEURON, 1, k), word, "neurons", *divmod(k, 4)


def _weight_reads(before: Memory, now: Memory) -> Iterator[tuple[Any, ...]]:
    """Yield the reads of the weight words that are not 0 now or were not before."""
    for code, name in MEMORIES:
        then, words = (weight_words(getattr(m, name)) for m in (before, now))
        for k in np.flatnonzero((then != 0) | (words != 0)).tolist():
            yield READ | header(code, 1, k), int(words[k]), name, *divmod(k, 4)


def _stimulus(folder: Path, configuration: Configuration, samples: ChipSamples) -> dict[str, Any]:
    order = np.lexsort((samples.i, samples.t, samples.sample))
    events = zip(samples.sample[order], samples.t[order], samples.i[order])
    ticks = np.unique(samples.n_ticks)
    targets = None if samples.target is None else list(_targets(configuration, samples))
    return {
        "samples": len(samples.n_ticks),
        "channels": configuration.n_inputs,
        "steps": int(ticks[0]) if len(ticks) == 1 else None,
        "events": write_table(folder / "stimulus.csv", "sample,tick,input", events),
        "ticks": write_table(folder / "stimulus_ticks.csv", "sample,first,end,target_valid,infer_acc,eprop,label", _levels(samples)),
        "targets": None if not targets else write_table(folder / "stimulus_targets.csv", "sample,tick,byte,value", targets),
    }


def _levels(samples: ChipSamples) -> Iterator[tuple[int, ...]]:
    """Yield runs of ticks with the same levels."""
    ends = np.cumsum(samples.n_ticks)
    for s, (n, end) in enumerate(zip(samples.n_ticks, ends)):
        levels = np.stack([samples.target_valid[end - n : end], samples.infer_acc[end - n : end]])
        firsts = np.concatenate([[0], 1 + np.flatnonzero(np.any(np.diff(levels), axis=0)), [n]]).tolist()
        for first, after in zip(firsts, firsts[1:]):
            yield s, first, after, *levels[:, first].tolist(), int(samples.eprop[s]), int(samples.label[s])


def _targets(configuration: Configuration, samples: ChipSamples) -> Iterator[tuple[int, ...]]:
    """Yield the bytes that the chip asks for, tick by tick (specification, section 8): a class, or numbers with the low byte first."""
    if not configuration["REGRESSION"] and configuration["SINGLE_LABEL"]:
        return
    starts = np.cumsum(samples.n_ticks) - samples.n_ticks
    for s, (start, n) in enumerate(zip(starts, samples.n_ticks)):
        for t in range(1, n - 1):
            if samples.eprop[s] and (samples.target_valid[start + t] or configuration["REGUL_MODE"] >= 6):
                row = np.zeros(N_OUTPUT, "<i2")
                row[: samples.target.shape[1]] = samples.target[start + t]
                asked = row[: configuration.n_outputs].tobytes() if configuration["REGRESSION"] else bytes([row[0] & 15])
                yield from ((s, t, k, value) for k, value in enumerate(asked))


def _expected(folder: Path, configuration: Configuration, memory: Memory, samples: ChipSamples, chip: Emulator | None) -> dict[str, Any]:
    played: list[Played] = []
    now = memory
    with nullcontext(chip) if chip is not None else Emulator(record=True) as running:
        for first in range(0, len(samples.n_ticks), RECORDED):
            given = samples.between(first, min(first + RECORDED, len(samples.n_ticks)))
            result = running.run(configuration, now, given)
            played += _of(configuration, given, result, first)
            now = result.memory
    sent = ((s, tick, byte) for s, _, outputs, *_ in played for tick, byte in outputs)
    answers = ((s, samples.label[s], answer, len(outputs), cycles) for s, _, outputs, _, answer, cycles in played)
    spikes = ((s, *place) for s, _, _, places, *_ in played for place in places.tolist())
    return {
        "output": write_table(folder / "expected_output.csv", "sample,tick,byte", sent),
        "samples": write_table(folder / "expected_samples.csv", "sample,label,answer,outputs,cycles", answers),
        "spikes": write_table(folder / "expected_spikes.csv", "sample,tick,unit", spikes),
        "readback": write_table(folder / "readback_after.csv", READBACK, _weight_reads(memory, now)),
    }


def _of(configuration: Configuration, samples: ChipSamples, result: Result, first: int) -> Iterator[Played]:
    """Yield what each sample of a run did; ``first`` is the number of its first one."""
    cycles, end = tick_cycles(configuration, samples, result), 0
    for s, n in enumerate(samples.n_ticks.tolist()):
        begin, end = end, end + n
        steps = {name: result.steps[name][begin:end] for name in ("z", "v", "wins")}
        sent = sent_bytes(configuration, steps)
        ticks = np.repeat(np.arange(1, n) if configuration["SEND_PER_TIMESTEP"] else [n - 1], _bytes(configuration)).tolist()
        spikes = np.argwhere(steps["z"][1:, : configuration.n_hidden]) + [1, 0]
        yield first + s, n, list(zip(ticks, sent)), spikes, int(result.label[s]), int(cycles[begin:end].sum())
