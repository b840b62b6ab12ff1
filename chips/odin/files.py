"""Files for ODIN: SPI transactions in a safe order, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from brian2chip.chips.odin import fields
from brian2chip.chips.odin.configuration import Configuration, bytes_of, words_of
from brian2chip.chips.odin_family import files

NAME, SCHEMA = "odin.json", "brian2chip/odin/1"
SYN_SIGN_WORDS = 16
WORD_BYTES = 16


def spi_transactions(configuration: Configuration) -> np.ndarray:
    """Return the transactions (address, data), int64 [n, 2], 20 bits each, that program the chip in a safe order."""
    registers = dict(configuration.registers)
    sign = np.asarray(configuration.syn_sign).astype(np.int64).reshape(SYN_SIGN_WORDS, 16)
    out = [(fields.SYN_SIGN.lsb + k, int((bits << np.arange(16)).sum())) for k, bits in enumerate(sign)]
    out += [(f.lsb, registers[f.name]) for f in fields.REGISTERS if f.name != "open_loop"]
    return files.transactions(out, registers["open_loop"], bytes_of(configuration.words), configuration.synapses)


def program(pairs: np.ndarray) -> Configuration:
    """Return what SPI transactions leave in the chip: the inverse of :func:`spi_transactions`; flags are unknown and read as zero."""
    return _configuration(files.program(pairs, WORD_BYTES))


def _configuration(found: files.Programmed) -> Configuration:
    blank = Configuration.blank()
    registers = {f.name: found.registers.get(f.lsb, f.default) for f in fields.REGISTERS}
    sign = [found.registers.get(fields.SYN_SIGN.lsb + k, 0) >> np.arange(16) & 1 for k in range(SYN_SIGN_WORDS)]
    memories = dict(syn_sign=np.concatenate(sign).astype(np.uint8), words=words_of(found.neurons), synapses=found.synapses)
    return replace(blank.with_registers(**registers), **memories)


def write(folder: str | Path, configuration: Configuration, stimulus: np.ndarray) -> Path:
    """Write all files into a folder (made if need be) and return the path of the JSON description.

    ``stimulus`` is int32 [n, 2] of :func:`events.checked`.
    """
    description = {
        "schema": SCHEMA,
        "registers": {name: int(value) for name, value in configuration.registers.items()},
        **{name: np.flatnonzero(getattr(configuration, name)).tolist() for name in ("syn_sign", "up", "down")},
    }
    pairs, neurons = spi_transactions(configuration), bytes_of(configuration.words)
    return files.write(Path(folder), NAME, description, pairs, neurons, configuration.synapses, stimulus)


def read(folder: str | Path) -> tuple[Configuration, np.ndarray]:
    """Return configuration and stimulus from a folder that :func:`write` filled.

    Raises
    ------
    UserError
        For a missing file, another schema, or memory images that differ from the SPI transactions.
    """
    description, found, stimulus = files.read(Path(folder), NAME, SCHEMA, WORD_BYTES, "ODIN", 17)
    flags = {name: np.isin(np.arange(256), description[name]).astype(np.uint8) for name in ("up", "down")}
    return replace(_configuration(found), **flags), stimulus
