"""The SPI program that configures a ReckOn and fills its memories, as a text file, and reading it back."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from brian2chip.chips.codec import pack, unpack
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import N_HIDDEN, N_OUTPUT, N_PAIRS, NEURON_WORD, REGISTERS
from brian2chip.chips.reckon.memory import NEURON_STATE, Memory
from brian2chip.chips.reckon.programmed import programmed
from brian2chip.chips.reckon.testbench_files import lines_of, write_lines
from brian2chip.errors import UserError

#: Codes in bits 30..28 of a header.
CONFIG, NEURON, WINP, WREC, WOUT = 0, 1, 3, 4, 5
#: The weight memories by their code.
MEMORIES = ((WINP, "winp"), (WREC, "wrec"), (WOUT, "wout"))
LONGEST = 1024  # data words after one header; the header's count has 12 bits
EN_CONF, ALPHA_CONF = 0, 65
#: 32-bit words of each memory, bits of each register by its address, and a line of the program.
SIZES = {NEURON: 512, WINP: 16384, WREC: 16384, WOUT: 1024}
BITS = {int(f.word) + k: min(32, f.bits - 32 * k) for f in REGISTERS for k in range((f.bits + 31) // 32)}
SEED_ADDRESSES = {int(f.word) for f in REGISTERS if f.name.startswith("SEED")}
WRITE = re.compile("[0-9a-f]{8}(?: [0-9a-f]{8})+")


def header(code: int, count: int, address: int) -> int:
    """Return the 32-bit header of a write."""
    return code << 28 | count << 16 | address


#: A header and its data words.
Write = tuple[int, list[int]]
#: Access to memories and seeds on, and off, which lets the chip run.
ENABLE, DISABLE = (header(CONFIG, 1, EN_CONF), [1]), (header(CONFIG, 1, EN_CONF), [0])


def neuron_words(configuration: Configuration, memory: Memory) -> np.ndarray:
    """Return the 128 words of 128 bits of the neuron memory as Python integers."""
    values = {f"{name}{half}": getattr(memory, name)[half::2] for name in NEURON_STATE for half in (0, 1)}
    return pack(NEURON_WORD, {**values, "thr": configuration.thr, "alpha_low": configuration.alpha & 0xFFF})


def weight_words(weights: np.ndarray) -> np.ndarray:
    """Return int8 weights [pre, post] as 32-bit words in the order of their addresses, the lowest output index in the lowest byte."""
    return np.ascontiguousarray(weights, np.int8).view("<u4").ravel()


def program(configuration: Configuration, memory: Memory) -> list[Write]:
    """Return the writes (header, data words) after reset: registers and seeds, memories, and at last EN_CONF = 0.

    The chip goes on from there as the emulator does from this memory (see :mod:`programmed`).
    """
    configuration, memory = programmed(configuration, memory)
    weights = [write for code, name in MEMORIES for write in _blocks(code, weight_words(getattr(memory, name)).tolist())]
    return [*_before_weights(configuration, memory), *weights, DISABLE]


def sparse_program(configuration: Configuration, memory: Memory) -> list[Write]:
    """Return the writes that leave the same in a chip whose weight memories are 0: of a row of weights, from its first to its last word."""
    configuration, memory = programmed(configuration, memory)
    writes = _before_weights(configuration, memory)
    for code, name in MEMORIES:
        rows = weight_words(getattr(memory, name)).reshape(N_HIDDEN, -1)
        for row in np.flatnonzero(rows.any(axis=1)):
            first, last = np.flatnonzero(rows[row])[[0, -1]]
            data = rows[row, first : last + 1].tolist()
            writes.append((header(code, len(data), int(row) * rows.shape[1] + int(first)), data))
    return [*writes, DISABLE]


def clear_program() -> list[Write]:
    """Return the writes after which every weight is 0; EN_CONF stays 1."""
    return [ENABLE, *(write for code, _ in MEMORIES for write in _blocks(code, [0] * SIZES[code]))]


def _before_weights(configuration: Configuration, memory: Memory) -> list[Write]:
    """Return the writes of registers, seeds, and the neuron memory."""
    writes = []
    for f in REGISTERS:
        value = 1 if f.name == "EN_CONF" else configuration[f.name] & ((1 << f.bits) - 1)
        for k in range((f.bits + 31) // 32):
            writes.append((header(CONFIG, 1, int(f.word) + k), [value >> 32 * k & 0xFFFFFFFF]))
    return [*writes, *_blocks(NEURON, neuron_chunks(configuration, memory))]


def neuron_chunks(configuration: Configuration, memory: Memory) -> list[int]:
    """Return the neuron memory in the 512 words of 32 bits of its addresses."""
    return [int(word) >> 32 * k & 0xFFFFFFFF for word in neuron_words(configuration, memory) for k in range(4)]


def _blocks(code: int, words: list[int]) -> list[Write]:
    return [(header(code, len(part), k), part) for k in range(0, len(words), LONGEST) if (part := words[k : k + LONGEST])]


def write_program(path: str | os.PathLike, configuration: Configuration, memory: Memory) -> Path:
    """Write the program: a line a write, header and data words as eight hexadecimal digits each."""
    return write_lines(path, texts(program(configuration, memory)))


def texts(writes: Sequence[Write]) -> list[str]:
    """Return writes as lines of a text."""
    return [" ".join(f"{word:08x}" for word in (head, *data)) for head, data in writes]


def read_program(path: str | os.PathLike) -> tuple[Configuration, Memory]:
    """Return configuration and memories after the writes of a program.

    Raises
    ------
    UserError
        With the line that is no write of this chip.
    """
    registers: dict[int, int] = {}
    images = {code: np.zeros(size, np.int64) for code, size in SIZES.items()}
    for n, line in lines_of(path):
        if not WRITE.fullmatch(line):
            raise UserError(f"{path}, line {n}: a write is a header and data words of eight hexadecimal digits each, not {line[:40]!r}.")
        head, *data = (int(word, 16) for word in line.split())
        code, count, address = head >> 28, head >> 16 & 0xFFF, head & 0xFFFF
        if count != len(data):
            raise UserError(f"{path}, line {n}: the header announces {count} words of 32 bits, the line holds {len(data)}.")
        if not registers.get(EN_CONF, 1) and (code != CONFIG or address in SEED_ADDRESSES):
            raise UserError(f"{path}, line {n}: a write to memories or seeds while EN_CONF is 0 has no effect; set it to 1 first.")
        if code == CONFIG and count == 1:
            _check_width(address, data[0], f"{path}, line {n}")
            registers[address] = data[0]
        elif code in images and address + count <= images[code].size:
            images[code][address : address + count] = data
        else:
            raise UserError(f"{path}, line {n}: a write with code {code} of {count} words at {address} fits no memory of ReckOn.")
    return decoded(registers, images, str(path))


def _check_width(address: int, data: int, where: str) -> None:
    """Raise UserError for a write to no register, or of more bits than it has."""
    if address not in BITS:
        raise UserError(f"{where}: ReckOn has no register {address}.")
    if data >> BITS[address]:
        raise UserError(f"{where}: register {address} of ReckOn has {BITS[address]} bits, the write has {data:#x}.")


def decoded(registers: Mapping[int, int], images: Mapping[int, np.ndarray], where: str) -> tuple[Configuration, Memory]:
    """Return configuration and memories from what writes left.

    Parameters
    ----------
    registers : mapping of address to data
    images : mapping of code to int array
        32-bit words of each memory, in the sizes of :data:`SIZES`.
    where : str
        Begins the sentence of an error.
    """
    words = images[NEURON].astype(object).reshape(N_PAIRS, 4)
    fields = unpack(NEURON_WORD, words[:, 0] | words[:, 1] << 32 | words[:, 2] << 64 | words[:, 3] << 96)
    high = [7 + (registers.get(ALPHA_CONF + w // 32, 0) >> w % 32 & 1) for w in range(N_PAIRS)]
    values = {f"SPI_{f.name}": registers[int(f.word)] for f in REGISTERS if int(f.word) in registers and f.bits <= 32}
    try:
        configuration = Configuration.of(values, fields["thr"], fields["alpha_low"] | np.array(high) << 12)
    except UserError as error:
        raise UserError(f"{where}: {error}") from None
    neurons = {name: np.stack([fields[f"{name}0"], fields[f"{name}1"]], axis=1).ravel() for name in NEURON_STATE}
    winp, wrec = (images[code].astype("<u4").view(np.int8).reshape(N_HIDDEN, N_HIDDEN) for code in (WINP, WREC))
    wout = images[WOUT].astype("<u4").view(np.int8).reshape(N_HIDDEN, N_OUTPUT)
    return configuration, Memory.of(configuration, winp, wrec, wout, neurons=neurons)
