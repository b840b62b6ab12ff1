"""What a bench reads of a folder: tables of whole numbers, and ``bench.json``, which names them and says how the chip is played."""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from brian2chip.core.json_files import check, read_json
from brian2chip.errors import UserError

VERSION = 1
#: What ``schema`` of the document says before its version.
FAMILY = "brian2chip.bench"
NAME, README = "bench.json", "README.txt"
#: SPI clock for which times are stated, in Hz; any other that keeps the ratio to the chip's clock will do.
SPI_HZ = 1e6
#: Least ratio of the chip's clock to that of SPI, and cycles for which reset and levels are held.
CLOCK_RATIO, HOLD = 4, 8

TEMPLATES = Environment(  # plain texts: nothing is escaped
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
TEMPLATES.filters["count"] = lambda number: f"{number:,}"


def write_table(path: Path, columns: str, rows: Iterable[Sequence[Any]]) -> dict[str, Any]:
    """Write rows of whole numbers and words as decimal CSV, and return the table's entry in the document.

    Parameters
    ----------
    path : Path
    columns : str
        Their names, separated by commas.
    rows : iterable of sequence
    """
    lines = [",".join(map(str, row)) for row in rows]
    path.write_text("\n".join([columns, *lines]) + "\n", encoding="ascii")
    return {"file": path.name, "entries": len(lines)}


def program_entry(name: str, transactions: Iterable[Sequence[Any]], word_bits: int) -> dict[str, Any]:
    """Return a program's entry in the document: its file, and how many transactions, words and bits it has."""
    sizes = [len(words) for words in transactions]
    return {"file": name, "transactions": len(sizes), "words": sum(sizes), "bits": sum(sizes) * word_bits}


def spi_words(bits: int, read_bit: int, *, counted: bool, read_clock_ratio: int = CLOCK_RATIO) -> dict[str, Any]:
    """Return how SPI words are sent; ``counted`` where the first word of a transaction says how many follow.

    ``read_clock_ratio`` is the least ratio of the chip's clock to that of SPI in transactions that read.
    """
    return {
        "word_bits": bits,
        "bit_order": "msb_first",
        "mode": 0,
        "clock_ratio": CLOCK_RATIO,
        "read_clock_ratio": read_clock_ratio,
        "read_bit": read_bit,
        "data_words_from_header": counted,
    }


def reset(low: Sequence[str]) -> dict[str, Any]:
    """Return how the chip is reset, with these pins at 0."""
    return {"pin": "RST", "active": 1, "hold_cycles": HOLD, "wait_cycles": HOLD, "low": list(low)}


def write_bench(folder: Path, document: Mapping[str, Any], template: str, **more: Any) -> None:
    """Write ``bench.json``, and ``README.txt``, which says the same in words.

    Parameters
    ----------
    folder : Path
    document : mapping
        Without ``schema`` and ``spi_hz``.
    template : str
        Name of the words beside this file.
    more
        What the template needs beside the document.
    """
    whole = {"schema": f"{FAMILY}/{VERSION}", **document, "spi_hz": SPI_HZ}
    check(whole, schema(), NAME)
    (folder / README).write_text(TEMPLATES.get_template(template).render(**whole, **more), encoding="ascii")
    (folder / NAME).write_text(json.dumps(whole, indent=1) + "\n", encoding="ascii")


@functools.cache
def schema() -> dict[str, Any]:
    """Return the JSON Schema of ``bench.json``."""
    return json.loads(files("brian2chip.chips").joinpath("bench.schema.json").read_text(encoding="utf-8"))


def read_bench(folder: str | os.PathLike) -> dict[str, Any]:
    """Return the document of a folder, checked; every file that it names is there.

    Raises
    ------
    UserError
        For a folder without it, one of another version, a document that is none, and a file that is missing.
    """
    folder = Path(folder)
    if not os.path.isfile(folder / NAME):
        raise UserError(f"there is no {NAME} in {str(folder)!r}; give the folder that brian2chip translate of this version wrote.")
    document = read_json(folder / NAME, "bench", inside=folder)
    family, _, version = str(document.get("schema") if isinstance(document, dict) else None).partition("/")
    if family == FAMILY and version.isdigit() and int(version) != VERSION:
        remedy = "update brian2chip" if int(version) > VERSION else "write it again"
        raise UserError(f"{str(folder)!r} was written with {FAMILY}/{version}, this version reads {FAMILY}/{VERSION}; {remedy}.")
    check(document, schema(), f"{NAME} in {str(folder)!r}")
    if absent := [name for name in _named(document) if not os.path.isfile(folder / name)]:
        raise UserError(f"{str(folder)!r} lacks {', '.join(absent)}, which {NAME} names; write the folder anew.")
    return document


def _named(document: Any) -> list[str]:
    """Return every file that a document names."""
    if not isinstance(document, dict):
        return []
    own = [document["file"]] if "file" in document else []
    return own + [name for value in document.values() for name in _named(value)]
