"""Samples in one checked ``.npz`` file, what the commands take as input and calibration; and what a network did with them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.core.files import shown
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.samples import LARGEST, Samples
from brian2chip.errors import UserError

ARRAYS = ("sample", "t", "i", "n_samples", "n_steps", "n_in")
OPTIONAL = ("mask", "label", "target")


def save_samples(samples: Samples, path: str | os.PathLike) -> Path:
    """Write samples, whole or not at all; return the path."""
    given = {name: getattr(samples, name) for name in ARRAYS + OPTIONAL}
    return write_npz(path, {name: np.asarray(value) for name, value in given.items() if value is not None})


def load_samples(path: str | os.PathLike) -> Samples:
    """Read samples; without mask every step counts, without label or target the label is 0.

    Raises
    ------
    UserError
        For a missing or damaged file, one without the arrays or with others, and numbers that are not of their kind or out of range.
    """
    arrays = read_arrays(path, "spike")
    if absent := [name for name in ARRAYS if name not in arrays]:
        raise UserError(f"{shown(path)} lacks {', '.join(absent)}; spikes are sorted arrays sample, t, i with n_samples, n_steps, n_in.")
    if strange := [name for name in arrays if name not in ARRAYS + OPTIONAL]:
        raise UserError(f"{shown(path)} holds {strange[0][:60]!r}, which spikes have not; allowed are {', '.join(ARRAYS + OPTIONAL)}.")
    try:
        sizes = {name: int(whole_numbers(arrays[name], name, "the file", low=1, high=LARGEST[name], shape=())) for name in LARGEST}
        arrays = {"mask": np.ones(sizes["n_steps"], bool), **arrays, **sizes}
        if "label" not in arrays and "target" not in arrays:
            arrays["label"] = np.zeros(sizes["n_samples"], int)
        return Samples(**arrays)
    except UserError as error:
        raise UserError(f"the spike file {shown(path)}: {error}") from None


def save_run(run: NetworkRun, path: str | os.PathLike, **more: np.ndarray) -> Path:
    """Write what a network did, whole or not at all; return the path.

    The arrays are ``POPULATION_sample``, ``_t`` and ``_i`` of the spikes, ``POPULATION_v`` [samples, steps, neurons] of readouts, and
    ``label`` and ``cycles`` of a chip that has them; ``more`` are others by name.
    """
    arrays = {f"{name}_{part}": a for name, trains in run.spikes.items() for part, a in zip(("sample", "t", "i"), trains)}
    arrays |= {f"{name}_v": v for name, v in run.readout.items()}
    arrays |= {name: a for name, a in (("label", run.label), ("cycles", run.cycles)) if a is not None}
    return write_npz(path, {**arrays, **more})
