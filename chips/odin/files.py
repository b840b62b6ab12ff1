"""Files for the chip: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from brian2chip.chips.odin import events, fields
from brian2chip.chips.odin.configuration import Configuration, bytes_of, words_of
from brian2chip.errors import UserError

SCHEMA = "brian2chip/odin/1"
NEURON, SYNAPSE = 0b01, 0b10  # SPI operation codes, a[17:16]
WRITE = 1 << 18
SYN_SIGN_WORDS = 16
GATE, OPEN_LOOP = fields.GATE_ACTIVITY.lsb, 1
NAMES = ("odin.json", "spi.txt", "neurons.hex", "synapses.hex", "aer.txt")


def synapse_words(synapses: np.ndarray) -> np.ndarray:
    """Return the 8,192 words of 32 bits of the synaptic memory: word pre*32 + post//8, nibble post%8."""
    nibbles = np.asarray(synapses, np.uint64).reshape(8192, 8)
    return (nibbles << np.arange(0, 32, 4, dtype=np.uint64)).sum(axis=1).astype(np.uint32)


def synapses_of(words: np.ndarray) -> np.ndarray:
    """Return uint8 [pre, post]; the inverse of :func:`synapse_words`."""
    return (np.asarray(words, np.uint32)[:, None] >> np.arange(0, 32, 4, dtype=np.uint32) & 15).astype(np.uint8).reshape(256, 256)


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip.

    The chip is gated and in open loop before a memory is touched: a write to a neuron also evaluates the word that was there before,
    and in closed loop an all-zero word would push a spurious spike. The loop is closed and the gate opened last; the transaction that
    opens it also ends the write strobe of the last memory write.
    """
    registers = dict(configuration.registers)
    out = [(GATE, 1), (OPEN_LOOP, 1)]
    sign = np.asarray(configuration.syn_sign).astype(np.int64).reshape(SYN_SIGN_WORDS, 16)
    out += [(fields.SYN_SIGN.lsb + k, int((bits << np.arange(16)).sum())) for k, bits in enumerate(sign)]
    out += [(f.lsb, registers[f.name]) for f in fields.REGISTERS if f.name != "open_loop"]
    for neuron, row in enumerate(bytes_of(configuration.words)):
        out += [(WRITE | NEURON << 16 | k << 8 | neuron, int(byte)) for k, byte in enumerate(row)]
    for address, word in enumerate(synapse_words(configuration.synapses)):
        out += [(WRITE | SYNAPSE << 16 | k << 13 | address, int(word) >> 8 * k & 255) for k in range(4)]
    return np.array([*out, (OPEN_LOOP, registers["open_loop"]), (GATE, 0)], np.int64)


def program(transactions: np.ndarray) -> Configuration:
    """Return what SPI transactions leave in the chip: the inverse of :func:`spi_transactions`; flags are unknown and read as zero.

    Raises
    ------
    UserError
        For a memory write while the chip is not gated, or in closed loop, which pushes spurious spikes.
    """
    chip = Configuration.blank()
    names = {f.lsb: f.name for f in fields.REGISTERS}
    registers, sign = dict(chip.registers), np.zeros(256, np.uint8)
    neurons, synapses = np.zeros((256, 16), np.uint8), np.zeros((8192, 4), np.uint8)
    gated = opened = False
    for k, (address, data) in enumerate(np.asarray(transactions, np.int64).tolist()):
        kind = address >> 16 & 3
        if kind and not (gated and opened):
            raise UserError(
                f"SPI transaction {k} writes memory while {'OPEN_LOOP' if gated else 'GATE_ACTIVITY'} is 0; set it to 1 first: a write to "
                "a neuron also evaluates the word that was there, and an all-zero word would push a spurious spike for each byte."
            )
        keep, byte = data >> 8 & 255, data & 255
        if kind == NEURON:
            place = address & 255, address >> 8 & 15
            neurons[place] = neurons[place] & keep | byte & ~keep & 255
        elif kind == SYNAPSE:
            place = address & 0x1FFF, address >> 13 & 3
            synapses[place] = synapses[place] & keep | byte & ~keep & 255
        elif address & 0xFFFF == GATE:
            gated = bool(data & 1)
        elif 0 <= (word := (address & 0xFFFF) - fields.SYN_SIGN.lsb) < SYN_SIGN_WORDS:
            sign[16 * word : 16 * word + 16] = data >> np.arange(16) & 1
        elif address & 0xFFFF in names:
            registers[names[address & 0xFFFF]] = data
            opened = bool(registers["open_loop"])
    matrix = synapses_of(synapses.view("<u4").ravel())
    return replace(chip.with_registers(**registers), syn_sign=sign, words=words_of(neurons), synapses=matrix)


def write(folder: str | Path, configuration: Configuration, stimulus: np.ndarray) -> Path:
    """Write all files into a folder (made if need be) and return the path of the JSON description.

    ``stimulus`` is int32 [n, 2] of :func:`events.checked`.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    transactions = spi_transactions(configuration)
    (folder / "spi.txt").write_text("".join(f"{a:05x} {d:05x}\n" for a, d in transactions.tolist()))
    (folder / "neurons.hex").write_text("".join(f"{int(w):032x}\n" for w in configuration.words))
    (folder / "synapses.hex").write_text("".join(f"{w:08x}\n" for w in synapse_words(configuration.synapses).tolist()))
    (folder / "aer.txt").write_text("".join(f"{a:05x} {w}\n" for a, w in stimulus.tolist()))
    description = {
        "schema": SCHEMA,
        "registers": {name: int(value) for name, value in configuration.registers.items()},
        "syn_sign": np.flatnonzero(configuration.syn_sign).tolist(),
        "up": np.flatnonzero(configuration.up).tolist(),
        "down": np.flatnonzero(configuration.down).tolist(),
        "events": len(stimulus),
        "spi_transactions": len(transactions),
        "files": {
            "spi.txt": "20-bit address and 20-bit data of each SPI transaction, hexadecimal, in the order in which to send them",
            "neurons.hex": "256 words of 128 bits for $readmemh",
            "synapses.hex": "8192 words of 32 bits for $readmemh: word pre*32 + post//8, nibble post%8",
            "aer.txt": "17-bit input address, hexadecimal; 1: wait until the chip is idle, 0: send at once",
        },
    }
    path = folder / "odin.json"
    path.write_text(json.dumps(description, indent=2) + "\n")
    return path


def read(folder: str | Path) -> tuple[Configuration, np.ndarray]:
    """Return configuration and stimulus from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing file, another schema, or memory images that differ from the SPI transactions.
    """
    folder = Path(folder)
    for name in NAMES:
        if not (folder / name).exists():
            raise UserError(f"{folder} has no {name}; a folder for ODIN holds {', '.join(NAMES)}.")
    description = json.loads((folder / "odin.json").read_text())
    if description.get("schema") != SCHEMA:
        raise UserError(f"{folder}/odin.json has schema {description.get('schema')!r}; this version reads {SCHEMA!r}.")
    pairs = [[int(x, 16) for x in line.split()] for line in (folder / "spi.txt").read_text().splitlines()]
    configuration = program(np.array(pairs, np.int64).reshape(-1, 2))
    flags = {name: np.isin(np.arange(256), description[name]).astype(np.uint8) for name in ("up", "down")}
    configuration = replace(configuration, **flags)
    images = [int(line, 16) for line in (folder / "neurons.hex").read_text().split()]
    matrix = synapses_of(np.array([int(line, 16) for line in (folder / "synapses.hex").read_text().split()], np.uint32))
    if images != list(configuration.words) or not np.array_equal(matrix, configuration.synapses):
        raise UserError(f"the memory images in {folder} differ from its SPI transactions; write the folder anew.")
    lines = [line.split() for line in (folder / "aer.txt").read_text().splitlines()]
    return configuration, events.checked(np.array([int(a, 16) for a, _ in lines], int), np.array([int(w) for _, w in lines], int))
