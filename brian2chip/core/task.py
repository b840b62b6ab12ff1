"""A learning task as data: its samples, and the network and the training that its publication uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core import array_tasks, html
from brian2chip.core.field_types import check_fields
from brian2chip.core.files import shown
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.recordings import data_files
from brian2chip.core.recordings.event_files import tonic_recordings
from brian2chip.core.recordings.pixels import Sensor
from brian2chip.core.resolve import resolve
from brian2chip.core.samples import Samples
from brian2chip.core.time_step import checked_step
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError, unknown

KINDS = ("classification", "regression")
#: What a user's data are learned with where she says nothing else.
NETWORK, TRAINING = NetworkConfig(n_lif=100), TrainingConfig(rule="eprop", broadcast="symmetric")


@dataclass(frozen=True)
class Task:
    """A learning task: samples, and the network and training that its publication uses.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    kind : {"classification", "regression"}
    n_in, n_out, n_steps : int
    dt : float
        Seconds of a step.
    mask : bool array [n_steps]
        Steps at which the target is valid.
    generate : callable
        ``generate(n, rng, *, split="train", data=None) -> Samples`` with ``split`` one of ``"train"``, ``"test"``; ``data`` is a
        directory for tasks that read recordings.
    network : NetworkConfig
    training : TrainingConfig
    expected : str
        What the publication reached and within which tolerance, in words.
    reference : callable or None
        ``reference(batch) -> (Samples, state)``: data and initial weights of the published losses of the first five updates.
    file : str or None
        The file that defines it, where that is a user's own.
    """

    name: str
    source: str
    kind: str
    n_in: int
    n_out: int
    n_steps: int
    dt: float
    mask: np.ndarray
    generate: Callable[..., Samples]
    network: NetworkConfig
    training: TrainingConfig
    expected: str = ""
    reference: Callable | None = None
    file: str | None = None

    _repr_html_ = html.definition

    @staticmethod
    def from_arrays(
        spikes: Any,
        labels: Any = None,
        *,
        dt: Any,
        targets: Any = None,
        mask: Any = None,
        n_steps: int | None = None,
        n_in: int | None = None,
        test: Any = None,
        held_out: float = 0.2,
        seed: int = 1,
        name: str = "arrays",
        source: str = "arrays of the user's",
        network: NetworkConfig | None = None,
        training: TrainingConfig | None = None,
    ) -> Task:
        """Return a task from arrays: part of the samples is held out for the test, training draws from the rest.

        Parameters
        ----------
        spikes : array [samples, steps, channels] of 0 and 1, sequence, tuple of three arrays, or Samples
            A sequence holds, for each sample and channel, the times of its spikes in seconds (or with a unit); three arrays of whole
            numbers are sample, step and channel of each spike.
        labels : int array [samples], optional
            Classes, counted from 0 (classification).
        dt : Quantity or float
            Step; a number is in seconds.
        targets : float array [samples, steps, outputs], optional
            What the readout shall do (regression); either these or labels.
        mask : bool array [steps], optional
            Steps at which label or target holds; all by default.
        n_steps, n_in : int, optional
            Length and channels of samples that are no table; by default up to the last spike, and the last channel or longest list.
        test : Samples, or (spikes, labels or targets), optional
            Samples to test on; without them a part is held out.
        held_out : float
            Share of the samples for the test, the same of every class.
        seed : int
            Of the split.
        name, source : str
            What the task is called, and where the data come from.
        network, training : NetworkConfig, TrainingConfig, optional
            By default 100 LIF neurons with a membrane of 20 ms, and e-prop at batches of 32.

        Raises
        ------
        UserError
            For shapes that disagree, labels that skip a class, times off the grid, and a share that leaves a side empty.
        """
        step = checked_step(dt)
        sizes = (array_tasks.check_size(n_steps, "n_steps"), array_tasks.check_size(n_in, "n_in"))
        samples = array_tasks.samples_from(spikes, labels, targets, mask, step, *sizes)
        apart = None if test is None else array_tasks.samples_to_test(test, samples, step)
        drawn = array_tasks.drawn_from(samples, apart, held_out, seed)
        return Task(name=name, source=source, dt=step, **drawn, network=network or NETWORK, training=training or TRAINING)

    @staticmethod
    def from_recordings(
        recordings: Any,
        *,
        dt: Any = 1e-3,
        duration: Any = None,
        sensor: tuple[int, int, int] | None = None,
        pool: int = 1,
        test: Any = None,
        held_out: float = 0.2,
        seed: int = 1,
        name: str = "recordings",
        network: NetworkConfig | None = None,
        training: TrainingConfig | None = None,
    ) -> Task:
        """Return a task from recordings in continuous time with a class each, such as a data set of tonic.

        Parameters
        ----------
        recordings, test : sequence of (events, label)
            Structured arrays with ``t`` (microseconds), ``x``, ``y`` and ``p``; labels are numbers or names.
        dt, duration : Quantity or float
            Step, and where samples end (by default with the last event); numbers are in seconds.
        sensor : (width, height, polarities), optional
            By default the ``sensor_size`` of the data set.
        pool : int
            Pixels per side, or neighbouring channels, that become one input.
        held_out, seed, name, network, training
            As in :meth:`from_arrays`.

        Raises
        ------
        UserError
            For what are no recordings, events beside the sensor, and what :meth:`from_arrays` refuses.
        """
        eye = Sensor.of(getattr(recordings, "sensor_size", None) if sensor is None else sensor, pool)
        train, apart = (None if given is None else tonic_recordings(given, eye) for given in (recordings, test))
        found = data_files.samples_of(train, apart, data_files.Binning(dt, duration))
        how = {"name": name, "source": train.what, "network": network, "training": training}
        return Task.from_arrays(found.train, dt=found.dt, test=found.test, held_out=held_out, seed=seed, **how)

    @staticmethod
    def from_file(
        path: str | os.PathLike,
        *,
        dt: Any = None,
        duration: Any = None,
        sensor: tuple[int, int, int] | None = None,
        pool: int = 1,
        test: str | os.PathLike | None = None,
        held_out: float = 0.2,
        seed: int = 1,
        name: str | None = None,
        network: NetworkConfig | None = None,
        training: TrainingConfig | None = None,
    ) -> Task:
        """Return a task from a file or folder, which is recognised by what is in it.

        Parameters
        ----------
        path, test : path
            Samples (``.npz``, see :mod:`brian2chip.core.sample_files`), HDF5 of SHD's form, or a folder of recordings: ``CLASS/*.bin`` as
            N-MNIST, ``CLASS/*.aedat``, or ``*.aedat`` with ``*_labels.csv`` beside; two folders Train and Test in it are what they say.
            Or Python (``.py``) that defines a task, which takes no settings here.
        dt, duration, sensor, pool, held_out, seed, name, network, training
            As in :meth:`from_recordings`; a file of samples is in steps and channels already, and may hold its ``dt``.

        Raises
        ------
        UserError
            For a file that is missing, damaged or none of these, and what :meth:`from_recordings` refuses.
        """
        if str(path).endswith(".py"):
            if any(given is not None for given in (dt, duration, sensor, test, name, network, training)) or (pool, held_out, seed) != (
                1,
                0.2,
                1,
            ):
                raise UserError(f"{shown(path)} defines a task with its settings; change them there, or with dataclasses.replace.")
            return resolve(Task, path)
        how = {"name": Path(path).stem if name is None else name, "network": network, "training": training, "source": str(path)}
        try:
            found = data_files.read_data(path, test, data_files.Binning(dt, duration, sensor, pool))
            if isinstance(found, data_files.Data):
                found = {"spikes": found.train, "test": found.test, "dt": found.dt}
            return Task.from_arrays(**found, held_out=held_out, seed=seed, **how)
        except UserError as error:
            if str(path) in str(error):
                raise
            raise UserError(f"{shown(path)}: {error}") from None

    def __post_init__(self):
        check_fields(self)
        if self.kind not in KINDS:
            raise unknown(f"kind of task, which task {self.name!r} has,", self.kind, KINDS)
        for name in ("n_in", "n_out", "n_steps", "dt"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise UserError(f"{name} of task {self.name!r} is {getattr(self, name)}; it must be positive.")
        if self.mask.shape != (self.n_steps,) or self.mask.dtype.kind not in "biu":
            raise UserError(f"the mask of task {self.name!r} has shape {self.mask.shape}; give {self.n_steps} truth values, one a step.")
