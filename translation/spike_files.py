"""Samples in one checked ``.npz`` file, what the commands take as input and calibration; and what a network did with them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np

from brian2chip.core.network_run import NetworkRun
from brian2chip.core.npz import write_npz
from brian2chip.core.samples import Samples
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
        For a missing or damaged file, or one without the arrays.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
    except FileNotFoundError:
        raise UserError(f"there is no file of spikes {str(path)!r}.") from None
    except (OSError, ValueError, zipfile.BadZipFile, EOFError):
        raise UserError(f"{str(path)!r} is not a readable .npz file of spikes; make it again.") from None
    if absent := [name for name in ARRAYS if name not in arrays]:
        raise UserError(f"{str(path)!r} lacks {', '.join(absent)}; spikes are sorted arrays sample, t, i with n_samples, n_steps, n_in.")
    sizes = {name: int(arrays[name]) for name in ("n_samples", "n_steps", "n_in")}
    mask = arrays.get("mask", np.ones(sizes["n_steps"], bool)).astype(bool)
    label, target = arrays.get("label"), arrays.get("target")
    if label is None and target is None:
        label = np.zeros(sizes["n_samples"], int)
    order = np.lexsort((arrays["i"], arrays["t"], arrays["sample"]))
    events = (arrays[name][order].astype(np.int64) for name in ("sample", "t", "i"))
    return Samples(*events, **sizes, mask=mask, label=label, target=target)


def save_run(run: NetworkRun, path: str | os.PathLike, **more: np.ndarray) -> Path:
    """Write what a network did, whole or not at all; return the path.

    The arrays are ``POPULATION_sample``, ``_t`` and ``_i`` of the spikes, ``POPULATION_v`` [samples, steps, neurons] of readouts, and
    ``label`` and ``cycles`` of a chip that has them; ``more`` are others by name.
    """
    arrays = {f"{name}_{part}": a for name, trains in run.spikes.items() for part, a in zip(("sample", "t", "i"), trains)}
    arrays |= {f"{name}_v": v for name, v in run.readout.items()}
    arrays |= {name: a for name, a in (("label", run.label), ("cycles", run.cycles)) if a is not None}
    return write_npz(path, {**arrays, **more})
