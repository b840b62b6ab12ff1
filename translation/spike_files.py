"""Samples in one checked ``.npz`` file, what the commands take as input and calibration; and what a network did with them."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from brian2chip.core.network_run import NetworkRun
from brian2chip.core.npz import write_npz
from brian2chip.core.sample_files import load_samples, save_samples

__all__ = ["load_samples", "save_run", "save_samples"]


def save_run(run: NetworkRun, path: str | os.PathLike, **more: np.ndarray) -> Path:
    """Write what a network did, whole or not at all; return the path.

    The arrays are ``POPULATION_sample``, ``_t`` and ``_i`` of the spikes, ``POPULATION_v`` [samples, steps, neurons] of readouts, and
    ``label`` and ``cycles`` of a chip that has them; ``more`` are others by name.
    """
    arrays = {f"{name}_{part}": a for name, trains in run.spikes.items() for part, a in zip(("sample", "t", "i"), trains)}
    arrays |= {f"{name}_v": v for name, v in run.readout.items()}
    arrays |= {name: a for name, a in (("label", run.label), ("cycles", run.cycles)) if a is not None}
    return write_npz(path, {**arrays, **more})
