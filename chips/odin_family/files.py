"""What the files of ODIN and tinyODIN share: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.odin_family.stimulus import stimulus
from brian2chip.errors import UserError

NEURON, SYNAPSE = 0b01, 0b10  # SPI operation codes, a[17:16]
WRITE = 1 << 18
GATE, OPEN_LOOP = 0, 1
TEXTS = ("spi.txt", "neurons.hex", "synapses.hex", "aer.txt")


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


def write(
    folder: Path, name: str, description: Mapping[str, Any], pairs: np.ndarray, neurons: np.ndarray, synapses: np.ndarray, events
) -> Path:
    """Write all files into a folder (made if need be) and return the path of the JSON description, ``name``.

    ``neurons`` are bytes [256, bytes of a word]; ``events`` are int32 [n, 2], addresses and "wait until idle" flags.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "spi.txt").write_text("".join(f"{a:05x} {d:05x}\n" for a, d in pairs.tolist()))
    (folder / "neurons.hex").write_text("".join(f"{row[::-1].tobytes().hex()}\n" for row in neurons))
    (folder / "synapses.hex").write_text("".join(f"{w:08x}\n" for w in synapse_words(synapses).tolist()))
    (folder / "aer.txt").write_text("".join(f"{a:05x} {w}\n" for a, w in events.tolist()))
    texts = (
        "20-bit address and 20-bit data of each SPI transaction, hexadecimal, in the order in which to send them",
        f"256 words of {8 * neurons.shape[1]} bits for $readmemh",
        "8192 words of 32 bits for $readmemh: word pre*32 + post//8, nibble post%8",
        "input address, hexadecimal; 1: wait until the chip is idle, 0: send at once",
    )
    counts = {"events": len(events), "spi_transactions": len(pairs)}
    (folder / name).write_text(json.dumps({**description, **counts, "files": dict(zip(TEXTS, texts))}, indent=2) + "\n")
    return folder / name


def read(folder: Path, name: str, schema: str, word_bytes: int, chip: str, address_bits: int) -> tuple[dict, Programmed, np.ndarray]:
    """Return description, what the SPI transactions leave, and stimulus, from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing file, another schema, or memory images that differ from the SPI transactions.
    """
    for file in (name, *TEXTS):
        if not (folder / file).exists():
            raise UserError(f"{folder} has no {file}; a folder for {chip} holds {', '.join((name, *TEXTS))}.")
    description = json.loads((folder / name).read_text())
    if description.get("schema") != schema:
        raise UserError(f"{folder}/{name} has schema {description.get('schema')!r}; this version reads {schema!r}.")
    pairs = [[int(x, 16) for x in line.split()] for line in (folder / "spi.txt").read_text().splitlines()]
    found = program(np.array(pairs, np.int64).reshape(-1, 2), word_bytes)
    images = [bytes.fromhex(line)[::-1] for line in (folder / "neurons.hex").read_text().split()]
    words = [int(line, 16) for line in (folder / "synapses.hex").read_text().split()]
    if images != [row.tobytes() for row in found.neurons] or words != synapse_words(found.synapses).tolist():
        raise UserError(f"the memory images in {folder} differ from its SPI transactions; write the folder anew.")
    lines = [line.split() for line in (folder / "aer.txt").read_text().splitlines()]
    addresses, waits = (np.array([int(line[k], base) for line in lines], int) for k, base in ((0, 16), (1, 10)))
    return description, found, stimulus(addresses, waits, chip, address_bits)
