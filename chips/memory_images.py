"""A chip's memories and SPI words in the formats that simulators, FPGA tools, microcontrollers and scripts load."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brian2chip.core.npz import write_npz
from brian2chip.errors import unknown


@dataclass(frozen=True)
class Images:
    """What a chip's memories hold, whole, and the programs that leave it.

    Attributes
    ----------
    memories : mapping of name to uint8 array [words, bytes]
        Byte k of a word holds its bits 8k to 8k + 7.
    programs : mapping of name to list of transactions
        The SPI words of each in the order in which they are sent.
    """

    memories: Mapping[str, np.ndarray]
    programs: Mapping[str, Sequence[Sequence[int]]]


def _hexadecimal(memory: np.ndarray) -> list[str]:
    return [row[::-1].tobytes().hex() for row in np.ascontiguousarray(memory, np.uint8)]


def _lines(path: Path, lines: Sequence[str]) -> None:
    path.write_text("\n".join(lines) + "\n", encoding="ascii")


def mem(folder: Path, images: Images) -> None:
    """Write ``NAME.mem`` for ``$readmemh`` and Xilinx tools: the first address, then a word a line."""
    for name, memory in images.memories.items():
        _lines(folder / f"{name}.mem", ["@0", *_hexadecimal(memory)])


def coe(folder: Path, images: Images) -> None:
    """Write ``NAME.coe``, the initial content of a Xilinx block memory."""
    for name, memory in images.memories.items():
        *words, last = _hexadecimal(memory)
        head = ["memory_initialization_radix=16;", "memory_initialization_vector="]
        _lines(folder / f"{name}.coe", [*head, *(f"{word}," for word in words), f"{last};"])


def c_header(folder: Path, images: Images) -> None:
    """Write ``spi_words.h``: the words of each program one after the other, and how many words and transactions there are."""
    lines = ["#ifndef SPI_WORDS_H", "#define SPI_WORDS_H", "#include <stdint.h>"]
    for name, transactions in images.programs.items():
        words = [word for words in transactions for word in words]
        upper = f"SPI_{name.upper()}"
        lines += ["", f"#define {upper}_TRANSACTIONS {len(transactions)}u", f"#define {upper}_WORDS {len(words)}u"]
        lines.append(f"static const uint32_t spi_{name}[{upper}_WORDS] = {{")
        lines += ["    " + " ".join(f"0x{word:08x}u," for word in words[k : k + 8]) for k in range(0, len(words), 8)]
        lines.append("};")
    _lines(folder / "spi_words.h", [*lines, "", "#endif"])


def csv(folder: Path, images: Images) -> None:
    """Write ``NAME.csv``: a word a line, its number and its bytes, decimal, the lowest first."""
    for name, memory in images.memories.items():
        columns = ",".join(["word", *(f"byte{k}" for k in range(memory.shape[1]))])
        _lines(folder / f"{name}.csv", [columns, *(",".join(map(str, [n, *row])) for n, row in enumerate(memory.tolist()))])


def json_file(folder: Path, images: Images) -> None:
    """Write ``memories.json``: hexadecimal words of each memory with their bits, and the transactions of each program."""
    memories = {name: {"bits": 8 * memory.shape[1], "words": _hexadecimal(memory)} for name, memory in images.memories.items()}
    programs = {name: [[f"{word:x}" for word in words] for words in transactions] for name, transactions in images.programs.items()}
    (folder / "memories.json").write_text(json.dumps({"memories": memories, "programs": programs}) + "\n", encoding="ascii")


def npz(folder: Path, images: Images) -> None:
    """Write ``memories.npz``: bytes of each memory [words, bytes], and of each program its words and the words of each transaction."""
    arrays = {name: np.asarray(memory, np.uint8) for name, memory in images.memories.items()}
    for name, transactions in images.programs.items():
        arrays[f"spi_{name}"] = np.array([word for words in transactions for word in words], np.uint32)
        arrays[f"spi_{name}_lengths"] = np.array([len(words) for words in transactions], np.uint32)
    write_npz(folder / "memories.npz", arrays)


#: What can be asked for beside the ``.hex`` images, which are always there.
FORMATS: Mapping[str, Callable[[Path, Images], None]] = {
    "mem": mem,
    "coe": coe,
    "c": c_header,
    "csv": csv,
    "json": json_file,
    "npz": npz,
}


def check_formats(formats: Collection[str]) -> None:
    """Raise UserError for a format that is none of these."""
    for name in formats:
        if name not in FORMATS:
            raise unknown("format of memory images", name, FORMATS)


def write(folder: Path, images: Images, formats: Collection[str]) -> None:
    """Write memories and programs in each of the formats; UserError for one that is none."""
    check_formats(formats)
    for name in dict.fromkeys(formats):
        FORMATS[name](folder, images)
