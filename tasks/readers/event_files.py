"""Samples from the field's own files: Spiking Heidelberg Digits and Commands (HDF5), and event-camera recordings through tonic."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import is_whole, real_numbers, truth_values, whole_numbers
from brian2chip.core.files import shown
from brian2chip.core.hdf5_files import read_hdf5
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

#: Channels of SHD and SSC (Cramer et al. 2020), largest class of any data set, and bytes that the events of a file may take.
CHANNELS, LARGEST_LABEL, LARGEST = 700, 9_999, 4 << 30


def _binned(events: Sequence[tuple[np.ndarray, np.ndarray]], labels: np.ndarray, n_in: int, n_steps: int, dt: float, mask) -> Samples:
    """Return samples from checked (times in s, channels) of each; an event belongs to the step in which it lies, late ones are cut."""
    sample, t, i = [], [], []
    for k, (times, units) in enumerate(events):
        step = np.floor(times / dt)
        inside = step < n_steps
        once = np.unique(step[inside].astype(np.int64) * n_in + units[inside])
        sample.append(np.full(len(once), k))
        t.append(once // n_in)
        i.append(once % n_in)
    sample, t, i = (np.concatenate([np.zeros(0, np.int64), *parts]) for parts in (sample, t, i))
    mask = np.ones(n_steps, bool) if mask is None else mask
    return Samples(sample, t, i, len(events), n_steps, n_in, mask, label=labels)


def _check_settings(n_steps: int, dt: float, pool: int) -> None:
    for name, value in (("n_steps", n_steps), ("pool", pool)):
        if not is_whole(value) or value < 1:
            raise UserError(f"{name} was given as {value!r:.40}; give a whole number of at least 1.")
    if not (isinstance(dt, int | float) and np.isfinite(dt) and dt > 0):
        raise UserError(f"dt was given as {dt!r:.40}; give the seconds of a step, e.g. 1e-3.")


def read_shd(path: str | Path, *, n_steps: int = 100, dt: float = 10e-3, pool: int = 5, mask=None, which=slice(None)) -> Samples:
    """Return samples of an SHD or SSC file (Cramer et al. 2020): ``spikes/times``, ``spikes/units`` of 700 channels, and ``labels``.

    Parameters
    ----------
    path : path
        Needs the extra ``brian2chip[sound]`` (h5py).
    n_steps, dt : int, float
        Steps and their length in s; later events are cut.
    pool : int
        Neighbouring channels that become one input: 5 makes 140.
    mask : bool array [n_steps], optional
    which : slice
        Samples to read.

    Raises
    ------
    UserError
        When h5py is missing, the file is not of this kind, or a time, unit or label is not one.
    """
    _check_settings(n_steps, dt, pool)
    content = read_hdf5(path, "SHD or SSC", ("spikes/times", "spikes/units", "labels"), largest=LARGEST)
    times, units = (content.get("spikes", {}).get(name) for name in ("times", "units"))
    if not isinstance(times, list) or not isinstance(units, list) or not isinstance(content.get("labels"), np.ndarray):
        raise UserError(f"{shown(path)} is not an SHD or SSC file (HDF5 with lists spikes/times and spikes/units, and labels).")
    if len(times) != len(units):
        raise UserError(f"{shown(path)} has {len(times)} samples in spikes/times and {len(units)} in spikes/units; fetch it again.")
    where = f"the SHD or SSC file {shown(path)}"
    labels = whole_numbers(content["labels"], "labels", where, low=0, high=LARGEST_LABEL, shape=(len(times),))
    events = []
    for k in range(len(times))[which]:
        at = f"sample {k} of {where}"
        unit = whole_numbers(units[k], "units", at, low=0, high=CHANNELS - 1, shape=(len(times[k]),))
        events.append((real_numbers(times[k], "times", at, low=0), unit // pool))
    return _binned(events, labels[which], -(-CHANNELS // pool), n_steps, dt, mask)


def from_tonic(dataset, *, n_steps: int, dt: float, sensor: tuple[int, int, int], pool: int = 1, mask=None) -> Samples:
    """Return samples of a tonic dataset: pairs of an event array (``x``, ``y``, ``t`` in microseconds, ``p``) and a label.

    Parameters
    ----------
    dataset : sequence of (events, label)
        E.g. ``tonic.datasets.DVSGesture(...)``; any sequence of structured arrays will do.
    n_steps, dt : int, float
        Steps and their length in s; later events are cut.
    sensor : (width, height, polarities)
    pool : int
        Pixels per side that become one input.
    mask : bool array [n_steps], optional

    Raises
    ------
    UserError
        For events beside the sensor or before time 0, and for fields or labels that are not whole numbers.
    """
    _check_settings(n_steps, dt, pool)
    if len(sensor) != 3 or not all(is_whole(n) and n >= 1 for n in sensor) or sensor[2] > 2:
        raise UserError(f"sensor was given as {sensor!r:.60}; give (width, height, polarities) with one or two polarities.")
    events, labels = [], []
    for k, item in enumerate(dataset):
        if not isinstance(item, tuple | list) or len(item) != 2:
            raise UserError(f"recording {k} is not a pair of events and a label; give a sequence of (events, label).")
        events.append(_recording(item[0], f"recording {k}", sensor, pool))
        labels.append(int(whole_numbers(item[1], "the label", f"recording {k}", low=0, high=LARGEST_LABEL, shape=())))
    width, height = (-(-side // pool) for side in sensor[:2])
    return _binned(events, np.array(labels, int), width * height * sensor[2], n_steps, dt, mask)


def _recording(given: Any, where: str, sensor: tuple[int, int, int], pool: int) -> tuple[np.ndarray, np.ndarray]:
    """Return times in s and channels of a recording, checked."""
    recording, needed = np.asarray(given), {"x", "y", "t", *(["p"] if sensor[2] == 2 else [])}
    if needed - set(recording.dtype.names or ()):
        raise UserError(f"events need fields {', '.join(sorted(needed))}; those of {where} have {recording.dtype.names}.")
    column, row = (whole_numbers(recording[n], n, where, low=0, high=side - 1) // pool for n, side in zip("xy", sensor))
    polarity = truth_values(recording["p"], "p", where).astype(np.int64) if sensor[2] == 2 else 0
    width, height = (-(-side // pool) for side in sensor[:2])
    return real_numbers(recording["t"], "t", where, low=0) * 1e-6, (polarity * height + row) * width + column
