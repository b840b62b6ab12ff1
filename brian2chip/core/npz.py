"""Files of arrays with a JSON head: written whole or not at all, read with one sentence for anything foreign."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from brian2chip.errors import UserError


def write_npz(path: str | os.PathLike, arrays: Mapping[str, np.ndarray]) -> Path:
    """Write arrays to a ``.npz`` file, whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez_compressed(file, **arrays)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def read_npz(path: str | os.PathLike, expected: str, what: str) -> dict[str, np.ndarray]:
    """Return the arrays of a ``.npz`` whose ``head`` is JSON with ``format`` equal to ``expected``; one sentence for anything else."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise UserError(f"there is no {what} file {str(path)!r}.") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError, KeyError):
        raise UserError(f"{str(path)!r} is not a readable {what} file (damaged, or not an .npz); make it again.") from None
    try:
        given = json.loads(str(arrays["head"]))["format"]
    except (KeyError, ValueError, TypeError):
        given = "an unknown format"
    if given != expected:
        raise UserError(f"{str(path)!r} holds {given}, not {expected}; give a {what} file written by this package.")
    return arrays
