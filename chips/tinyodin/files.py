"""Files for tinyODIN: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description.

The SPI addresses are those of the chip's documentation (section 2.1): as on ODIN, with neuron words of four bytes.
"""

from __future__ import annotations

import numpy as np

from brian2chip.chips.odin_family.files import FileFormat
from brian2chip.chips.odin_family.spi_program import Programmed, transactions, word_writes
from brian2chip.chips.tinyodin.configuration import Configuration
from brian2chip.chips.tinyodin.fields import GATE_ACTIVITY, REGISTERS


def _bytes(configuration: Configuration) -> np.ndarray:
    return np.ascontiguousarray(np.asarray(configuration.words), "<u4").view(np.uint8).reshape(256, 4)


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip in a safe order."""
    writes = word_writes(_bytes(configuration))
    return transactions(_registers(configuration), configuration.registers["open_loop"], writes, configuration.synapses)


def sparse_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions that leave the same in a chip whose memories are 0."""
    writes = [write for write in word_writes(_bytes(configuration)) if write[2]]
    return transactions(_registers(configuration), configuration.registers["open_loop"], writes, configuration.synapses, sparse=True)


def _registers(configuration: Configuration) -> list[tuple[int, int]]:
    return [(f.lsb, configuration.registers[f.name]) for f in REGISTERS if f.name != "open_loop"]


def _configuration(found: Programmed) -> Configuration:
    registers = {f.name: found.registers.get(f.lsb, f.default) for f in REGISTERS}
    return Configuration(registers, found.neurons.view("<u4").ravel().astype(np.int64), found.synapses)


FORMAT = FileFormat(
    chip="tinyODIN",
    name="tinyodin.json",
    schema="brian2chip/tinyodin/1",
    word_bytes=4,
    address_bits=10,
    registers=(*REGISTERS, GATE_ACTIVITY),
    transactions=spi_transactions,
    sparse=sparse_transactions,
    neurons=_bytes,
    describe=lambda _: {},
    described={},
    configuration=_configuration,
)
program, write, read = FORMAT.program, FORMAT.write, FORMAT.read
