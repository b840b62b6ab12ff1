"""SPI transactions that program ODIN or tinyODIN in a safe order, and what they leave in the chip."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError

NEURON, SYNAPSE = 0b01, 0b10  # SPI operation codes, a[17:16]
WRITE = 1 << 18
GATE, OPEN_LOOP = 0, 1


def synapse_words(synapses: np.ndarray) -> np.ndarray:
    """Return the 8,192 words of 32 bits of the synaptic memory: word pre*32 + post//8, nibble post%8."""
    nibbles = np.asarray(synapses, np.uint64).reshape(8192, 8)
    return (nibbles << np.arange(0, 32, 4, dtype=np.uint64)).sum(axis=1).astype(np.uint32)


def synapses_of(words: np.ndarray) -> np.ndarray:
    """Return uint8 [pre, post]; the inverse of :func:`synapse_words`."""
    return (np.asarray(words, np.uint32)[:, None] >> np.arange(0, 32, 4, dtype=np.uint32) & 15).astype(np.uint8).reshape(256, 256)


def transactions(registers: Sequence[tuple[int, int]], open_loop: int, neurons: np.ndarray, synapses: np.ndarray) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip.

    The chip is gated and in open loop before a memory is touched: a write to a neuron also evaluates the word that was there before,
    and in closed loop an all-zero word would push a spurious spike. The loop is closed and the gate opened last; the transaction that
    opens it also ends the write strobe of the last memory write.

    Parameters
    ----------
    registers : sequence of (address, data)
        But for the gate and the open loop.
    open_loop : int
    neurons : uint8 [256, bytes of a word]
    synapses : uint8 [256, 256]
    """
    out = [(GATE, 1), (OPEN_LOOP, 1), *registers]
    for neuron, row in enumerate(neurons):
        out += [(WRITE | NEURON << 16 | k << 8 | neuron, int(byte)) for k, byte in enumerate(row)]
    for address, word in enumerate(synapse_words(synapses)):
        out += [(WRITE | SYNAPSE << 16 | k << 13 | address, int(word) >> 8 * k & 255) for k in range(4)]
    return np.array([*out, (OPEN_LOOP, open_loop), (GATE, 0)], np.int64)


@dataclass(frozen=True)
class Programmed:
    """What SPI transactions leave in the chip: registers by address, the bytes of neurons and the matrix of synapses."""

    registers: Mapping[int, int]
    neurons: np.ndarray
    synapses: np.ndarray


def program(pairs: np.ndarray, word_bytes: int) -> Programmed:
    """Return what transactions leave in a chip whose memories were zero; the inverse of :func:`transactions`.

    Raises
    ------
    UserError
        For a memory write while the chip is not gated, or in closed loop, which pushes spurious spikes.
    """
    registers: dict[int, int] = {}
    neurons, words = np.zeros((256, word_bytes), np.uint8), np.zeros((8192, 4), np.uint8)
    for k, (address, data) in enumerate(np.asarray(pairs, np.int64).tolist()):
        kind = address >> 16 & 3
        if not kind:
            registers[address & 0xFFFF] = data
            continue
        for register, name in ((GATE, "GATE_ACTIVITY"), (OPEN_LOOP, "OPEN_LOOP")):
            if not registers.get(register, 0) & 1:
                raise UserError(
                    f"SPI transaction {k} writes memory while {name} is 0; set it to 1 first: a write to a neuron also evaluates the "
                    "word that was there, and an all-zero word would push a spurious spike for each byte."
                )
        keep, byte = data >> 8 & 255, data & 255
        memory, place = (neurons, (address & 255, address >> 8 & word_bytes - 1)) if kind == NEURON else (
            words, (address & 0x1FFF, address >> 13 & 3)
        )  # fmt: skip
        memory[place] = memory[place] & keep | byte & ~keep & 255
    return Programmed(registers, neurons, synapses_of(words.view("<u4").ravel()))
