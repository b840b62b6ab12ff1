"""Samples from the field's own files: Spiking Heidelberg Digits and Commands (HDF5), and event-camera recordings through tonic."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.errors import UserError


def _binned(events: list[tuple[np.ndarray, np.ndarray]], labels, n_in: int, n_steps: int, dt: float, mask) -> Samples:
    x = np.zeros((len(events), n_steps, n_in), bool)
    for k, (times, units) in enumerate(events):
        step = np.floor(np.asarray(times, float) / dt).astype(int)
        inside = (step >= 0) & (step < n_steps)
        x[k, step[inside], np.asarray(units, int)[inside]] = True
    mask = np.ones(n_steps, bool) if mask is None else mask
    return Samples.from_dense(x, mask, label=np.asarray(labels, int))


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
        When h5py is missing, or the file is not of this kind.
    """
    try:
        import h5py  # an optional extra
    except ImportError:
        raise UserError("reading HDF5 needs h5py; install brian2chip[sound].") from None
    try:
        with h5py.File(path, "r") as file:
            times, units, labels = file["spikes/times"][which], file["spikes/units"][which], file["labels"][which]
    except (OSError, KeyError):
        raise UserError(f"{str(path)!r} is not an SHD or SSC file (HDF5 with spikes/times, spikes/units and labels).") from None
    return _binned([(t, np.asarray(u, int) // pool) for t, u in zip(times, units)], labels, -(-700 // pool), n_steps, dt, mask)


def from_tonic(dataset, *, n_steps: int, dt: float, sensor: tuple[int, int, int], pool: int = 1, mask=None) -> Samples:
    """Return samples of a tonic dataset: pairs of an event array (``x``, ``y``, ``t`` in microseconds, ``p``) and a label.

    Parameters
    ----------
    dataset : sequence of (events, label)
        E.g. ``tonic.datasets.DVSGesture(...)``; any sequence of structured arrays will do.
    n_steps, dt : int, float
        Steps and their length in s.
    sensor : (width, height, polarities)
    pool : int
        Pixels per side that become one input.
    mask : bool array [n_steps], optional
    """
    width, height, polarities = -(-sensor[0] // pool), -(-sensor[1] // pool), sensor[2]
    events, labels = [], []
    for recording, label in dataset:
        missing = {"x", "y", "t"} - set(recording.dtype.names or ())
        if missing:
            raise UserError(f"events need fields x, y and t; these have {recording.dtype.names}.")
        column, row = recording["x"].astype(int) // pool, recording["y"].astype(int) // pool
        polarity = recording["p"].astype(int) if polarities == 2 else 0
        events.append((recording["t"] * 1e-6, (polarity * height + row) * width + column))
        labels.append(label)
    return _binned(events, labels, width * height * polarities, n_steps, dt, mask)
