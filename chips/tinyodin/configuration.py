"""What is in tinyODIN before it runs: configuration registers, neuron words and synapses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.odin_family.configuration import checked_memories, checked_registers, contents_of_trace
from brian2chip.chips.tinyodin import fields

#: Memories of a recorded trace and of the chip: shape and largest code.
TRACE = {"neur_init": ((256,), (1 << 32) - 1), "syn_init": ((256, 256), 15)}
MEMORIES = {"words": TRACE["neur_init"], "synapses": TRACE["syn_init"]}


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip; ``UserError`` for an unknown or missing register, a memory of another shape, or a code out of range.

    Attributes
    ----------
    registers : dict
        Configuration registers by name, see ``fields.REGISTERS``.
    words : int64 [256]
        32-bit neuron words.
    synapses : uint8 [256, 256]
        ``[pre, post]``, signed 4-bit weights as raw nibbles.
    """

    registers: Mapping[str, int]
    words: np.ndarray
    synapses: np.ndarray

    def __post_init__(self):
        checked = checked_memories(vars(self), MEMORIES, "tinyODIN")
        checked["registers"] = checked_registers(self.registers, fields.REGISTERS, "tinyODIN")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @classmethod
    def of(cls, trace: Mapping[str, np.ndarray]) -> Configuration:
        """Return the configuration in a recorded trace, or ``UserError`` for an array that is missing or wrong."""
        registers, arrays = contents_of_trace(trace, "tinyODIN", fields.REGISTERS, TRACE)
        return cls(registers, arrays["neur_init"].astype(np.int64), arrays["syn_init"])
