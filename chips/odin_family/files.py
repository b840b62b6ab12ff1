"""Files for ODIN and tinyODIN: SPI program, memory images for $readmemh, the AER stimulus, and a JSON description."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.odin_family.spi_program import Programmed, program, synapse_words
from brian2chip.chips.odin_family.stimulus import stimulus
from brian2chip.errors import UserError

#: Every file beside the description, and what is in it.
TEXTS = {
    "spi.txt": "20-bit address and 20-bit data of each SPI transaction, hexadecimal, in the order in which to send them",
    "neurons.hex": "256 words of {bits} bits for $readmemh",
    "synapses.hex": "8192 words of 32 bits for $readmemh: word pre*32 + post//8, nibble post%8",
    "aer.txt": "input address, hexadecimal; 1: wait until the chip is idle, 0: send at once",
}


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
    transactions : callable
        A configuration's SPI transactions (address, data), int64 [n, 2].
    neurons : callable
        A configuration's neuron words as bytes, uint8 [256, word_bytes].
    describe : callable
        What the JSON says of a configuration.
    configuration : callable
        ``(what the transactions leave, JSON description) -> configuration``.
    """

    chip: str
    name: str
    schema: str
    word_bytes: int
    address_bits: int
    transactions: Callable[[Any], np.ndarray]
    neurons: Callable[[Any], np.ndarray]
    describe: Callable[[Any], dict[str, Any]]
    configuration: Callable[[Programmed, Mapping[str, Any]], Any]

    def program(self, pairs: np.ndarray) -> Any:
        """Return what SPI transactions leave in the chip; what only the description holds reads as zero."""
        return self.configuration(program(pairs, self.word_bytes), {})

    def write(self, folder: str | Path, configuration: Any, events: np.ndarray) -> Path:
        """Write all files into a folder (made if need be) and return the path of the JSON description.

        ``events`` are int32 [n, 2], input addresses and "wait until idle" flags.
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        pairs, words = self.transactions(configuration), synapse_words(configuration.synapses)
        lines = {
            "spi.txt": [f"{a:05x} {d:05x}" for a, d in pairs.tolist()],
            "neurons.hex": [row[::-1].tobytes().hex() for row in self.neurons(configuration)],
            "synapses.hex": [f"{w:08x}" for w in words.tolist()],
            "aer.txt": [f"{a:05x} {w}" for a, w in events.tolist()],
        }
        for name, texts in lines.items():
            (folder / name).write_text("".join(f"{text}\n" for text in texts))
        registers = {name: int(value) for name, value in configuration.registers.items()}
        head = {"schema": self.schema, "registers": registers, **self.describe(configuration)}
        counts = {"events": len(events), "spi_transactions": len(pairs)}
        said = {name: text.format(bits=8 * self.word_bytes) for name, text in TEXTS.items()}
        (folder / self.name).write_text(json.dumps({**head, **counts, "files": said}, indent=2) + "\n")
        return folder / self.name

    def read(self, folder: str | Path) -> tuple[Any, np.ndarray]:
        """Return configuration and stimulus from a folder that :meth:`write` filled.

        Raises
        ------
        UserError
            For a missing or malformed file, another schema, or memory images that differ from the SPI transactions.
        """
        folder = Path(folder)
        for file in (self.name, *TEXTS):
            if not (folder / file).is_file():
                raise UserError(f"{folder} has no {file}; a folder for {self.chip} holds {', '.join((self.name, *TEXTS))}.")
        description = self._description(folder)
        found = program(_numbers(folder / "spi.txt", (16, 16)), self.word_bytes)
        images = (folder / "neurons.hex").read_text().split()
        words = _numbers(folder / "synapses.hex", (16,)).ravel()
        if images != [row[::-1].tobytes().hex() for row in found.neurons] or not np.array_equal(words, synapse_words(found.synapses)):
            raise UserError(f"the memory images in {folder} differ from its SPI transactions; write the folder anew.")
        addresses, waits = _numbers(folder / "aer.txt", (16, 10)).T
        return self.configuration(found, description), stimulus(addresses, waits, self.chip, self.address_bits)

    def _description(self, folder: Path) -> dict[str, Any]:
        try:
            description = json.loads((folder / self.name).read_text())
        except ValueError as error:
            raise UserError(f"{folder}/{self.name} is not JSON ({error}); write the folder anew.") from None
        schema = description.get("schema") if isinstance(description, dict) else None
        if schema != self.schema:
            raise UserError(f"{folder}/{self.name} has schema {schema!r}; this version reads {self.schema!r}.")
        return description


def _numbers(path: Path, bases: tuple[int, ...]) -> np.ndarray:
    """Return a text of numbers, int64 [lines, columns]; the columns are in these bases."""
    rows = []
    for n, line in enumerate(path.read_text().splitlines(), 1):
        try:
            rows.append([int(text, base) for text, base in zip(line.split(), bases, strict=True)])
        except ValueError:
            words = " and ".join("hexadecimal" if base == 16 else "decimal" for base in bases)
            raise UserError(f"{path}, line {n}: {line[:40]!r} is not {words} numbers; write the folder anew.") from None
    return np.array(rows, np.int64).reshape(-1, len(bases))
