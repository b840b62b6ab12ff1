"""The table of a sweep while it is computed: whole pieces in a folder, which any interruption leaves as they are."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import output
from brian2chip.core.disk import explained_disk
from brian2chip.core.json_files import read_json
from brian2chip.core.temporary import remove_abandoned, temporary_folder
from brian2chip.errors import UserError
from brian2chip.sweeps import table_files
from brian2chip.sweeps.points import ERROR, POINT, SEED
from brian2chip.sweeps.table_files import CSV, PARQUET

#: What a folder of pieces is of; readers of Parquet leave names that begin so aside.
SETTINGS = "_sweep.json"
#: What is compared of it.
IDENTITY = "identity"
#: Rows are written at least so often, in seconds and as a share of the time so far, or when there are so many.
SECONDS, SHARE, ROWS = 1.0, 0.02, 100_000


@dataclass
class Results:
    """Rows of a sweep, in a folder or, without one, in memory.

    Attributes
    ----------
    out : Path or None
        The table: a folder of pieces in Parquet, or one CSV file, whose pieces lie beside it until it is finished.
    settings : mapping
        What the sweep is, as JSON.
    """

    out: Path | None
    settings: Mapping[str, Any]
    waiting: list[pd.DataFrame] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    written: float = field(default_factory=time.monotonic)

    @property
    def folder(self) -> Path:
        """Where the pieces lie."""
        return self.out if self.out.suffix == PARQUET else self.out.with_name(f"{self.out.name}.pieces")

    def open(self) -> np.ndarray:
        """Return the numbers of the points that are there already, after making the folder or finding this sweep in it.

        Raises
        ------
        UserError
            For a table of another sweep, or anything else in its place.
        """
        if self.out is None:
            return np.array([], int)
        remove_abandoned(self.folder.parent)
        if _finished_csv(self.out):
            _check(self.out, _beside(self.out), self.settings)
            return table_files.read(self.out, [POINT])[POINT].to_numpy()
        if (self.folder / SETTINGS).exists():
            _check(self.out, self.folder / SETTINGS, self.settings)
            remove_abandoned(self.folder)
            return np.concatenate([np.array([], int), *(table_files.read(piece, [POINT])[POINT] for piece in self.pieces())])
        if self.out.exists() and (self.out.is_file() or any(self.out.iterdir())):
            raise UserError(f"{self.out} is there and is no table of a sweep; give another --out.")
        with explained_disk(self.folder):
            self.folder.mkdir(parents=True, exist_ok=True)
            output.write_json(self.folder / SETTINGS, self.settings)
        return np.array([], int)

    def pieces(self) -> list[Path]:
        """Return the files of the pieces, in the order of their first points."""
        return sorted(self.folder.glob(f"part-*{self.out.suffix}"))

    def add(self, rows: pd.DataFrame) -> None:
        """Take rows, which are written now or a moment later."""
        self.waiting.append(rows)
        since, so_far = time.monotonic() - self.written, time.monotonic() - self.began
        if self.out is not None and (since > max(SECONDS, SHARE * so_far) or sum(map(len, self.waiting)) > ROWS):
            self.flush()

    def flush(self) -> None:
        """Write what waits."""
        if self.out is None or not self.waiting:
            return
        table = table_files.joined(self.waiting, _columns(map(list, self.waiting))).sort_values(POINT)
        with explained_disk(self.folder):
            table_files.write(self.folder / f"part-{table[POINT].iloc[0]:012d}{self.out.suffix}", table)
        self.waiting, self.written = [], time.monotonic()

    def close(self) -> None:
        """Write what waits; a folder that stayed without rows goes."""
        self.flush()
        if self.out is not None and not _finished_csv(self.out) and not self.pieces():
            with suppress(OSError):
                (self.folder / SETTINGS).unlink()
                self.folder.rmdir()

    def finish(self) -> None:
        """Put the pieces in order, where they are not, in one step."""
        self.flush()
        if self.out is None or _finished_csv(self.out):
            return
        if self.out.suffix == CSV:
            self._as_one_file()
        elif not self._in_order():
            with output.folder(self.folder, force=True, mark=SETTINGS) as new:
                for table in self._sorted():
                    table_files.write(new / f"part-{table[POINT].iloc[0]:012d}{PARQUET}", table)
                output.write_json(new / SETTINGS, self.settings)

    def table(self) -> pd.DataFrame:
        """Return all rows in the order of the points."""
        if self.out is None:
            return table_files.joined(self.waiting, _columns(map(list, self.waiting))).sort_values(POINT, ignore_index=True)
        return read_sweep(self.out)

    def failed(self) -> tuple[int, str]:
        """Return how many points failed, and the first sentence."""
        if self.out is None:
            errors = [rows[ERROR] for rows in self.waiting]
        else:
            files = [self.out] if _finished_csv(self.out) else self.pieces()
            errors = [table_files.read(file, [ERROR])[ERROR] for file in files]
        wrong = [each[each != ""] for each in errors]
        return sum(map(len, wrong)), next((each.iloc[0] for each in wrong if len(each)), "")

    def _in_order(self) -> bool:
        """Return whether the pieces have the same columns, follow one another, and are not many small ones."""
        last, columns, rows = -1, None, 0
        for piece in self.pieces():
            table = table_files.read(piece)
            same = columns is None or (list(table), list(table.dtypes)) == columns
            if not same or table[POINT].iloc[0] <= last:
                return False
            last, columns, rows = table[POINT].iloc[-1], (list(table), list(table.dtypes)), rows + len(table)
        return len(self.pieces()) == 1 or rows >= 1000 * len(self.pieces())

    def _sorted(self) -> Iterator[pd.DataFrame]:
        """Yield the rows in the order of the points, as many at once as pieces overlap, with the columns of all."""
        pieces = self.pieces()
        numbers = [table_files.read(piece, [POINT])[POINT] for piece in pieces]
        order, rows, last = _columns(list(table_files.read(piece)) for piece in pieces), [], -1
        for piece, points in zip(pieces, numbers):
            if points.iloc[0] > last and sum(map(len, rows)) >= ROWS:
                yield table_files.joined(rows, order).sort_values(POINT, ignore_index=True)
                rows = []
            rows.append(table_files.read(piece))
            last = max(last, points.iloc[-1])
        if rows:
            yield table_files.joined(rows, order).sort_values(POINT, ignore_index=True)

    def _as_one_file(self) -> None:
        with explained_disk(self.out), table_files.whole_file(self.out) as temporary:
            for k, table in enumerate(self._sorted()):
                table.to_csv(temporary, index=False, header=k == 0, mode="a")
        output.write_json(_beside(self.out), self.settings)
        with temporary_folder(self.folder.parent) as gone:  # in one step: half of the pieces would be taken for all
            os.replace(self.folder, gone / "pieces")


def read_sweep(out: str | Path) -> pd.DataFrame:
    """Return the table of a sweep, also of one that is not finished, in the order of its points.

    Raises
    ------
    UserError
        For what is none.
    """
    results = Results(Path(out), {})
    table_files.check_format(results.out)
    if results.out.is_file():
        return _checked(results.out, table_files.read(results.out))
    if not results.out.exists():
        raise UserError(f"there is no table {str(out)[:200]!r}; give the one that brian2chip sweep wrote.")
    files = results.pieces()
    if not files:
        raise UserError(f"{str(out)[:200]} holds no rows of a sweep; give the table that brian2chip sweep wrote.")
    tables = [table_files.read(file) for file in files]
    return _checked(results.out, table_files.joined(tables, _columns(map(list, tables))))


def _checked(path: Path, table: pd.DataFrame) -> pd.DataFrame:
    """Return a table that was read from one file, if it is of a sweep."""
    if not {POINT, SEED, ERROR} <= set(table) or not all(pd.api.types.is_integer_dtype(table[name]) for name in (POINT, SEED)):
        raise UserError(f"{str(path)[:200]} is no table of a sweep: it has no whole numbers of points and seeds, and no column of errors.")
    return table.sort_values(POINT, ignore_index=True)


def _columns(heads: Iterator[list[str]] | map) -> list[str]:
    """Return the names of several heads: the first's, then what others have besides, and the sentence last."""
    names = dict.fromkeys(name for head in heads for name in head)
    return [*(name for name in names if name != ERROR), ERROR]


def _beside(out: Path) -> Path:
    return out.with_name(f"{out.name}.json")


def _finished_csv(out: Path) -> bool:
    """Return whether a CSV file is finished: its pieces are gone."""
    return out.suffix == CSV and out.exists() and _beside(out).exists() and not out.with_name(f"{out.name}.pieces").exists()


def _check(out: Path, path: Path, settings: Mapping[str, Any]) -> None:
    held = read_json(path, "sweep", {"type": "object", "required": [IDENTITY], "properties": {IDENTITY: {"type": "object"}}})[IDENTITY]
    mine = output.plain(settings[IDENTITY])
    if other := [name for name in {**held, **mine} if held.get(name) != mine.get(name)]:
        raise UserError(f"{out} holds the results of another sweep, which differs in {', '.join(other)}; give the same, or another --out.")
