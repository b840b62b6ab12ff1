"""Place a network on ODIN and run it there: one sign per presynaptic neuron, 3-bit weights, a linear leak at time references."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.chips.chip import Trace
from brian2chip.chips.codec import pack
from brian2chip.chips.odin import files
from brian2chip.chips.odin.configuration import Configuration, codes_of, words_of
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.fields import LIF
from brian2chip.chips.odin.replay import outputs
from brian2chip.chips.odin_family.interface import Codes, Interface

#: Input address of a time reference to all neurons; low byte of a spike event (no virtual event, none of the reserved codes).
TIME_REFERENCE, SPIKE = 0x7F, 0x07
#: The mapping bit of a synapse.
MAPPED = 8


def configuration(codes: Codes) -> Configuration:
    """Return what the chip holds. Neurons that are not in use stay silent: they are disabled, with the highest threshold."""
    words = {"lif": 1, "leak_str": codes.leak, "leak_en": 1, "thr": codes.threshold, "disable": (~codes.used).astype(int)}
    return Configuration(
        Configuration.blank(open_loop=int(not codes.closed)).registers,
        syn_sign=np.any(codes.weight < 0, axis=1).astype(np.uint8),
        words=pack(LIF, words),
        synapses=mapped(np.abs(codes.weight)),
        up=np.zeros(256, np.uint8),
        down=np.zeros(256, np.uint8),
    )


def mapped(weight: np.ndarray) -> np.ndarray:
    """Return synapses of these weight codes, uint8; those of weight 0 are unmapped."""
    return (weight + MAPPED * (weight != 0)).astype(np.uint8)


def kinds(address: np.ndarray) -> np.ndarray:
    """Return what input addresses are (section 2 of the specification): spikes, time references, or other events."""
    reference = (address >> 16 == 0) & (address & 127 == 127)
    spike = (address >> 16 == 0) & (address & 127 != 0) & ~reference & (address >> 3 & 31 == 0)
    return np.select([reference, spike], ["reference", "spike"], "event")


def after(configuration: Configuration, out: Trace) -> Configuration:
    """Return what the chip holds after a run."""
    words = words_of(out["neur_final"])
    return replace(configuration, words=words, synapses=out["syn_final"], up=out["vup_final"], down=out["vdn_final"])


INTERFACE = Interface(
    name="ODIN",
    address_bits=17,
    spike=lambda i: i * 256 + SPIKE,
    time_reference=TIME_REFERENCE,
    configuration=configuration,
    emulator=emulator,
    outputs=outputs,
    files=files.FORMAT,
    word=LIF,
    kinds=kinds,
    sweep=lambda _: 512,
    after=after,
    learns=lambda held: bool(codes_of(held.words)["ca_en"].any()),
    places=32,
)
