"""What is in ODIN before it runs: configuration registers, neuron words, synapses, and the flags that no reset clears."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from brian2chip.chips.codec import code, pack, unpack
from brian2chip.chips.odin import fields
from brian2chip.chips.odin_family.configuration import checked_memories, checked_registers, contents_of_trace
from brian2chip.errors import UserError, unknown

N = 256
LAYOUTS = {1: fields.LIF, 0: fields.IZHIKEVICH}
#: Every register of either neuron model, once.
CODES = tuple(dict.fromkeys(f.name for layout in LAYOUTS.values() for f in layout if f.name not in ("lif", "disable")))
#: Memories of a recorded trace and of the chip: shape and largest code.
TRACE = {"syn_sign": ((N,), 1), "neur_init": ((N, 16), 255), "syn_init": ((N, N), 15), "vup_init": ((N,), 1), "vdn_init": ((N,), 1)}
MEMORIES = {"syn_sign": ((N,), 1), "words": ((N,), (1 << 128) - 1), "synapses": ((N, N), 15), "up": ((N,), 1), "down": ((N,), 1)}


@dataclass(frozen=True)
class Configuration:
    """Contents of the chip; ``UserError`` for an unknown or missing register, a memory of another shape, or a code out of range.

    Attributes
    ----------
    registers : dict
        Configuration registers by name, see ``fields.REGISTERS``.
    syn_sign : uint8 [256]
        1 where the presynaptic neuron is inhibitory.
    words : object [256]
        128-bit neuron words as Python integers.
    synapses : uint8 [256, 256]
        ``[pre, post]``, bit 3 is the mapping bit, bits 2 to 0 the weight.
    up, down : uint8 [256]
        SDSP flags; flip-flops without reset.
    """

    registers: Mapping[str, int]
    syn_sign: np.ndarray
    words: np.ndarray
    synapses: np.ndarray
    up: np.ndarray
    down: np.ndarray

    def __post_init__(self):
        checked = checked_memories(vars(self), MEMORIES, "ODIN")
        checked["registers"] = checked_registers(self.registers, fields.REGISTERS, "ODIN")
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @classmethod
    def blank(cls, **registers: int) -> Configuration:
        """Return a silent chip: disabled leaky integrate-and-fire neurons of the highest threshold, unmapped synapses of weight 0."""
        words = pack(fields.LIF, {"lif": np.ones(N, int), "thr": np.full(N, 255), "disable": np.ones(N, int)})
        zeros = np.zeros(N, np.uint8)
        empty = cls({f.name: f.default for f in fields.REGISTERS}, zeros, words, np.zeros((N, N), np.uint8), zeros, zeros)
        return empty.with_registers(**registers)

    @classmethod
    def of(cls, trace: Mapping[str, np.ndarray]) -> Configuration:
        """Return the configuration in a recorded trace, or ``UserError`` for an array that is missing or wrong."""
        registers, arrays = contents_of_trace(trace, "ODIN", fields.REGISTERS, TRACE)
        return cls(registers, arrays["syn_sign"], words_of(arrays["neur_init"]), arrays["syn_init"], arrays["vup_init"], arrays["vdn_init"])

    def with_registers(self, **registers: int) -> Configuration:
        """Return the same with some configuration registers changed."""
        return replace(self, registers={**self.registers, **registers})

    def with_neurons(self, where, **codes) -> Configuration:
        """Return the same with new neurons at the indices ``where``; fields that are not named are zero, ``lif`` chooses the model."""
        lif = code(fields.LIF[0], codes.get("lif", 1), "ODIN")
        layout = {f.name: f for f in LAYOUTS[lif]}
        for name in codes:
            if name not in layout:
                raise unknown(f"field of ODIN's {'LIF' if lif else 'Izhikevich'} neuron", name, layout)
        words = self.words.copy()
        try:
            shape = np.shape(words[where])
            given = {name: np.broadcast_to(value, shape) for name, value in {**codes, "lif": lif}.items()}
        except (IndexError, TypeError, ValueError) as error:
            raise UserError(f"the neurons {where!r:.60} of ODIN cannot be set ({error!s:.100}); it has neurons 0 to {N - 1}.") from None
        words[where] = pack(layout.values(), given)
        return replace(self, words=words)


def words_of(rows: np.ndarray) -> np.ndarray:
    """Return neuron words as Python integers from uint8 [..., 16], byte k holding bits 8k to 8k + 7."""
    flat = np.ascontiguousarray(rows, np.uint8).reshape(-1, 16)
    words = np.empty(len(flat), object)
    words[:] = [int.from_bytes(row.tobytes(), "little") for row in flat]
    return words.reshape(rows.shape[:-1])


def bytes_of(words: np.ndarray) -> np.ndarray:
    """Return uint8 [..., 16] of neuron words; the inverse of :func:`words_of`."""
    flat = np.frombuffer(b"".join(int(w).to_bytes(16, "little") for w in words.ravel()), np.uint8)
    return flat.reshape((*words.shape, 16)).copy()


def codes_of(words: np.ndarray) -> dict[str, np.ndarray]:
    """Return the codes of the registers of both models, ``lif`` and ``disable``, int32 with the shape of the words."""
    lif = (words & 1).astype(np.int32)
    codes = {name: np.zeros(words.shape, np.int32) for name in (*CODES, "disable")}
    for kind, layout in LAYOUTS.items():
        for name, values in unpack(layout, words).items():
            if name != "lif":
                codes[name] = np.where(lif == kind, values, codes[name]).astype(np.int32)
    return {**codes, "lif": lif}


def words_with(words: np.ndarray, codes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the words with their registers replaced; bits that belong to no register stay."""
    lif = (words & 1).astype(bool)
    out = words.copy()
    for chosen, layout in ((lif, fields.LIF), (~lif, fields.IZHIKEVICH)):
        if chosen.any():
            layout = [f for f in layout if f.name in codes]
            out[chosen] = pack(layout, {f.name: np.asarray(codes[f.name])[chosen] for f in layout}, keep=words[chosen])
    return out
