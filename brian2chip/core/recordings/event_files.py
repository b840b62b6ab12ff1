"""Recordings in the field's own files: Spiking Heidelberg Digits and Commands (HDF5), and data sets as tonic has them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import is_whole, real_numbers, whole_numbers
from brian2chip.core.files import shown
from brian2chip.core.hdf5_files import read_hdf5
from brian2chip.core.recordings.binning import Recording, Recordings, binned
from brian2chip.core.recordings.pixels import Sensor, channels_of
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

#: Channels of SHD and SSC (Cramer et al. 2020), largest class of any data set, and bytes that the events of a file may take.
CHANNELS, LARGEST_LABEL, LARGEST = 700, 9_999, 4 << 30


def check_settings(n_steps: int, dt: float) -> None:
    """Raise UserError unless a number of steps and their seconds may be."""
    if not is_whole(n_steps) or n_steps < 1:
        raise UserError(f"n_steps was given as {n_steps!r:.40}; give a whole number of at least 1.")
    if not (isinstance(dt, int | float) and np.isfinite(dt) and dt > 0):
        raise UserError(f"dt was given as {dt!r:.40}; give the seconds of a step, e.g. 1e-3.")


def read_shd(path: str | Path, *, n_steps: int = 100, dt: float = 10e-3, pool: int = 5, mask=None, which=slice(None)) -> Samples:
    """Return samples of an SHD or SSC file (Cramer et al. 2020): ``spikes/times``, ``spikes/units`` of 700 channels, and ``labels``.

    Parameters
    ----------
    path : path
        Needs the extra ``brian2chip[sound]`` (h5py).
    n_steps, dt : int, float
        Steps and their length in s; later events are left out.
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
    check_settings(n_steps, dt)
    return binned(shd_recordings(path, pool=pool, which=which), dt, n_steps, mask=mask)[0]


def shd_recordings(path: str | Path, *, pool: int = 1, which: slice = slice(None)) -> Recordings:
    """Return the recordings of an SHD or SSC file; parameters and errors as :func:`read_shd`."""
    sensor = Sensor(CHANNELS, pool=pool)
    content = read_hdf5(path, "SHD or SSC", ("spikes/times", "spikes/units", "labels"), largest=LARGEST)
    times, units = (content.get("spikes", {}).get(name) for name in ("times", "units"))
    if not isinstance(times, list) or not isinstance(units, list) or not isinstance(content.get("labels"), np.ndarray):
        raise UserError(f"{shown(path)} is not an SHD or SSC file (HDF5 with lists spikes/times and spikes/units, and labels).")
    if len(times) != len(units):
        raise UserError(f"{shown(path)} has {len(times)} samples in spikes/times and {len(units)} in spikes/units; fetch it again.")
    where = f"the SHD or SSC file {shown(path)}"
    labels = whole_numbers(content["labels"], "labels", where, low=0, high=LARGEST_LABEL, shape=(len(times),))

    def each() -> Iterator[Recording]:
        for k in range(len(times))[which]:
            at = f"sample {k} of {where}"
            unit = whole_numbers(units[k], "units", at, low=0, high=CHANNELS - 1, shape=(len(times[k]),))
            yield real_numbers(times[k], "times", at, low=0), unit // pool, int(labels[k])

    return Recordings(where, sensor.n_in, each)


def from_tonic(dataset, *, n_steps: int, dt: float, sensor: tuple[int, int, int], pool: int = 1, mask=None) -> Samples:
    """Return samples of a tonic dataset: pairs of an event array (``x``, ``y``, ``t`` in microseconds, ``p``) and a label.

    Parameters
    ----------
    dataset : sequence of (events, label)
        E.g. ``tonic.datasets.DVSGesture(...)``; any sequence of structured arrays will do.
    n_steps, dt : int, float
        Steps and their length in s; later events are left out.
    sensor : (width, height, polarities)
    pool : int
        Pixels per side that become one input.
    mask : bool array [n_steps], optional

    Raises
    ------
    UserError
        For events beside the sensor or before time 0, and for fields or labels that are not whole numbers.
    """
    check_settings(n_steps, dt)
    return binned(tonic_recordings(dataset, Sensor.of(sensor, pool), names=False), dt, n_steps, mask=mask)[0]


def tonic_recordings(dataset: Any, sensor: Sensor, *, names: bool = True) -> Recordings:
    """Return the recordings of a sequence of (events, label), as tonic's data sets are; errors as :func:`from_tonic`.

    Labels are numbers or, where ``names`` says so, names of classes.
    """

    def each() -> Iterator[Recording]:
        for k in range(len(dataset)):  # a data set need have no __iter__
            item, where = dataset[k], f"recording {k}"
            if not isinstance(item, tuple | list) or len(item) != 2:
                raise UserError(f"{where} is not a pair of events and a label; give a sequence of (events, label).")
            events, label = item
            if not (names and isinstance(label, str)):
                label = int(whole_numbers(label, "the label", where, low=0, high=LARGEST_LABEL, shape=()))
            yield *channels_of(events, sensor, where), label

    return Recordings(f"the data set {type(dataset).__name__}", sensor.n_in, each)
