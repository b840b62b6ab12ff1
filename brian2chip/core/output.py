"""Output folders that are whole or not there, and values as JSON can hold them."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.errors import UserError

#: The file that is written last: a folder that has it is finished.
MARK = "run.json"


def check_writable(out: str | os.PathLike) -> Path:
    """Return a path, absolute, after checking that a file or folder can be made in the nearest folder above it that exists.

    Raises
    ------
    UserError
        When it cannot.
    """
    out = Path(out).absolute()
    parent = next(p for p in out.parents if p.exists())
    try:  # asking for the permission is not enough: root has it where nothing can be written
        os.rmdir(tempfile.mkdtemp(prefix=".brian2chip.", dir=parent))
    except OSError:
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
    out.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{out.name}.", dir=out.parent))
    old = None
    try:
        yield temporary
        os.chmod(temporary, 0o755)
        if out.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}.old.", dir=out.parent))
            os.replace(out, old / "old")
        os.replace(temporary, out)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if old is not None:
            shutil.rmtree(old, ignore_errors=True)


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: NumPy scalars and arrays, quantities as text, mappings and sequences."""
    from brian2.units.fundamentalunits import Quantity  # slow, and a folder is checked without it

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


def write_json(path: Path, value: Any) -> None:
    """Write a value as readable JSON."""
    path.write_text(json.dumps(plain(value), indent=2, sort_keys=False) + "\n", encoding="utf-8")
