"""Place a network on ODIN and run it there: one sign per presynaptic neuron, 3-bit weights, a linear leak at time references."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips import codec
from brian2chip.chips.chip import Chip
from brian2chip.chips.odin import files
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.fields import LIF
from brian2chip.chips.odin_family import mapping
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork

#: Input address of a time reference to all neurons; low byte of a spike event (no virtual event, none of the reserved codes).
TIME_REFERENCE, SPIKE = 0x7F, 0x07
#: The mapping bit of a synapse.
MAPPED = 8
REGISTERS = dict(
    burst_timeref=0, aer_src_ctrl_nneur=0, out_aer_monitor_en=0, monitor_neur_addr=0, monitor_syn_addr=0,
    update_unmapped_syn=0, propagate_unmapped_syn=0, sdsp_on_syn_stim=0,
)  # fmt: skip


def refuse(network: SpikingNetwork) -> list[str]:
    """Return a sentence for everything about the shape of the network that ODIN lacks."""
    return mapping.refuse(network, "odin")


def place(network: SpikingNetwork, chip: Chip, ranges, rounding: str, rng: np.random.Generator):
    """Return items, configuration and notes of a network that fits."""
    where = mapping.layout(network)
    items, weight, threshold, scales = mapping.weights_and_thresholds(network, chip, where, rounding, rng)
    leak_items, leak, period = mapping.leaks(network, chip, where, scales, ranges)
    config = mapping.described(network, where, period, leak, 255)
    used = np.zeros(256, bool)
    for a, b in config["neurons"].values():
        used[a:b] = True
    # Neurons that are not in use stay silent: they are disabled, with the highest threshold.
    words = {"lif": 1, "leak_str": leak, "leak_en": 1, "thr": threshold, "disable": np.where(used, 0, 1)}
    config.update(
        registers=dict(REGISTERS, open_loop=config.pop("open_loop")),
        syn_sign=np.any(weight < 0, axis=1).astype(np.uint8),
        synapses=(np.abs(weight) + MAPPED * (weight != 0)).astype(np.uint8),
        neurons_fields={k: np.broadcast_to(np.asarray(v), (256,)).astype(np.int64) for k, v in words.items()},
        scale={name: float(s) for name, s in scales.items()},
    )
    return items + leak_items, config, mapping.notes(network, chip, ranges, period)


def trace(config: Mapping[str, Any], addresses: np.ndarray) -> dict[str, np.ndarray]:
    """Return configuration and stimulus in the form that the emulator replays."""
    words = codec.pack(LIF, {k: np.asarray(v) for k, v in config["neurons_fields"].items()})
    return {
        **{name: np.uint32(value) for name, value in config["registers"].items()},
        "syn_sign": np.asarray(config["syn_sign"], np.uint8),
        "neur_init": np.array([list(int(w).to_bytes(16, "little")) for w in words], np.uint8),
        "syn_init": np.asarray(config["synapses"], np.uint8),
        "vup_init": np.zeros(256, np.uint8),
        "vdn_init": np.zeros(256, np.uint8),
        "stim_addr": addresses.astype(np.uint32),
        "stim_wait_idle": np.ones(len(addresses), np.uint8),
    }


def configuration(config: Mapping[str, Any]) -> Configuration:
    """Return what is in the chip before it runs."""
    return Configuration.of(trace(config, np.zeros(0, int)))


def write_files(config: Mapping[str, Any], folder: Path) -> None:
    """Write the files that program the chip: SPI transactions and memory images."""
    files.write(folder, configuration(config), np.zeros((0, 2), np.int32))


def emulate(config: Mapping[str, Any], samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    from brian2chip.chips.odin.replay import replay  # the emulator is not needed to translate

    source, sample, t = mapping.events(samples, config)
    out = replay(trace(config, np.where(source < 0, TIME_REFERENCE, source * 256 + SPIKE)))
    return mapping.decoded(out, sample, t, config, samples)
