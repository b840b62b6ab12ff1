"""Labelled spike samples: what a learning task is made of, and what a network or a chip is run on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError


@dataclass(frozen=True)
class Samples:
    """Input spikes of several samples, with a label or a target each.

    Attributes
    ----------
    sample, t, i : int arrays [events]
        Sample, step and input channel of each event, sorted by (sample, t).
    n_samples, n_steps, n_in : int
    label : int array [n_samples] or None
        Class of each sample (classification).
    target : float array [n_samples, n_steps, n_out] or None
        What the readout shall do (regression).
    mask : bool array [n_steps]
        Steps at which the target is valid: where errors are taken and learning signals exist.

    Raises
    ------
    UserError
        When shapes disagree, or events lie outside the samples.
    """

    sample: np.ndarray
    t: np.ndarray
    i: np.ndarray
    n_samples: int
    n_steps: int
    n_in: int
    mask: np.ndarray
    label: np.ndarray | None = None
    target: np.ndarray | None = None

    def __post_init__(self):
        if not len(self.sample) == len(self.t) == len(self.i):
            raise UserError(f"events need equally many sample, t and i; given were {len(self.sample)}, {len(self.t)} and {len(self.i)}.")
        for name, values, size in (("sample", self.sample, self.n_samples), ("t", self.t, self.n_steps), ("i", self.i, self.n_in)):
            if len(values) and (np.min(values) < 0 or np.max(values) >= size):
                raise UserError(f"{name} of the events goes from {np.min(values)} to {np.max(values)}; allowed is 0 to {size - 1}.")
        if np.shape(self.mask) != (self.n_steps,):
            raise UserError(f"the mask has shape {np.shape(self.mask)}; the samples have {self.n_steps} steps.")
        if (self.label is None) == (self.target is None):
            raise UserError("samples need either labels (classification) or targets (regression), not both and not neither.")
        if self.label is not None and np.shape(self.label) != (self.n_samples,):
            raise UserError(f"the labels have shape {np.shape(self.label)}; there are {self.n_samples} samples.")
        if self.target is not None and np.shape(self.target)[:2] != (self.n_samples, self.n_steps):
            raise UserError(f"the targets have shape {np.shape(self.target)}, not ({self.n_samples}, {self.n_steps}, outputs).")

    def __len__(self) -> int:
        return self.n_samples

    def dense(self) -> np.ndarray:
        """Return the events as bool [n_samples, n_steps, n_in]."""
        x = np.zeros((self.n_samples, self.n_steps, self.n_in), bool)
        x[self.sample, self.t, self.i] = True
        return x

    def take(self, which) -> Samples:
        """Return the samples at the given positions, in that order."""
        which = np.asarray(which, int)
        x = self.dense()[which]
        pick = {k: None if (v := getattr(self, k)) is None else np.asarray(v)[which] for k in ("label", "target")}
        return Samples.from_dense(x, self.mask, **pick)

    @staticmethod
    def join(parts: list[Samples]) -> Samples:
        """Return the samples of all parts, which share steps, inputs and mask."""
        first = np.cumsum([0] + [len(p) for p in parts[:-1]])
        sample = np.concatenate([p.sample + n for p, n in zip(parts, first)])
        t, i = (np.concatenate([getattr(p, name) for p in parts]) for name in ("t", "i"))
        pick = {k: None if getattr(parts[0], k) is None else np.concatenate([getattr(p, k) for p in parts]) for k in ("label", "target")}
        return Samples(sample, t, i, sum(map(len, parts)), parts[0].n_steps, parts[0].n_in, parts[0].mask, **pick)

    @staticmethod
    def from_dense(x: np.ndarray, mask: np.ndarray, label=None, target=None) -> Samples:
        """Return samples from bool [n_samples, n_steps, n_in]."""
        sample, t, i = np.nonzero(x)
        return Samples(sample, t, i, *x.shape, mask=np.asarray(mask, bool), label=label, target=target)
