"""Place a network on tinyODIN and run it there: signed 4-bit weights, 12-bit membranes, a linear leak at time references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.odin_family import mapping
from brian2chip.chips.tinyodin import files
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork

#: Input address of a time reference to all neurons.
TIME_REFERENCE = 0x1FF


def refuse(network: SpikingNetwork) -> list[str]:
    """Return a sentence for everything about the shape of the network that tinyODIN lacks."""
    return mapping.refuse(network, "tinyodin")


def place(network: SpikingNetwork, chip: Chip, ranges, rounding: str, rng: np.random.Generator):
    """Return items, configuration and notes of a network that fits."""
    where = mapping.layout(network)
    items, weight, threshold, scales = mapping.weights_and_thresholds(network, chip, where, rounding, rng)
    leak_items, leak, period = mapping.leaks(network, chip, where, scales, ranges)
    config = mapping.described(network, where, period, leak, 2048)
    last = max(b for _, b in config["neurons"].values()) - 1
    used = np.zeros(256, np.int64)
    for a, b in config["neurons"].values():
        used[a:b] = 1
    config.update(
        registers={"open_loop": config.pop("open_loop"), "aer_src_ctrl_nneur": 0, "max_neur": int(last)},
        synapses=(weight & 15).astype(np.uint8),
        neurons_fields={"thr": threshold, "leak": leak, "disable": 1 - used},
        scale={name: float(s) for name, s in scales.items()},
    )
    return items + leak_items, config, mapping.notes(network, chip, ranges, period)


def trace(config: Mapping[str, Any], addresses: np.ndarray) -> dict[str, np.ndarray]:
    """Return configuration and stimulus in the form that the emulator replays."""
    word = {k: np.asarray(v, np.uint32) for k, v in config["neurons_fields"].items()}
    return {
        **{name: np.uint8(value) for name, value in config["registers"].items()},
        "neur_init": (word["thr"] << 12) | (word["leak"] << 24) | (word["disable"] << 31),
        "syn_init": np.asarray(config["synapses"], np.uint8),
        "stim_addr": addresses.astype(np.uint16),
        "stim_wait_idle": np.ones(len(addresses), np.uint8),
    }


def write_files(config: Mapping[str, Any], folder: Path) -> None:
    """Write the files that program the chip: SPI transactions and memory images."""
    files.write(folder, Configuration.of(trace(config, np.zeros(0, int))), np.zeros((0, 2), np.int32))


def emulate(config: Mapping[str, Any], samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    from brian2chip.chips.tinyodin.replay import replay  # the emulator is not needed to translate

    source, sample, t = mapping.events(samples, config)
    out = replay(trace(config, np.where(source < 0, TIME_REFERENCE, source)))
    return mapping.decoded(out, sample, t, config, samples)
