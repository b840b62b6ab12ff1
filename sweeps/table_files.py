"""Tables of a sweep as files, Parquet through pyarrow or comma-separated values, written whole and read with one sentence for others."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from brian2chip.core.files import open_file, shown
from brian2chip.core.temporary import whole_file
from brian2chip.errors import UserError

#: Endings of the names of tables.
PARQUET, CSV = ".parquet", ".csv"
NO_PYARROW = "Parquet is written and read by pyarrow; install it with pip install 'brian2chip[sweep]', or give a table that ends in .csv."


def check_format(path: Path) -> str:
    """Return the ending of a table's name.

    Raises
    ------
    UserError
        For any but those of the two formats, and for Parquet without pyarrow.
    """
    if path.suffix not in (PARQUET, CSV):
        raise UserError(f"the table was called {path.name[:100]!r}; give a name that ends in {PARQUET} or {CSV}.")
    if path.suffix == PARQUET and importlib.util.find_spec("pyarrow") is None:
        raise UserError(NO_PYARROW)
    return path.suffix


def write(path: Path, table: pd.DataFrame) -> None:
    """Write a table into a file, whole or not at all."""
    with whole_file(path) as temporary:
        if path.suffix == PARQUET:
            table.to_parquet(temporary, index=False)
        else:
            table.to_csv(temporary, index=False)


def read(path: Path, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Return the table of one file, or some of its columns.

    Raises
    ------
    UserError
        For what is no such file.
    """
    with open_file(path, "table") as file:
        try:
            if path.suffix == PARQUET:
                return pd.read_parquet(file, columns=columns)
            table = pd.read_csv(file, usecols=columns, float_precision="round_trip")
        except ImportError:
            raise UserError(NO_PYARROW) from None
        except (ValueError, OSError, LookupError, TypeError, NotImplementedError) as error:
            why = "".join(c if c.isprintable() else " " for c in str(error))
            raise UserError(f"{shown(path)} cannot be read as a table ({' '.join(why.split())[:120]}); give one of a sweep.") from None
    return table.fillna({name: "" for name in table.columns if not pd.api.types.is_numeric_dtype(table[name]) or name == "error"})


def joined(tables: Sequence[pd.DataFrame], order: Sequence[str]) -> pd.DataFrame:
    """Return tables one below the other with the columns of all: where a number is missing NaN, where a text is missing none."""
    table = pd.concat(tables, ignore_index=True).reindex(columns=list(order))
    return table.fillna({name: "" for name in order if not pd.api.types.is_numeric_dtype(table[name])})
