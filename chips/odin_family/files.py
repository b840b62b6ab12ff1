"""Files for ODIN and tinyODIN: SPI program, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.field import Field
from brian2chip.chips.odin_family.spi_program import Programmed, clear, program, synapse_words
from brian2chip.chips.odin_family.stimulus import stimulus
from brian2chip.core.files import read_text
from brian2chip.core.json_files import object_of, read_json
from brian2chip.errors import UserError

#: Every file beside the description, and what is in it.
TEXTS = {
    "spi.txt": "20-bit address and 20-bit data of each SPI transaction, hexadecimal, in the order in which to send them",
    "neurons.hex": "256 words of {bits} bits for $readmemh",
    "synapses.hex": "8192 words of 32 bits for $readmemh: word pre*32 + post//8, nibble post%8",
    "aer.txt": "input address, hexadecimal; 1: wait until the chip is idle, 0: send at once",
}


#: Another way to program the chip; a folder of an earlier version has none.
SPARSE = {
    "spi_clear.txt": "SPI transactions after which every byte of both memories is 0",
    "spi_sparse.txt": "SPI transactions that then leave the same as those of spi.txt: registers, and bytes that are not 0",
}
#: Bytes that each may have, and what a line of numbers must be.
LARGEST = 256 << 20
FORMS = {"[0-9a-f]{5} [0-9a-f]{5}": "two hexadecimal numbers of five digits", "[0-9a-f]{5} [01]": "five hexadecimal digits and 0 or 1"}


@dataclass(frozen=True)
class FileFormat:
    """What sets the files of one chip of the family apart.

    Attributes
    ----------
    chip : str
        In the words of messages.
    name, schema : str
        Of the JSON description.
    word_bytes, address_bits : int
        Of a neuron word, and of the input link.
    registers : tuple of Field
        All that SPI can write, ``lsb`` being the address.
    transactions : callable
        A configuration's SPI transactions (address, data), int64 [n, 2].
    sparse : callable
        Those that leave the same in a chip whose memories are 0.
    neurons : callable
        A configuration's neuron words as bytes, uint8 [256, word_bytes].
    describe : callable
        What the JSON says of a configuration beside its registers.
    described : mapping
        The JSON Schema of each of these.
    configuration : callable
        What the transactions leave to the configuration.
    """

    chip: str
    name: str
    schema: str
    word_bytes: int
    address_bits: int
    registers: tuple[Field, ...]
    transactions: Callable[[Any], np.ndarray]
    sparse: Callable[[Any], np.ndarray]
    neurons: Callable[[Any], np.ndarray]
    describe: Callable[[Any], dict[str, Any]]
    described: Mapping[str, Any]
    configuration: Callable[[Programmed], Any]

    def program(self, pairs: np.ndarray) -> Any:
        """Return what SPI transactions leave in the chip."""
        return self.configuration(program(pairs, self.word_bytes, self._bits))

    @property
    def _bits(self) -> dict[int, int]:
        return {f.lsb: f.bits for f in self.registers}

    def write(self, folder: str | Path, configuration: Any, events: np.ndarray) -> Path:
        """Write all files into a folder (made if need be) and return the path of the JSON description.

        A chip so programmed, and what :meth:`read` returns, go on as the emulator does from this configuration.

        Parameters
        ----------
        folder : path
        configuration : Configuration
            As given or, after a run, as the emulator's ``contents`` returns it.
        events : int32 [n, 2]
            Input addresses and "wait until idle" flags.
        """
        folder = Path(folder)
        pairs, words = self.transactions(configuration), synapse_words(configuration.synapses)
        lines = {
            "spi.txt": lines_of(pairs),
            "spi_clear.txt": lines_of(clear(self.word_bytes)),
            "spi_sparse.txt": lines_of(self.sparse(configuration)),
            "neurons.hex": [row[::-1].tobytes().hex() for row in self.neurons(configuration)],
            "synapses.hex": [f"{w:08x}" for w in words.tolist()],
            "aer.txt": [f"{a:05x} {w}" for a, w in events.tolist()],
        }
        folder.mkdir(parents=True, exist_ok=True)
        for name, texts in lines.items():
            (folder / name).write_text("".join(f"{text}\n" for text in texts))
        head = {"schema": self.schema, **self._description(configuration)}
        counts = {"events": len(events), "spi_transactions": len(pairs)}
        said = {name: text.format(bits=8 * self.word_bytes) for name, text in {**TEXTS, **SPARSE}.items()}
        (folder / self.name).write_text(json.dumps({**head, **counts, "files": said}, indent=2) + "\n")
        return folder / self.name

    def read(self, folder: str | Path) -> tuple[Any, np.ndarray]:
        """Return configuration and stimulus from a folder that :meth:`write` filled.

        Raises
        ------
        UserError
            For a missing or malformed file, another schema, or files that contradict one another.
        """
        folder = Path(folder)
        for file in (self.name, *TEXTS):
            if not os.path.isfile(folder / file):
                raise UserError(f"{folder} has no {file}; a folder for {self.chip} holds {', '.join((self.name, *TEXTS))}.")
        count = {"type": "integer", "minimum": 0}
        registers = object_of(**{name: {"type": "integer"} for name in self._registers})
        members = {"registers": registers, **self.described, "events": count, "spi_transactions": count, "files": {"type": "object"}}
        description = read_json(folder / self.name, self.chip, object_of(schema={"const": self.schema}, **members), inside=folder)
        pairs = _numbers(folder, "spi.txt", "[0-9a-f]{5} [0-9a-f]{5}", (16, 16))
        found = program(pairs, self.word_bytes, self._bits, folder / "spi.txt")
        configuration = self.configuration(found)
        events = _numbers(folder, "aer.txt", "[0-9a-f]{5} [01]", (16, 10))
        for name, value in {**self._description(configuration), "events": len(events), "spi_transactions": len(pairs)}.items():
            if description[name] != value:
                raise UserError(f"{folder / self.name} says of {name} what the other files do not; write the folder anew.")
        _check_image(folder, "neurons.hex", [row[::-1].tobytes().hex() for row in found.neurons])
        _check_image(folder, "synapses.hex", [f"{word:08x}" for word in synapse_words(found.synapses).tolist()])
        if os.path.isfile(folder / "spi_sparse.txt"):
            _check_image(folder, "spi_sparse.txt", lines_of(self.sparse(configuration)), "the sparse program")
        return configuration, stimulus(events[:, 0], events[:, 1], self.chip, self.address_bits)

    @property
    def _registers(self) -> list[str]:
        return list(dict.fromkeys(f.name for f in self.registers if f.name not in ("gate_activity", "syn_sign")))

    def _description(self, configuration: Any) -> dict[str, Any]:
        return {"registers": {name: int(value) for name, value in configuration.registers.items()}, **self.describe(configuration)}


def lines_of(pairs: np.ndarray) -> list[str]:
    """Return SPI transactions as lines of a text."""
    return [f"{address:05x} {data:05x}" for address, data in pairs.tolist()]


def _lines(folder: Path, name: str) -> list[str]:
    lines = read_text(folder / name, "chip", largest=LARGEST, inside=folder, encoding="ascii").split("\n")
    return lines[:-1] if lines[-1] == "" else lines


def _numbers(folder: Path, name: str, form: str, bases: tuple[int, ...]) -> np.ndarray:
    """Return a text of numbers, int64 [lines, columns]; the columns are in these bases."""
    rows, line_of = [], re.compile(form)
    for n, line in enumerate(_lines(folder, name), 1):
        if not line_of.fullmatch(line):
            raise UserError(f"{folder / name}, line {n}: {line[:40]!r} is not {FORMS[form]}; write the folder anew.")
        rows.append([int(text, base) for text, base in zip(line.split(), bases)])
    return np.array(rows, np.int64).reshape(-1, len(bases))


def _check_image(folder: Path, name: str, expected: list[str], what: str = "the image") -> None:
    """Raise UserError with the first line of a text that differs from what the SPI transactions leave."""
    lines = _lines(folder, name)
    if lines != expected:
        n = next((k for k, (a, b) in enumerate(zip(lines, expected), 1) if a != b), min(len(lines), len(expected)) + 1)
        raise UserError(f"{folder / name}, line {n}: {what} differs from the SPI transactions; write the folder anew.")
