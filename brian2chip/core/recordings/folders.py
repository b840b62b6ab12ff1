"""Folders of recordings of event cameras: a folder for each class, or beside each recording a table of what is in it and when."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from brian2chip.core.csv_files import WHOLE, read_csv
from brian2chip.core.files import read_text, shown
from brian2chip.core.recordings.aedat_files import Recorded, read_aedat
from brian2chip.core.recordings.binning import Recording, Recordings, in_order
from brian2chip.core.recordings.nmnist_files import SIDE, read_nmnist
from brian2chip.core.recordings.pixels import Sensor, channels_of
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: What recordings are called, the ending of the table beside one (as DVS Gesture has it), and its columns.
ENDINGS, TABLE = (".bin", ".aedat"), "_labels.csv"
COLUMNS = {"class": WHOLE, "startTime_usec": WHOLE, "endTime_usec": WHOLE}
#: What says which recordings of one folder are trained and tested on, as DVS Gesture has it.
LISTS = ("trials_to_train.txt", "trials_to_test.txt")
#: Files of a folder.
MOST = 1 << 20


class Part(NamedTuple):
    """A folder and, where a list says so, the recordings in it that are meant."""

    folder: Path
    listed: list[str] | None = None


def parts_of(folder: Path) -> tuple[Part, Part | None]:
    """Return what to train on, and what to test on where a folder says so: by folders train and test, or by the lists of DVS Gesture.

    Raises
    ------
    UserError
        For a folder or a list that is not readable, and one list without the other.
    """
    entries = {entry.name.lower(): entry for entry in _entries(folder)}
    named = {name: entry for name, entry in entries.items() if _is_folder(entry)}
    if {"train", "test"} <= set(named):
        return Part(Path(named["train"])), Part(Path(named["test"]))
    if lacking := [name for name in LISTS if name not in entries]:
        if len(lacking) == 1:
            raise UserError(f"{shown(folder)} has no {lacking[0]}, which belongs to the other list; add it, or remove both.")
        return Part(folder), None
    train, test = (Part(folder, _names(folder / entries[name].name)) for name in LISTS)
    return train, test


def _names(path: Path) -> list[str]:
    """Return the lines of a list."""
    lines = [line.strip() for line in read_text(path, "list", inside=path.parent).splitlines()]
    return [line for line in lines if line]


def folder_recordings(part: Part, sensor: Any = None, pool: int = 1) -> Recordings:
    """Return the recordings of a folder: ``CLASS/*.bin`` (N-MNIST), ``CLASS/*.aedat``, or ``*.aedat`` with ``*_labels.csv`` beside.

    Times begin with the first event of a recording or, with a table, at the start that it says.

    Parameters
    ----------
    part : Part
    sensor : (width, height, polarities), optional
        By default what the first recording says, with both polarities.
    pool : int
        Pixels per side that become one input.

    Raises
    ------
    UserError
        For a folder without recordings, one that is not readable, listed recordings that are missing, and recordings of different sensors.
    """
    folder = part.folder
    files = _listed(_files(folder), part)
    if not files:
        raise UserError(
            f"{shown(folder)} holds no recordings; it needs a folder for each class with {' or '.join(ENDINGS)} files in it, "
            f"or .aedat files with a table called NAME{TABLE} beside each."
        )
    size = None if sensor is None else (sensor[0], sensor[1]) if np.shape(sensor) == (3,) else Sensor.of(sensor, pool)
    first = _read(files[0][0], size, folder)
    eye = Sensor(first.width, first.height, 2, pool) if sensor is None else Sensor.of(sensor, pool)

    def each() -> Iterator[Recording]:
        for file, name in files:
            found = _read(file, size, folder)
            if (found.width, found.height) != (first.width, first.height):
                raise UserError(
                    f"{shown(file)} has {found.width} x {found.height} pixels, the first {first.width} x {first.height}; sort them."
                )
            for label, start, end in _trials(file, found.events, name):
                inside = found.events[(found.events["t"] >= start) & (found.events["t"] < end)]
                inside["t"] -= start
                yield *channels_of(inside, eye, shown(file)), label

    return Recordings(f"the folder {shown(folder)}", eye.n_in, each)


def _entries(folder: Path) -> list[os.DirEntry]:
    try:
        with os.scandir(folder) as found:
            return sorted((entry for entry in found if not entry.name.startswith(".")), key=lambda entry: entry.name)
    except OSError as error:
        raise UserError(f"the folder {shown(folder)} cannot be read ({error.strerror}).") from None


def _is_folder(entry: os.DirEntry) -> bool:
    """Return whether an entry is a folder; a link that leads to itself is none."""
    try:
        return entry.is_dir()
    except OSError:
        return False


def _files(folder: Path) -> list[tuple[Path, str | None]]:
    """Return the recordings with the name of their class, None where a table says it; files of other kinds are logged."""
    entries = _entries(folder)
    found: list[tuple[Path, str | None]] = []
    others: list[str] = []
    for name in in_order(entry.name for entry in entries if _is_folder(entry)):
        for entry in _entries(folder / name):
            (found if entry.name.lower().endswith(ENDINGS) else others).append((Path(entry.path), name))
    tables = {entry.name for entry in entries if entry.name.endswith(TABLE) or entry.name.lower() in LISTS}
    for entry in entries:
        has_table = entry.name.lower().endswith(".aedat") and entry.name[: -len(".aedat")] + TABLE in tables
        if has_table:
            found.append((Path(entry.path), None))
        elif not _is_folder(entry) and entry.name not in tables:
            others.append((Path(entry.path), None))
    if len(found) > MOST:
        raise UserError(f"{shown(folder)} holds {len(found)} recordings; take at most {MOST} at once.")
    if found and others:
        logger.warning("%s: %d other files are passed over, %s first.", shown(folder), len(others), shown(others[0][0].name))
    return found


def _listed(files: list[tuple[Path, str | None]], part: Part) -> list[tuple[Path, str | None]]:
    """Return the recordings that a list names, in its order; all without one."""
    if part.listed is None:
        return files
    found = {file.name: (file, name) for file, name in files if file.parent == part.folder}
    if missing := [name for name in part.listed if name not in found]:
        raise UserError(
            f"{shown(part.folder)} has no recording {shown(missing[0])} with a table beside it, which is listed; add them, or take it off."
        )
    return [found[name] for name in part.listed]


def _read(file: Path, size: tuple[int, int] | None, folder: Path) -> Recorded:
    if file.name.lower().endswith(".aedat"):
        return read_aedat(file, size=size, inside=folder)
    width, height = (SIDE, SIDE) if size is None else size
    return Recorded(read_nmnist(file, side=max(width, height), inside=folder), width, height)


def _trials(file: Path, events: np.ndarray, name: str | None) -> Iterator[tuple[str, int, int]]:
    """Yield class, start and end (microseconds) of what is in a recording."""
    first, last = (int(events["t"][0]), int(events["t"][-1])) if len(events) else (0, 0)
    if name is not None:
        yield name, 0 if file.name.lower().endswith(".bin") else first, last + 1
        return
    path = file.with_name(file.name[: -len(".aedat")] + TABLE)
    for row in read_csv(path, "labels", COLUMNS, inside=file.parent).itertuples(index=False):
        label, start, end = row
        if not start < end:
            raise UserError(f"{shown(path)}: class {label} goes from {start} to {end} microseconds; the end must come after the start.")
        yield str(label), start, end
