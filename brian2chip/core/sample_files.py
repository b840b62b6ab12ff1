"""Samples in one checked ``.npz`` file: events with their sizes, or tables of spikes as a user saves them."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import real_numbers, whole_numbers
from brian2chip.core.files import shown
from brian2chip.core.npz import read_arrays, write_npz
from brian2chip.core.samples import LARGEST, Samples
from brian2chip.errors import UserError

ARRAYS = ("sample", "t", "i", "n_samples", "n_steps", "n_in")
OPTIONAL = ("mask", "label", "target")
#: Bytes that the arrays of a user's file may take in memory.
LARGEST_FILE = 1 << 30
#: What a user saves: ``np.savez("mine.npz", spikes=spikes, labels=labels, dt=1e-3)``.
SPIKES, BESIDE = "spikes", ("labels", "targets", "mask", "dt")


def save_samples(samples: Samples, path: str | os.PathLike):
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
    return _samples(read_arrays(path, "spike"), path)


def load_arrays(path: str | os.PathLike) -> dict[str, Any]:
    """Return what :meth:`~brian2chip.core.task.Task.from_arrays` takes from a ``.npz`` file: samples, or ``spikes`` with labels or targets.

    Raises
    ------
    UserError
        As :func:`load_samples`.
    """
    arrays = read_arrays(path, "spike", largest=LARGEST_FILE)
    if SPIKES not in arrays:
        samples = _samples(arrays, path)
        if samples.label is not None and "label" not in arrays:
            raise UserError(f"{shown(path)} holds samples without label and target; a task needs one of them.")
        return {"spikes": samples}
    if strange := [name for name in arrays if name not in (SPIKES, *BESIDE)]:
        raise UserError(f"{shown(path)} holds {strange[0][:60]!r} beside spikes; allowed are {', '.join(BESIDE)}.")
    if "dt" in arrays:
        arrays["dt"] = float(real_numbers(arrays["dt"], "dt", shown(path), shape=()))
    return arrays


def _samples(arrays: dict[str, np.ndarray], path: str | os.PathLike) -> Samples:
    if absent := [name for name in ARRAYS if name not in arrays]:
        raise UserError(f"{shown(path)} lacks {', '.join(absent)}; spikes are sorted arrays sample, t, i with n_samples, n_steps, n_in.")
    if strange := [name for name in arrays if name not in ARRAYS + OPTIONAL]:
        raise UserError(f"{shown(path)} holds {strange[0][:60]!r}, which spikes have not; allowed are {', '.join(ARRAYS + OPTIONAL)}.")
    try:
        sizes = {name: int(whole_numbers(arrays[name], name, "the file", low=1, high=LARGEST[name], shape=())) for name in LARGEST}
        given = {"mask": np.ones(sizes["n_steps"], bool), **arrays, **sizes}
        if "label" not in given and "target" not in given:
            given["label"] = np.zeros(sizes["n_samples"], int)
        return Samples(**given)
    except UserError as error:
        raise UserError(f"the spike file {shown(path)}: {error}") from None
