"""Samples of a task from a file or folder of recordings, which is recognised by what is in it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from brian2chip.core.files import open_file, shown
from brian2chip.core.recordings.binning import Recordings, binned, steps_in
from brian2chip.core.recordings.event_files import shd_recordings
from brian2chip.core.recordings.folders import Part, folder_recordings, parts_of
from brian2chip.core.sample_files import load_arrays
from brian2chip.core.samples import Samples
from brian2chip.core.time_step import checked_step
from brian2chip.errors import UserError

#: How the files begin that hold many samples, and the endings of all that is read.
ARRAYS, HDF5, ENDINGS = b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", (".npz", ".h5", ".hdf5")
#: Seconds of a step where nothing says another.
STEP = 1e-3


class Binning(NamedTuple):
    """How recordings become samples: step and duration in s, the sensor (width, height, polarities), and neighbours that become one."""

    dt: Any = None
    duration: Any = None
    sensor: Any = None
    pool: int = 1


class Data(NamedTuple):
    """Samples to train on, those to test on where they are given apart, the names of the classes if they have any, and the step in s."""

    train: Samples
    test: Samples | None
    classes: list[str]
    dt: float


def is_data(path: Any) -> bool:
    """Return whether a name is that of a file or folder of samples rather than of a definition."""
    if not isinstance(path, str | os.PathLike) or str(path).endswith(".py"):
        return False
    return str(path).lower().endswith(ENDINGS) or os.path.exists(path)


def read_data(path: str | os.PathLike, test: str | os.PathLike | None, how: Binning) -> Data | Mapping[str, Any]:
    """Return the samples of a file or folder, or the arrays of a ``.npz`` file as ``Task.from_arrays`` takes them.

    Raises
    ------
    UserError
        For what is none of the kinds, settings that it does not take, and a test of another kind.
    """
    path = Path(path)
    for name, given in (("the step dt", how.dt), ("duration", how.duration)):
        if given is not None:
            checked_step(given, name)
    if not path.is_dir():
        begin = _begin(path)
        if begin.startswith(ARRAYS):
            return _arrays(path, test, how)
        if begin != HDF5:
            raise UserError(
                f"{shown(path)} is none of the files that a task is made of: samples (.npz), an HDF5 file of SHD's form, a folder of "
                "recordings, or a Python file (.py) that defines a Task."
            )
        if how.sensor is not None:
            raise UserError(f"{shown(path)} has the 700 channels of a cochlea; leave sensor out, pool=5 makes 140 of them.")
        train, apart = (None if p is None else shd_recordings(p, pool=how.pool) for p in (path, test))
        return samples_of(train, apart, how)
    parts = parts_of(path) if test is None else (Part(path), Part(Path(test)))
    train, apart = (None if part is None else folder_recordings(part, how.sensor, how.pool) for part in parts)
    return samples_of(train, apart, how)


def samples_of(train: Recordings, test: Recordings | None, how: Binning) -> Data:
    """Return recordings as samples of the same length.

    Raises
    ------
    UserError
        For a step or duration that is none, and for recordings of other channels or classes.
    """
    dt = STEP if how.dt is None else checked_step(how.dt)
    n_steps = None if how.duration is None else steps_in(checked_step(how.duration, "duration"), dt)
    samples, classes = binned(train, dt, n_steps)
    if test is None:
        return Data(samples, None, classes, dt)
    if test.n_in != train.n_in:
        raise UserError(f"{train.what} has {train.n_in} inputs, {test.what} {test.n_in}; train and test on the same.")
    apart, _ = binned(test, dt, n_steps, classes=classes or None)
    longest = max(samples.n_steps, apart.n_steps)
    samples, apart = (replace(one, n_steps=longest, mask=np.ones(longest, bool)) for one in (samples, apart))
    return Data(samples, apart, classes, dt)


def _begin(path: Path) -> bytes:
    with open_file(path, "data") as file:
        return file.read(len(HDF5))


def _arrays(path: Path, test: str | os.PathLike | None, how: Binning) -> dict[str, Any]:
    """Return what ``Task.from_arrays`` takes: the file's own step, or that which is given."""
    for name in ("duration", "sensor", "pool"):
        if getattr(how, name) != Binning._field_defaults[name]:
            raise UserError(f"{name} was given for {shown(path)}, whose samples are in steps and channels already; leave it out.")
    arrays = load_arrays(path)
    arrays["dt"] = arrays.get("dt", STEP) if how.dt is None else how.dt
    return arrays if test is None else {**arrays, "test": load_arrays(test)}
