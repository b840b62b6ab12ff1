"""A learning task as data: its samples, and the network and the training that its publication uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from brian2chip.core import array_tasks, html
from brian2chip.core.field_types import check_fields
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.seed import checked_seed
from brian2chip.core.time_step import checked_step
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError, unknown

KINDS = ("classification", "regression")


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
        spikes : array [samples, steps, channels] of 0 and 1, or sequence, or Samples
            A sequence holds, for each sample and channel, the times of its spikes in seconds (or with a unit).
        labels : int array [samples], optional
            Classes, counted from 0 (classification).
        dt : Quantity or float
            Step; a number is in seconds.
        targets : float array [samples, steps, outputs], optional
            What the readout shall do (regression); either these or labels.
        mask : bool array [steps], optional
            Steps at which label or target holds; all by default.
        n_steps, n_in : int, optional
            Length and channels of samples that are given as times; by default up to the last spike and the longest list.
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
        n_out = array_tasks.check_labels(samples)
        rest, test = array_tasks.split(samples, held_out, checked_seed(seed))
        return Task(
            name=name,
            source=source,
            kind="regression" if samples.label is None else "classification",
            n_in=samples.n_in,
            n_out=n_out,
            n_steps=samples.n_steps,
            dt=step,
            mask=samples.mask,
            generate=partial(array_tasks.draw, samples, rest, test),
            network=network or NetworkConfig(n_lif=100),
            training=training or TrainingConfig(rule="eprop", broadcast="symmetric"),
        )

    def __post_init__(self):
        check_fields(self)
        if self.kind not in KINDS:
            raise unknown(f"kind of task, which task {self.name!r} has,", self.kind, KINDS)
        for name in ("n_in", "n_out", "n_steps", "dt"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise UserError(f"{name} of task {self.name!r} is {getattr(self, name)}; it must be positive.")
        if self.mask.shape != (self.n_steps,) or self.mask.dtype.kind not in "biu":
            raise UserError(f"the mask of task {self.name!r} has shape {self.mask.shape}; give {self.n_steps} truth values, one a step.")
