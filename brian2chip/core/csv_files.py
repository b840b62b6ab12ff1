"""Tables of comma-separated values from outside: the columns that they must have, and numbers that are numbers."""

from __future__ import annotations

import csv
import io
import math
import os
import re
from collections.abc import Callable, Iterator, Mapping

import pandas as pd

from brian2chip.core import files
from brian2chip.errors import UserError

#: Bytes of a file and rows of a table.
LARGEST, MOST_ROWS = 16 << 20, 100_000
NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
#: What a column may hold.
WHOLE, REAL, GAPS, TEXT = "whole numbers", "numbers", "numbers or nothing", "texts"

Columns = Mapping[str, str] | Callable[[list[str]], Mapping[str, str]]


def read_csv(
    path: str | os.PathLike,
    what: str,
    columns: Columns,
    *,
    inside: str | os.PathLike | None = None,
    largest: int = LARGEST,
    most_rows: int = MOST_ROWS,
) -> pd.DataFrame:
    """Return a table with its columns in the order of the file.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, e.g. ``"pairings"``.
    columns : mapping, or function of the names that returns one
        What each column holds: :data:`WHOLE`, :data:`REAL`, :data:`GAPS` (an empty cell is NaN) or :data:`TEXT`.
    inside : path, optional
        A folder that the file must be in, after all links are followed.
    largest, most_rows : int
        Bytes and rows that it may have.

    Raises
    ------
    UserError
        For a file that cannot be read or is too large, other columns, rows of another length, and what is no number; with its line.
    """
    text = files.read_text(path, what, largest=largest, inside=inside, encoding="utf-8-sig")
    rows = _rows(text, path)
    head = [name.strip(" \t") for name in next(rows, (0, []))[1]]
    columns = columns(head) if callable(columns) else columns
    if sorted(head) != sorted(columns):
        given = repr(", ".join(head))[1:-1][:200] or "none"
        raise UserError(f"{files.shown(path)} has the columns {given}; a {what} file has {', '.join(columns)}.")
    table: dict[str, list] = {name: [] for name in head}
    for k, (line, row) in enumerate(rows):
        place = f"{files.shown(path)}, line {line}"
        if k == most_rows:
            raise UserError(f"{place}: a {what} file may have {most_rows} rows; split it.")
        if len(row) != len(head):
            raise UserError(f"{place}: there are {len(row)} values for {len(head)} columns; write one for each.")
        for name, cell in zip(head, row):
            table[name].append(_value(cell.strip(" \t"), name, columns[name], place))
    return pd.DataFrame(table)


def _rows(text: str, path: str | os.PathLike) -> Iterator[tuple[int, list[str]]]:
    """Yield the line and the cells of every row that is neither empty nor a comment, which begins with #."""
    reader = csv.reader(io.StringIO(text), strict=True)
    try:
        for row in reader:
            if row and not row[0].lstrip().startswith("#"):
                yield reader.line_num, row
    except csv.Error as error:
        raise UserError(f"{files.shown(path)}, line {reader.line_num}: {error}; write values between commas.") from None


def _value(cell: str, name: str, kind: str, place: str) -> str | float | int:
    if kind == TEXT:
        return cell
    if kind == GAPS and not cell:
        return math.nan
    value = float(cell) if NUMBER.fullmatch(cell) else math.nan
    if not math.isfinite(value) or kind == WHOLE and (value != int(value) or abs(value) > 2**53):
        raise UserError(f"{place}: {name} is {cell[:40]!r}; this column holds {kind}.")
    return int(value) if kind == WHOLE else value
