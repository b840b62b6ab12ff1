"""What is in tinyODIN before it runs: configuration registers, neuron words and synapses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.odin_family.recorded_traces import contents
from brian2chip.chips.tinyodin import fields

#: Memories of a recorded trace: shape and largest code.
ARRAYS = {"neur_init": ((256,), (1 << 32) - 1), "syn_init": ((256, 256), 15)}


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip.

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

    @classmethod
    def of(cls, trace: Mapping[str, np.ndarray]) -> Configuration:
        """Return the configuration in arrays of the recorded traces' format.

        Raises
        ------
        UserError
            For a missing array, a wrong shape, a value out of range.
        """
        registers, arrays = contents(trace, "tinyODIN", fields.REGISTERS, ARRAYS)
        return cls(registers, arrays["neur_init"].astype(np.int64), arrays["syn_init"])
