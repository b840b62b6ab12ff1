"""Samples in one checked ``.npz`` file, what the commands take as input and calibration; and what a network did with them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from brian2chip.core import sample_files
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.npz import write_npz
from brian2chip.core.sample_files import save_samples
from brian2chip.core.samples import Samples
from brian2chip.translation.nir_data import SUFFIXES, read_nir_data

__all__ = ["load_samples", "save_run", "save_samples"]


def load_samples(path: str | os.PathLike, *, dt: float | None = None) -> Samples:
    """Read samples of a ``.npz`` file, or the input spikes of a NIR data file (``.nir``, ``.h5``), of which dt (s) is to be the step.

    Raises
    ------
    UserError
        As :func:`brian2chip.core.sample_files.load_samples` and :func:`brian2chip.translation.nir_data.read_nir_data`.
    """
    if Path(path).suffix in SUFFIXES:
        return read_nir_data(path, dt=dt)
    return sample_files.load_samples(path)


def save_run(run: NetworkRun, path: str | os.PathLike, **more: np.ndarray) -> Path:
    """Write what a network did, whole or not at all; return the path.

    The arrays are ``POPULATION_sample``, ``_t`` and ``_i`` of the spikes, ``POPULATION_v`` [samples, steps, neurons] of readouts, and
    ``label`` and ``cycles`` of a chip that has them; ``more`` are others by name.
    """
    arrays = {f"{name}_{part}": a for name, trains in run.spikes.items() for part, a in zip(("sample", "t", "i"), trains)}
    arrays |= {f"{name}_v": v for name, v in run.readout.items()}
    arrays |= {name: a for name, a in (("label", run.label), ("cycles", run.cycles)) if a is not None}
    return write_npz(path, {**arrays, **more})
