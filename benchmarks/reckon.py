"""Speed of the ReckOn model: milliseconds a sample of 2,250 ticks inside the compiled program, learning and inference, at two sizes.

python benchmarks/reckon.py
"""

from __future__ import annotations

import resource
import time

import numpy as np
import yardstick

from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.clock_cycles import synaptic_operations, tick_cycles
from brian2chip.chips.reckon.description import RECKON
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.task_setup import on_chip
from brian2chip.core import registry

N_SAMPLES, REPEATS = 5, 3
PJ_PER_OPERATION = 1e12 * RECKON.energy["synaptic operation at 0.5 V"][0]


def cue_accumulation(eprop: int) -> ChipSamples:
    """Return samples of the task with 40 inputs."""
    return on_chip(registry.get("task", "evidence_accumulation").generate(N_SAMPLES, np.random.default_rng(1)), eprop)


def full_size(eprop: int) -> ChipSamples:
    """Return random samples of 256 inputs with 16 classes; learning in the last 150 ticks of 2,250."""
    rng = np.random.default_rng(1)
    sample, t, i = np.nonzero(rng.random((N_SAMPLES, 2250, 256)) < 0.005)
    late = np.tile(np.arange(2250) >= 2100, N_SAMPLES).astype(int)
    labels = rng.integers(0, 16, N_SAMPLES)
    do_eprop = np.full(N_SAMPLES, eprop)
    return ChipSamples(np.full(N_SAMPLES, 2250), sample, t, i, do_eprop, labels, late * int(eprop > 0), late)


def measure(chip: Emulator, size: tuple[int, int, int], samples: ChipSamples) -> tuple[float, ...]:
    """Return for one sample: milliseconds of the program (best of a few) and of the processor, cycles and pJ of the chip."""
    configuration = presets.configuration(*size)
    memory = Memory.of(configuration, **presets.initial_weights(*size, np.random.default_rng(2)))
    wall, processor = [], []
    result = chip.run(configuration, memory, samples)
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        result = chip.run(configuration, memory, samples)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall.append(chip.program_seconds)
        processor.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    cycles = tick_cycles(configuration, samples.checked(configuration), result).sum() / N_SAMPLES
    energy = PJ_PER_OPERATION * synaptic_operations(configuration, result) / N_SAMPLES
    return 1e3 * min(wall) / N_SAMPLES, 1e3 * min(processor) / N_SAMPLES, cycles, energy


def main() -> None:
    """Print the table."""
    start = time.perf_counter()
    yardstick.heading("ReckOn: best of a few")
    with Emulator() as chip:
        print(f"{N_SAMPLES} samples of 2,250 ticks in one start of the program, best of {REPEATS}; e-prop in the last 150 ticks")
        print(f"{'network':<14}{'task':<11}{'program ms/sample':>19}{'processor ms/sample':>21}{'chip cycles/sample':>20}{'nJ/sample':>11}")
        for size, made in (((40, 100, 2), cue_accumulation), ((256, 256, 16), full_size)):
            for task, eprop in (("learning", 7), ("inference", 0)):
                inside, processor, cycles, pj = measure(chip, size, made(eprop))
                name = "-".join(map(str, size))
                print(f"{name:<14}{task:<11}{inside:>19.1f}{processor:>21.1f}{cycles:>20,.0f}{pj / 1e3:>11.0f}", flush=True)
    print(f"nJ: synaptic operations of the hidden units times the published {PJ_PER_OPERATION:.1f} pJ (0.5 V)")
    print(f"whole benchmark: {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
