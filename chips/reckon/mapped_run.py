"""Run a placed network on the emulated ReckOn, and write the files that program the chip.

A step of the network is a tick of the chip: input events of step t are sent before tick t, the spikes that they cause appear in the
STEP of tick t + 1, and the readout that sees these spikes in the STEP of tick t + 2; so a sample takes two ticks more than it has steps.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brian2chip.chips.reckon import files
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.clock_cycles import tick_cycles
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.placed_network import PlacedNetwork
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples

#: Samples that the emulator records at once; their states step by step are held in memory.
RECORDED = 16


def write(placed: PlacedNetwork, folder: Path, samples: Samples | None = None) -> None:
    """Write the files that program the chip: SPI program, memory images, weights for the testbench, and samples where they are given."""
    files.write(folder, placed.configuration, placed.memory, None if samples is None else chip_samples(samples, 0, len(samples)))


def emulate(placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Return the spikes, readouts, answers and clock cycles of samples on the emulated chip."""
    configuration, memory, units = placed.configuration, placed.memory, len(placed.order)
    z, v, label, cycles = [], [], [], []
    with Emulator(record=True) as chip:
        for first in range(0, len(samples), RECORDED):
            given = chip_samples(samples, first, min(RECORDED, len(samples) - first))
            result = chip.run(configuration, memory, given)
            memory = result.memory
            shape = (len(given.n_ticks), samples.n_steps + 2, -1)
            back = np.zeros((shape[0], samples.n_steps, units), bool)
            back[..., placed.order] = result.steps["z"].reshape(shape)[:, 1:-1, :units]
            z.append(back)
            v.append(result.steps["v"].reshape(shape)[:, 2:, : configuration.n_outputs] * placed.readout_scale)
            label.append(result.label)
            cycles.append(tick_cycles(configuration, given, result).reshape(shape[:2]).sum(axis=1))
    z = np.concatenate(z)
    spikes = {name: np.nonzero(z[..., a:b]) for name, (a, b) in placed.hidden.items()}
    label, cycles = np.concatenate(label), np.concatenate(cycles).astype(np.int64)
    return NetworkRun(spikes, {placed.readout: np.concatenate(v)}, {}, len(samples), samples.n_steps, label=label, cycles=cycles)


def chip_samples(samples: Samples, first: int, count: int) -> ChipSamples:
    """Return some samples as the host gives them to the chip; winners count where the readout has seen the masked steps."""
    ticks = samples.n_steps + 2
    low, high = np.searchsorted(samples.sample, [first, first + count])
    accumulate = np.concatenate([[0, 0], np.asarray(samples.mask, np.int64)])
    none = np.zeros(count, np.int64)
    return ChipSamples(
        n_ticks=np.full(count, ticks),
        sample=samples.sample[low:high] - first,
        t=samples.t[low:high],
        i=samples.i[low:high],
        eprop=none,
        label=none - 1 if samples.label is None else np.asarray(samples.label)[first : first + count],
        target_valid=np.zeros(count * ticks, np.int64),
        infer_acc=np.tile(accumulate, count),
    )
