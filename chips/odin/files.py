"""Files for ODIN: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.chips.odin.configuration import Configuration, bytes_of, words_of
from brian2chip.chips.odin.fields import GATE_ACTIVITY, REGISTERS, SYN_SIGN
from brian2chip.chips.odin.flags import all_writes, few_writes, flags_after_write
from brian2chip.chips.odin_family.files import FileFormat
from brian2chip.chips.odin_family.spi_program import Programmed, transactions
from brian2chip.core.json_files import list_of

SYN_SIGN_WORDS = 16
#: What the description says of each neuron.
BITS = ("syn_sign", "up", "down")


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip in a safe order.

    The last byte of each neuron's word sets its flags; where they must be others, one of its bytes is written once more (see :mod:`flags`).

    Raises
    ------
    UserError
        For flags that no transaction leaves.
    """
    return transactions(_registers(configuration), configuration.registers["open_loop"], all_writes(configuration), configuration.synapses)


def sparse_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions that leave the same in a chip whose memories are 0; raises like :func:`spi_transactions`."""
    few, loop = few_writes(configuration), configuration.registers["open_loop"]
    return transactions(_registers(configuration), loop, few, configuration.synapses, sparse=True)


def _registers(configuration: Configuration) -> list[tuple[int, int]]:
    sign = np.asarray(configuration.syn_sign).astype(np.int64).reshape(SYN_SIGN_WORDS, 16)
    out = [(SYN_SIGN.lsb + k, int((bits << np.arange(16)).sum())) for k, bits in enumerate(sign)]
    return out + [(f.lsb, configuration.registers[f.name]) for f in REGISTERS if f.name != "open_loop"]


def _describe(configuration: Configuration) -> dict[str, Any]:
    """Return where the signs and flags are set."""
    return {name: np.flatnonzero(getattr(configuration, name)).tolist() for name in BITS}


def _configuration(found: Programmed) -> Configuration:
    registers = {f.name: found.registers.get(f.lsb, f.default) for f in REGISTERS}
    sign = [found.registers.get(SYN_SIGN.lsb + k, 0) >> np.arange(16) & 1 for k in range(SYN_SIGN_WORDS)]
    up, down = flags_after_write(words_of(found.before))
    return Configuration(registers, np.concatenate(sign).astype(np.uint8), words_of(found.neurons), found.synapses, up, down)


FORMAT = FileFormat(
    chip="ODIN",
    name="odin.json",
    schema="brian2chip/odin/1",
    word_bytes=16,
    address_bits=17,
    registers=(*REGISTERS, *(replace(SYN_SIGN, bits=16, lsb=SYN_SIGN.lsb + k) for k in range(SYN_SIGN_WORDS)), GATE_ACTIVITY),
    transactions=spi_transactions,
    sparse=sparse_transactions,
    neurons=lambda configuration: bytes_of(configuration.words),
    describe=_describe,
    described={name: list_of({"type": "integer", "minimum": 0, "maximum": 255}, 256) for name in BITS},
    configuration=_configuration,
)
program, write, read = FORMAT.program, FORMAT.write, FORMAT.read
