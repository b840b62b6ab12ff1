"""Labelled samples that do not change in time: images and other vectors, for layered networks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.checked_arrays import real_numbers, whole_numbers
from brian2chip.errors import UserError


@dataclass(frozen=True)
class StaticSamples:
    """Vectors with a class or a target each.

    Attributes
    ----------
    x : float array [samples, n_in]
    label : int array [samples] or None
        Class of each sample (classification).
    target : float array [samples, n_out] or None
        What the output shall be (regression).

    Raises
    ------
    UserError
        When shapes disagree, or a number is not of the kind that it must be.
    """

    x: np.ndarray
    label: np.ndarray | None = None
    target: np.ndarray | None = None

    def __post_init__(self):
        if (self.label is None) == (self.target is None):
            raise UserError("samples need either labels (classification) or targets (regression), not both and not neither.")
        x = real_numbers(self.x, "x", "the samples", shape=(None, None))
        object.__setattr__(self, "x", x)
        if self.label is not None:
            object.__setattr__(self, "label", whole_numbers(self.label, "label", "the samples", low=0, shape=(len(x),)))
        else:
            object.__setattr__(self, "target", real_numbers(self.target, "target", "the samples", shape=(len(x), None)))

    def __len__(self) -> int:
        return len(self.x)

    def take(self, which: np.ndarray) -> StaticSamples:
        """Return the samples at the given positions, in that order."""
        pick = {name: None if (v := getattr(self, name)) is None else v[which] for name in ("label", "target")}
        return StaticSamples(self.x[which], **pick)

    def wanted(self, n_out: int) -> np.ndarray:
        """Return the targets as float [samples, n_out]; a class is a one among zeros.

        Raises
        ------
        UserError
            For a label outside the classes, or targets of another width.
        """
        if self.target is not None:
            if self.target.shape[1] != n_out:
                raise UserError(f"the targets have {self.target.shape[1]} outputs; the network has {n_out}.")
            return self.target
        if len(self) and self.label.max() >= n_out:
            raise UserError(f"a label is {self.label.max()}; with {n_out} classes labels go from 0 to {n_out - 1}.")
        return np.eye(n_out)[self.label]
