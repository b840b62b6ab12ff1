"""Files for ODIN: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from brian2chip.chips.odin.configuration import Configuration, bytes_of, words_of
from brian2chip.chips.odin.fields import REGISTERS, SYN_SIGN
from brian2chip.chips.odin_family.files import FileFormat
from brian2chip.chips.odin_family.spi_program import Programmed, transactions
from brian2chip.errors import UserError

SYN_SIGN_WORDS = 16
FLAGS = ("up", "down")


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip in a safe order."""
    registers = dict(configuration.registers)
    sign = np.asarray(configuration.syn_sign).astype(np.int64).reshape(SYN_SIGN_WORDS, 16)
    out = [(SYN_SIGN.lsb + k, int((bits << np.arange(16)).sum())) for k, bits in enumerate(sign)]
    out += [(f.lsb, registers[f.name]) for f in REGISTERS if f.name != "open_loop"]
    return transactions(out, registers["open_loop"], bytes_of(configuration.words), configuration.synapses)


def _describe(configuration: Configuration) -> dict[str, Any]:
    """Return where the signs and flags are set; the flags are part of no SPI transaction."""
    return {name: np.flatnonzero(getattr(configuration, name)).tolist() for name in ("syn_sign", *FLAGS)}


def _configuration(found: Programmed, description: Mapping[str, Any]) -> Configuration:
    registers = {f.name: found.registers.get(f.lsb, f.default) for f in REGISTERS}
    sign = [found.registers.get(SYN_SIGN.lsb + k, 0) >> np.arange(16) & 1 for k in range(SYN_SIGN_WORDS)]
    flags = {name: _flag(name, description.get(name, [])) for name in FLAGS}
    return Configuration(registers, np.concatenate(sign).astype(np.uint8), words_of(found.neurons), found.synapses, **flags)


def _flag(name: str, neurons: Any) -> np.ndarray:
    if not isinstance(neurons, list) or not all(type(n) is int and 0 <= n < 256 for n in neurons):
        raise UserError(f"{name} in ODIN's description must be a list of neurons from 0 to 255, not {neurons!r:.60}.")
    return np.isin(np.arange(256), neurons).astype(np.uint8)


FORMAT = FileFormat(
    "ODIN", "odin.json", "brian2chip/odin/1", 16, 17, spi_transactions, lambda c: bytes_of(c.words), _describe, _configuration
)
program, write, read = FORMAT.program, FORMAT.write, FORMAT.read
