"""HDF5 files from outside, opened in a process of its own: a damaged file can end the HDF5 library, and with it that process only."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core import files
from brian2chip.core.json_files import parse_json
from brian2chip.core.npz import arrays_of
from brian2chip.errors import UserError

CHILD = Path(__file__).with_name("_hdf5_child.py")
#: Bytes that the datasets of a file may take.
LARGEST = 1 << 30
SECONDS = 60
#: What the process writes beside the arrays.
HEAD = {"type": "array", "items": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "string"}], "minItems": 2, "maxItems": 2}}


def read_hdf5(
    path: str | os.PathLike, what: str, names: Sequence[str] = (), *, largest: int = LARGEST, seconds: int = SECONDS
) -> dict[str, Any]:
    """Return the content of an HDF5 file as nested dicts, one for each group.

    A dataset of numbers is an array (of no dimensions for a scalar), one of texts a str or an array of str, and one of lists of
    different lengths a list of arrays. Attributes of datasets are left out.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, e.g. ``"NIR"``.
    names : sequence of str
        The datasets to read, e.g. ``"spikes/times"``, all without one; with ``"@"`` among them, the attributes of groups are there too,
        each as ``"@NAME"`` beside the datasets of its group.
    largest : int
        Bytes that the datasets may take.
    seconds : int
        Time that reading may take.

    Raises
    ------
    UserError
        When h5py is missing, or the file is no HDF5, damaged, too large, or has links, other types, or data outside of itself.
    """
    if find_spec("h5py") is None:
        raise UserError("reading HDF5 needs h5py; install brian2chip[sound] or brian2chip[nir].")
    with files.open_file(path, what):
        pass  # a regular file that may be read
    with tempfile.TemporaryFile() as out:
        command = [sys.executable, "-P", str(CHILD), os.path.abspath(path), str(largest), str(seconds), *names]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **ENVIRONMENT}
        try:
            ended = subprocess.run(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.PIPE, env=environment, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            raise UserError(f"reading the {what} file {files.shown(path)} took more than {seconds} s; it is damaged.") from None
        if ended.returncode:
            raise UserError(f"{files.shown(path)} is not a readable {what} file ({_why(ended)}); write it again.")
        out.seek(0)
        return _nested(arrays_of(out, path, what, largest=2 * largest), path)


#: No libraries are loaded that a file asks for, and no threads take address space.
ENVIRONMENT = {"HDF5_PLUGIN_PRELOAD": "::", "HDF5_USE_FILE_LOCKING": "FALSE", "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def _why(ended: subprocess.CompletedProcess) -> str:
    if ended.returncode == 3:
        return ended.stderr.decode(errors="replace").strip()[:200]
    if ended.returncode < 0:
        return f"the HDF5 library ended with signal {-ended.returncode}: it is damaged"
    return f"the HDF5 library ended with code {ended.returncode}: it is damaged or too large"


def _nested(arrays: Mapping[str, np.ndarray], path: str | os.PathLike) -> dict[str, Any]:
    """Return what the process wrote as nested dicts."""
    top: dict[str, Any] = {}
    for k, (name, kind) in enumerate(parse_json(str(arrays["head"]), f"what was read of {files.shown(path)}", HEAD)):
        *groups, last = name.split("/")
        inside = top
        for group in groups:
            inside = inside.setdefault(group, {})
        inside[last] = {} if kind == "group" else _value(kind, arrays, k)
    return top


def _value(kind: str, arrays: Mapping[str, np.ndarray], k: int) -> Any:
    values = arrays[f"values_{k}"]
    if kind == "lists":
        ends = arrays[f"ends_{k}"]
        return np.split(values, ends[:-1]) if len(ends) else []
    return str(values) if kind == "text" else values
