"""Run a translated network on the emulated ReckOn, and write the files that program the chip.

A step of the network is a tick of the chip: input events of step t are sent before tick t, the spikes that they cause appear in the
STEP of tick t + 1, and the readout that sees these spikes in the STEP of tick t + 2; so a sample takes two ticks more than it has steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.reckon import files
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.memory import Memory
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples

#: Samples that the emulator records at once; their states step by step are held in memory.
RECORDED = 16


def chip_of(config: Mapping[str, Any]) -> tuple[Configuration, Memory]:
    """Return the chip's configuration and memories."""
    chip = Configuration.of(config["registers"], np.asarray(config["thr"]), np.asarray(config["alpha"]))
    return chip, Memory.of(chip, *(np.asarray(config[name]) for name in ("winp", "wrec", "wout")))


def write_files(config: Mapping[str, Any], folder: Path) -> None:
    """Write the files that program the chip: SPI program, memory images, weights for the testbench."""
    files.write(folder, *chip_of(config))


def emulate(config: Mapping[str, Any], samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    from brian2chip.chips.reckon.clock_cycles import tick_cycles
    from brian2chip.chips.reckon.emulator import Emulator  # Brian2 is not needed to translate

    chip, memory = chip_of(config)
    order, units = np.asarray(config["order"]), len(config["order"])
    z, v, label, cycles = [], [], [], []
    with Emulator(record=True) as emulator:
        for first in range(0, len(samples), RECORDED):
            given = chip_samples(samples, first, min(RECORDED, len(samples) - first))
            result = emulator.run(chip, memory, given)
            memory = result.memory
            shape = (len(given.n_ticks), samples.n_steps + 2, -1)
            back = np.zeros((shape[0], samples.n_steps, units), bool)
            back[..., order] = result.steps["z"].reshape(shape)[:, 1:-1, :units]
            z.append(back)
            v.append(result.steps["v"].reshape(shape)[:, 2:, : chip.n_outputs] * config["readout_scale"])
            label.append(result.label)
            cycles.append(tick_cycles(chip, given, result).reshape(shape[:2]).sum(axis=1))
    z = np.concatenate(z)
    spikes = {name: np.nonzero(z[..., a:b]) for name, (a, b) in config["hidden"].items()}
    label, cycles = np.concatenate(label), np.concatenate(cycles).astype(np.int64)
    return NetworkRun(spikes, {config["readout"]: np.concatenate(v)}, {}, len(samples), samples.n_steps, label=label, cycles=cycles)


def chip_samples(samples: Samples, first: int, count: int) -> ChipSamples:
    """Return some samples as the host gives them to the chip; winners count where the readout has seen the masked steps."""
    ticks = samples.n_steps + 2
    low, high = np.searchsorted(samples.sample, [first, first + count])
    accumulate = np.concatenate([[0, 0], np.asarray(samples.mask, np.int64)])
    none = np.zeros(count, np.int64)
    return ChipSamples(
        np.full(count, ticks), samples.sample[low:high] - first, samples.t[low:high], samples.i[low:high], none, none,
        np.zeros(count * ticks, np.int64), np.tile(accumulate, count),
    )  # fmt: skip
