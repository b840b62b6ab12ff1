"""What a folder holds for the bench, read and checked: programs, read-back lists, stimulus, expected output."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from brian2chip.chips.bench_files import NAME, read_bench
from brian2chip.core.csv_files import TEXT, WHOLE, read_csv
from brian2chip.core.files import read_text
from brian2chip.errors import UserError

#: Bytes of a program and of a table, and rows of a table.
LARGEST, MOST_ROWS = 256 << 20, 8_000_000
#: One SPI transaction: its words.
Transaction = tuple[int, ...]


def _whole(*names: str) -> dict[str, str]:
    return {name: WHOLE for name in names}


#: Columns of the tables.
READBACK = {**_whole("address", "expected", "word", "part"), "memory": TEXT}
EVENTS = {**_whole("event", "sample", "step", "address", "wait"), "kind": TEXT}
INPUTS = _whole("sample", "tick", "input")
TICKS = _whole("sample", "first", "end", "target_valid", "infer_acc", "eprop", "label")
TARGETS = _whole("sample", "tick", "byte", "value")
EVENT_OUTPUT, TICK_OUTPUT = _whole("sample", "event", "byte", "cycle"), _whole("sample", "tick", "byte")
SAMPLES = _whole("sample", "label", "answer", "outputs", "cycles")


@dataclass(frozen=True)
class BenchFolder:
    """A folder for the bench.

    Attributes
    ----------
    path : Path
        Where ``bench.json`` lies.
    document : mapping
        What it says.
    """

    path: Path
    document: Mapping[str, Any]

    @classmethod
    def read(cls, folder: str | os.PathLike) -> BenchFolder:
        """Return the folder that ``brian2chip translate`` or a chip's ``write`` made.

        Raises
        ------
        UserError
            For a folder without ``bench.json``, one of another version, and one that is incomplete or not as its schema says.
        """
        inner = Path(folder) / "chip"
        path = inner if (inner / NAME).is_file() else Path(folder)
        return cls(path, read_bench(path))

    @property
    def chip(self) -> str:
        """The chip's registry name."""
        return self.document["chip"]

    @property
    def word_bits(self) -> int:
        """Bits of an SPI word."""
        return self.document["spi"]["word_bits"]

    def program(self, name: str) -> list[Transaction]:
        """Return the transactions of ``"full"``, ``"clear"`` or ``"sparse"``."""
        file = self.document["programs"][name]["file"]
        text = read_text(self.path / file, "program", largest=LARGEST, inside=self.path, encoding="ascii")
        return self.transactions(text.splitlines(), file)

    def transactions(self, lines: Sequence[str], where: str) -> list[Transaction]:
        """Return the words of each line; every word has all its hexadecimal digits."""
        digits = self.word_bits // 4
        line_of = re.compile(f"[0-9a-fA-F]{{{digits}}}(?: [0-9a-fA-F]{{{digits}}})+")
        for n, line in enumerate(lines, 1):
            if not line_of.fullmatch(line):
                raise UserError(
                    f"{where}, line {n}: {line[:40]!r} is no transaction, words of {digits} hexadecimal digits; translate again."
                )
        return [tuple(int(word, 16) for word in line.split()) for line in lines]

    def table(self, described: Mapping[str, Any], columns: Mapping[str, str]) -> pd.DataFrame:
        """Return a table that ``bench.json`` names, with these columns."""
        return read_csv(self.path / described["file"], "bench", columns, inside=self.path, largest=LARGEST, most_rows=MOST_ROWS)
