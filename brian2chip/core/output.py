"""Output folders that are whole or not there, and values as JSON can hold them."""

from __future__ import annotations

import ctypes
import hashlib
import json
import logging
import os
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.claims import claimed
from brian2chip.core.disk import FULL, explained_disk, reason
from brian2chip.core.temporary import temporary_folder, whole_file
from brian2chip.errors import UserError

if TYPE_CHECKING:
    import pandas as pd

logger = logging.getLogger(__name__)

#: The file that is written last: a folder that has it is finished.
MARK = "run.json"
#: Characters of a name that become part of a file's name.
LONGEST = 80


def check_writable(out: str | os.PathLike) -> Path:
    """Return a path, absolute, after checking that a file or folder can be made in the nearest folder above it that exists.

    Raises
    ------
    UserError
        When it cannot.
    """
    out = Path(out).absolute()
    try:
        if out.exists() and not (out.is_file() or out.is_dir()):
            raise UserError(f"{out} is neither a file nor a folder; choose another --out.")
        parent = next(p for p in out.parents if p.exists())
    except (OSError, ValueError) as error:
        if isinstance(error, UserError):
            raise
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UserError(f"cannot write {str(out)[:300]!r}: {why}; choose another --out.") from None
    try:  # asking for the permission is not enough: root has it where nothing can be written
        with tempfile.TemporaryFile(dir=parent) as file:  # where the system can, it has no name that could be left behind
            file.write(b"0")
    except OSError as error:
        if error.errno in FULL:
            raise UserError(f"cannot write {out}: {reason(error)}; make room, or choose another --out.") from None
        raise UserError(f"cannot write {out}: {parent} is not a writable folder; choose another --out.") from None
    return out


def check_folder(out: str | os.PathLike, force: bool = False, mark: str = MARK) -> Path:
    """Return the folder as a path after checking, before any work, that results can be written there.

    Raises
    ------
    UserError
        When it holds a finished run (without ``force``), something else, or cannot be written.
    """
    out = check_writable(out)
    if out.exists():
        if not out.is_dir():
            raise UserError(f"{out} is a file, not a folder; choose another --out.")
        if any(out.iterdir()) and not force:
            if (out / mark).exists():
                raise UserError(f"{out} holds a finished run; give another --out, or --force to replace it.")
            raise UserError(f"{out} is not empty and holds no finished run (no {mark}); give another --out, or --force to replace it.")
        if not os.access(out, os.W_OK):
            raise UserError(f"cannot write into {out}; choose another --out.")
    return out


@contextmanager
def folder(out: str | os.PathLike, force: bool = False, mark: str = MARK) -> Iterator[Path]:
    """Yield a temporary folder beside ``out`` that takes its name when all is written; an interruption leaves nothing half."""
    out = check_folder(out, force, mark)
    with claimed(out), explained_disk(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with temporary_folder(out.parent) as temporary:
            yield temporary
            check_folder(out, force, mark)
            _take_place(temporary, out)


def _take_place(new: Path, out: Path) -> None:
    """Give a folder the name of another, which afterwards has the first one's name, or is not there."""
    if not out.exists():
        os.replace(new, out)
    elif not _exchanged(new, out):
        with temporary_folder(out.parent) as beside:
            os.replace(out, beside / "old")
            try:
                os.replace(new, out)
            except OSError:
                os.replace(beside / "old", out)
                raise


def _exchanged(one: Path, other: Path) -> bool:
    """Exchange two names in one step, where the system can; return whether it did."""
    at_working_folder, exchange = -100, 2  # AT_FDCWD and RENAME_EXCHANGE of Linux
    try:
        rename = ctypes.CDLL(None).renameat2
    except (AttributeError, OSError, TypeError):
        return False
    return rename(at_working_folder, os.fsencode(one), at_working_folder, os.fsencode(other), exchange) == 0


@contextmanager
def drawing(what: str) -> Iterator[None]:
    """Let a picture that cannot be drawn be a warning: the numbers that it shows are not lost with it."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError):
            raise
        logger.warning("%s could not be drawn (%s: %s); the other files are complete.", what, type(error).__name__, error)


def file_name(name: str) -> str:
    """Return a name as part of a file's name: two names never become one, and none is too long."""
    plain_name = "".join(c if c.isalnum() or c in "._-" else "_" for c in name)
    if plain_name == name and len(os.fsencode(name)) <= LONGEST:
        return name
    return f"{re.sub(r'[^ -~]', '_', plain_name)[: LONGEST - 9]}-{hashlib.sha256(os.fsencode(name)).hexdigest()[:8]}"


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: NumPy scalars and arrays, quantities as text, mappings and sequences."""
    from brian2chip.core.units import Quantity  # slow, and a folder is checked without it

    if isinstance(value, Quantity) and not value.dim.is_dimensionless:
        return str(value)
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(v) for v in value]
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not np.isfinite(value):
        return None
    return value


def write_table(path: Path, table: pd.DataFrame) -> None:
    """Write a table as CSV, whole or not at all."""
    with explained_disk(path), whole_file(path) as temporary:
        table.to_csv(temporary, index=False)


def write_json(path: Path, value: Any) -> None:
    """Write a value as readable JSON, whole or not at all."""
    text = json.dumps(plain(value), indent=2, sort_keys=False) + "\n"
    with explained_disk(path), whole_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")
