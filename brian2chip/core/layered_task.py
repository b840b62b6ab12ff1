"""A learning task for layered networks as data: its samples, and the network and training that its publication uses."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from brian2chip.core import html, layered_arrays
from brian2chip.core.field_types import check_fields
from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError, unknown

KINDS = ("classification", "regression")
#: What a user's data with targets are learned with where she says nothing else; with labels it is LayeredConfig().
REGRESSION = LayeredConfig(output="linear", loss="mean_squared_error")


@dataclass(frozen=True)
class LayeredTask:
    """A learning task of samples that do not change in time.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    kind : {"classification", "regression"}
    n_in, n_out : int
    load : callable
        ``load(data=None) -> {"train": StaticSamples, "test": StaticSamples}``, the same at every call; ``data`` is a directory for
        tasks that read files. A set called ``"validation"`` may stand beside them, for choosing settings.
    image : tuple of int or None
        Channels, rows and columns where the samples are images, whose pixels go from 0 to 1.
    network : LayeredConfig
    training : LayeredTraining
    expected : str
        What the publication reached and within which tolerance, in words.
    file : str or None
        The file that defines it, where that is a user's own.
    """

    name: str
    source: str
    kind: str
    n_in: int
    n_out: int
    load: Callable[..., dict[str, StaticSamples]]
    image: tuple[int, ...] | None = None
    network: LayeredConfig = LayeredConfig()
    training: LayeredTraining = LayeredTraining()
    expected: str = ""
    file: str | None = None

    _repr_html_ = html.definition

    @staticmethod
    def from_arrays(
        x: Any,
        labels: Any = None,
        *,
        targets: Any = None,
        test: Any = None,
        held_out: float = 0.2,
        seed: int = 1,
        name: str = "arrays",
        source: str = "arrays of the user's",
        image: tuple[int, int, int] | None = None,
        network: LayeredConfig | None = None,
        training: LayeredTraining | None = None,
    ) -> LayeredTask:
        """Return a task from arrays; part of the samples is held out for the test, unless those to test on are given.

        Parameters
        ----------
        x : float array [samples, inputs], or StaticSamples
            An array of more axes, such as images, becomes one vector for each sample.
        labels : int array [samples], optional
            Classes, counted from 0 (classification).
        targets : float array [samples, outputs] or [samples], optional
            What the output shall be (regression); either these or labels.
        test : StaticSamples, or (x, labels or targets), optional
            Samples to test on; without them a part is held out.
        held_out : float
            Share of the samples for the test, the same of every class.
        seed : int
            Of the split.
        name, source : str
            What the task is called, and where the data come from.
        image : tuple of int, optional
            Channels, rows and columns of samples whose pixels go from 0 to 1; a convolution needs it.
        network, training : LayeredConfig, LayeredTraining, optional
            By default 100 hidden units, with a linear output and the mean squared error for targets; DRTP with Adam at a rate of 0.001 in
            batches of 20 over 60 epochs.

        Raises
        ------
        UserError
            For shapes that disagree, labels that skip a class, and a share that leaves a side empty.
        """
        found = layered_arrays.fields_from(x, labels, targets, test, held_out, seed)
        network = network or (LayeredConfig() if found["kind"] == "classification" else REGRESSION)
        return LayeredTask(name=name, source=source, **found, image=image, network=network, training=training or LayeredTraining())

    def __post_init__(self):
        check_fields(self)
        if self.kind not in KINDS:
            raise unknown(f"kind of task, which task {self.name!r} has,", self.kind, KINDS)
        if self.image is not None and (len(self.image) != 3 or self.image[0] * self.image[1] * self.image[2] != self.n_in):
            raise UserError(
                f"the image of task {self.name!r} was given as {self.image}; give channels, rows and columns of {self.n_in} inputs."
            )

    def samples(self, data: str | os.PathLike | None = None) -> dict[str, StaticSamples]:
        """Return the sets of samples by name, checked.

        Raises
        ------
        UserError
            For a function ``load`` that gives no such sets, samples of another size, pixels that are not from 0 to 1, and labels outside
            the classes.
        """
        sets = layered_arrays.loaded(self.name, self.load, data)
        for name, samples in sets.items():
            if samples.x.shape[1] != self.n_in:
                raise UserError(f"samples of task {self.name!r} have {samples.x.shape[1]} inputs; it needs {self.n_in}.")
            low, high = (samples.x.min(), samples.x.max()) if len(samples) else (0, 0)
            if self.image is not None and not (0 <= low and high <= 1):
                raise UserError(
                    f"pixels of the {name} set of task {self.name!r} go from {low:g} to {high:g}; divide them by their largest possible "
                    "value, so that they go from 0 to 1."
                )
            samples.wanted(self.n_out)
        return sets
