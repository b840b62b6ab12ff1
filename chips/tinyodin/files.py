"""Files for tinyODIN: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description.

The SPI addresses are those of the chip's documentation (section 2.1): as on ODIN, with neuron words of four bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brian2chip.chips.odin_family import files
from brian2chip.chips.tinyodin import fields
from brian2chip.chips.tinyodin.configuration import Configuration

NAME, SCHEMA = "tinyodin.json", "brian2chip/tinyodin/1"
WORD_BYTES = 4


def _bytes(words: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(words), "<u4").view(np.uint8).reshape(256, WORD_BYTES)


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip in a safe order."""
    registers = configuration.registers
    out = [(f.lsb, registers[f.name]) for f in fields.REGISTERS if f.name != "open_loop"]
    return files.transactions(out, registers["open_loop"], _bytes(configuration.words), configuration.synapses)


def program(pairs: np.ndarray) -> Configuration:
    """Return what SPI transactions leave in the chip: the inverse of :func:`spi_transactions`."""
    return _configuration(files.program(pairs, WORD_BYTES))


def _configuration(found: files.Programmed) -> Configuration:
    registers = {f.name: found.registers.get(f.lsb, f.default) for f in fields.REGISTERS}
    return Configuration(registers, found.neurons.view("<u4").ravel().astype(np.int64), found.synapses)


def write(folder: str | Path, configuration: Configuration, stimulus: np.ndarray) -> Path:
    """Write all files into a folder (made if need be) and return the path of the JSON description.

    ``stimulus`` is int32 [n, 2]: 10-bit input addresses and "wait until idle" flags.
    """
    description = {"schema": SCHEMA, "registers": {name: int(value) for name, value in configuration.registers.items()}}
    pairs, neurons = spi_transactions(configuration), _bytes(configuration.words)
    return files.write(Path(folder), NAME, description, pairs, neurons, configuration.synapses, stimulus)


def read(folder: str | Path) -> tuple[Configuration, np.ndarray]:
    """Return configuration and stimulus from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing file, another schema, or memory images that differ from the SPI transactions.
    """
    _, found, stimulus = files.read(Path(folder), NAME, SCHEMA, WORD_BYTES, "tinyODIN", 10)
    return _configuration(found), stimulus
