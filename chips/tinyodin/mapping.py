"""Place a network on tinyODIN and run it there: signed 4-bit weights, 12-bit membranes, a linear leak at time references."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.chips.codec import pack
from brian2chip.chips.odin_family.interface import Codes, Interface
from brian2chip.chips.tinyodin import files
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.emulator import emulator
from brian2chip.chips.tinyodin.fields import NEURON
from brian2chip.chips.tinyodin.replay import outputs

#: Input address of a time reference to all neurons.
TIME_REFERENCE = 0x1FF


def configuration(codes: Codes) -> Configuration:
    """Return what the chip holds. Neurons that are not in use are disabled, and sweeps end at the last one that is."""
    last = int(np.flatnonzero(codes.used)[-1])
    words = pack(NEURON, {"thr": codes.threshold, "leak": codes.leak, "disable": (~codes.used).astype(int)})
    registers = {"open_loop": int(not codes.closed), "aer_src_ctrl_nneur": 0, "max_neur": last}
    return Configuration(registers, words.astype(np.int64), (codes.weight & 15).astype(np.uint8))


def kinds(address: np.ndarray) -> np.ndarray:
    """Return what input addresses are (section 9 of the specification): spikes, time references, or other events."""
    return np.select([address >> 8 & 1 == 1, address >> 9 == 0], ["reference", "spike"], "event")


INTERFACE = Interface(
    name="tinyODIN",
    address_bits=10,
    spike=lambda i: i,
    time_reference=TIME_REFERENCE,
    configuration=configuration,
    emulator=emulator,
    outputs=outputs,
    files=files.FORMAT,
    word=NEURON,
    kinds=kinds,
    sweep=lambda held: 2 * (held.registers["max_neur"] + 1) + 1,
    after=lambda held, out: replace(held, words=out["neur_final"].astype(np.int64)),
    learns=lambda _: False,
    places=128,
    more_pins=("SCHED_FULL",),
)
