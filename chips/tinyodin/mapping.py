"""Place a network on tinyODIN and run it there: signed 4-bit weights, 12-bit membranes, a linear leak at time references."""

from __future__ import annotations

import numpy as np

from brian2chip.chips.codec import pack
from brian2chip.chips.odin_family.mapping import Codes, Interface
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


INTERFACE = Interface("tinyODIN", 10, lambda i: i, TIME_REFERENCE, configuration, emulator, outputs, files.write)
