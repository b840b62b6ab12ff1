"""SPI transactions that program ODIN or tinyODIN in a safe order, and what they leave in the chip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError

NEURON, SYNAPSE = 0b01, 0b10  # SPI operation codes, a[17:16]
WRITE, READ = 1 << 18, 1 << 19
GATE, OPEN_LOOP = 0, 1
#: A byte that is written to a neuron's word: neuron, place of the byte, value.
ByteWrite = tuple[int, int, int]


def synapse_words(synapses: np.ndarray) -> np.ndarray:
    """Return the 8,192 words of 32 bits of the synaptic memory: word pre*32 + post//8, nibble post%8."""
    nibbles = np.asarray(synapses, np.uint64).reshape(8192, 8)
    return (nibbles << np.arange(0, 32, 4, dtype=np.uint64)).sum(axis=1).astype(np.uint32)


def synapses_of(words: np.ndarray) -> np.ndarray:
    """Return uint8 [pre, post]; the inverse of :func:`synapse_words`."""
    return (np.asarray(words, np.uint32)[:, None] >> np.arange(0, 32, 4, dtype=np.uint32) & 15).astype(np.uint8).reshape(256, 256)


def word_writes(rows: np.ndarray) -> list[ByteWrite]:
    """Return the writes of all bytes of neuron words, uint8 [256, bytes of a word]."""
    return [(neuron, k, int(byte)) for neuron, row in enumerate(rows) for k, byte in enumerate(row)]


def transactions(
    registers: Sequence[tuple[int, int]], open_loop: int, neurons: Iterable[ByteWrite], synapses: np.ndarray, *, sparse: bool = False
) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip.

    The chip is gated and in open loop before a memory is touched: a write to a neuron also evaluates the word that was there before,
    and in closed loop an all-zero word would push a spurious spike. The loop is closed and the gate opened last; the transaction that
    opens it also ends the write strobe of the last memory write.

    Parameters
    ----------
    registers : sequence of (address, data)
        But for the gate and the open loop.
    open_loop : int
    neurons : iterable of ByteWrite
        In order.
    synapses : uint8 [256, 256]
    sparse : bool
        Leave out the bytes of synapses that are 0.
    """
    out = [(GATE, 1), (OPEN_LOOP, 1), *registers]
    out += [(WRITE | NEURON << 16 | k << 8 | neuron, byte) for neuron, k, byte in neurons]
    for address, word in enumerate(synapse_words(synapses).tolist()):
        bytes_of_word = ((k, word >> 8 * k & 255) for k in range(4))
        out += [(WRITE | SYNAPSE << 16 | k << 13 | address, byte) for k, byte in bytes_of_word if byte or not sparse]
    return np.array([*out, (OPEN_LOOP, open_loop), (GATE, 0)], np.int64)


def clear(word_bytes: int) -> np.ndarray:
    """Return the transactions after which every byte of both memories is 0; the chip stays gated and in open loop.

    Parameters
    ----------
    word_bytes : int
        Of a neuron.
    """
    zeros = np.zeros((256, word_bytes), np.uint8)
    return transactions((), 1, word_writes(zeros), np.zeros((256, 256), np.uint8))[:-2]


def reads(pairs: np.ndarray) -> dict[int, int]:
    """Return the addresses from which the bytes that transactions wrote are read, and the byte that must come back from each."""
    memory = pairs[pairs[:, 0] >> 16 & 3 > 0]
    return {READ | address & ~WRITE: data for address, data in memory.tolist()}


@dataclass(frozen=True)
class Programmed:
    """What SPI transactions leave in the chip.

    Attributes
    ----------
    registers : mapping of address to data
    neurons : uint8 [256, bytes of a word]
    synapses : uint8 [256, 256]
    before : uint8 [256, bytes of a word]
        Each neuron's word before the last write to it.
    """

    registers: Mapping[int, int]
    neurons: np.ndarray
    synapses: np.ndarray
    before: np.ndarray


def program(pairs: np.ndarray, word_bytes: int, bits: Mapping[int, int], path: object = None) -> Programmed:
    """Return what transactions leave in a chip whose memories were zero; the inverse of :func:`transactions`.

    Parameters
    ----------
    pairs : int [n, 2]
        Address and data.
    word_bytes : int
        Of a neuron.
    bits : mapping of register address to number of bits
    path : path, optional
        Of the text that holds them, a line each, for messages.

    Raises
    ------
    UserError
        For a transaction that is no write of this chip, and for a memory write while the chip is not gated, or in closed loop, which
        pushes spurious spikes.
    """
    registers: dict[int, int] = {}
    neurons, words = np.zeros((256, word_bytes), np.uint8), np.zeros((8192, 4), np.uint8)
    before = neurons.copy()
    for k, (address, data) in enumerate(_checked(pairs).tolist()):
        if not address >> 16:
            if address not in bits:
                raise UserError(f"{_place(path, k)}: there is no register {address}.")
            if data >> bits[address]:
                raise UserError(f"{_place(path, k)}: register {address} has {bits[address]} bits, not {data:#x}.")
            registers[address] = data
            continue
        kind, low, high = address >> 16, address & 255, address >> 8 & 255
        fits = kind == WRITE >> 16 | NEURON and high < word_bytes or kind == WRITE >> 16 | SYNAPSE and not high >> 7
        if not fits or data >> 16:
            raise UserError(f"{_place(path, k)}: address {address:05x} with data {data:05x} is no write to a register, neuron or synapse.")
        for register, name in ((GATE, "GATE_ACTIVITY"), (OPEN_LOOP, "OPEN_LOOP")):
            if not registers.get(register, 0):
                raise UserError(
                    f"{_place(path, k)} writes memory while {name} is 0; set it to 1 first: a write to a neuron also evaluates the "
                    "word that was there, and an all-zero word would push a spurious spike for each byte."
                )
        keep, byte = data >> 8, data & 255
        if kind & 3 == NEURON:
            before[low] = neurons[low]
            memory, place = neurons, (low, high)
        else:
            memory, place = words, (address & 0x1FFF, address >> 13 & 3)
        memory[place] = memory[place] & keep | byte & ~keep & 255
    return Programmed(registers, neurons, synapses_of(words.view("<u4").ravel()), before)


def _checked(pairs: np.ndarray) -> np.ndarray:
    found = np.asarray(pairs)
    if found.ndim != 2 or found.shape[1] != 2 or found.dtype.kind not in "iu" or np.any((found < 0) | (found >= 1 << 20)):
        raise UserError("SPI transactions are rows of an address and data, whole numbers of 20 bits.")
    return found


def _place(path: object, k: int) -> str:
    return f"SPI transaction {k}" if path is None else f"{path}, line {k + 1}"
