"""Labelled spike samples: what a learning task is made of, and what a network or a chip is run on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from brian2chip.core import html
from brian2chip.core.checked_arrays import is_whole, real_numbers, truth_values, whole_numbers
from brian2chip.errors import UserError

#: Largest sizes of samples, and largest table of all their events in bytes.
LARGEST = {"n_samples": 1 << 26, "n_steps": 1 << 26, "n_in": 1 << 24}
LARGEST_DENSE = 1 << 33


@dataclass(frozen=True)
class Samples:
    """Input spikes of several samples, with a label or a target each.

    Attributes
    ----------
    sample, t, i : int arrays [events]
        Sample, step and input channel of each event; they are sorted by (sample, t) when they are not.
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
        When shapes disagree, events lie outside the samples, or a number is not of the kind that it must be.
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
        sizes = {name: getattr(self, name) for name in LARGEST}
        for name, size in sizes.items():
            low = 0 if name == "n_samples" else 1
            if not is_whole(size) or not low <= size <= LARGEST[name]:
                raise UserError(f"{name} of the samples is {size!r:.40}; it must be a whole number from {low} to {LARGEST[name]}.")
        events = {
            name: whole_numbers(getattr(self, name), name, "the events", low=0, high=sizes[size] - 1, shape=(None,))
            for name, size in (("sample", "n_samples"), ("t", "n_steps"), ("i", "n_in"))
        }
        if len({len(values) for values in events.values()}) > 1:
            given = ", ".join(str(len(values)) for values in events.values())
            raise UserError(f"events need equally many sample, t and i; given were {given}.")
        if not _sorted(events):
            order = np.lexsort((events["i"], events["t"], events["sample"]))
            events = {name: values[order] for name, values in events.items()}
        for name, values in {**events, **self._expected()}.items():
            object.__setattr__(self, name, values)  # checked, as arrays of one type, whatever they were given as

    def _expected(self) -> dict[str, np.ndarray | None]:
        """Return mask, labels and targets, checked."""
        where = "the samples"
        mask = truth_values(self.mask, "mask", where, shape=(self.n_steps,))
        if (self.label is None) == (self.target is None):
            raise UserError("samples need either labels (classification) or targets (regression), not both and not neither.")
        if self.label is not None:
            return {"mask": mask, "label": whole_numbers(self.label, "label", where, low=0, shape=(self.n_samples,))}
        return {"mask": mask, "target": real_numbers(self.target, "target", where, shape=(self.n_samples, self.n_steps, None))}

    def __len__(self) -> int:
        return self.n_samples

    def _repr_html_(self) -> str:
        counts = {"samples": len(self), "steps": self.n_steps, "channels": self.n_in, "spikes": len(self.t)}
        sizes = {**counts, "steps that count": int(np.sum(self.mask))}
        if self.label is None:
            return html.result("samples", pd.DataFrame([{**sizes, "targets": self.target.shape[2]}]))
        classes = np.bincount(self.label)
        said = ", ".join(f"{n} of class {k}" for k, n in enumerate(classes[:20]) if n) + (", ..." if len(classes) > 20 else "")
        return html.result("samples", pd.DataFrame([sizes]), said)

    def dense(self) -> np.ndarray:
        """Return the events as bool [n_samples, n_steps, n_in].

        Raises
        ------
        UserError
            When that would take more than :data:`LARGEST_DENSE` bytes.
        """
        if (size := self.n_samples * self.n_steps * self.n_in) > LARGEST_DENSE:
            raise UserError(f"{len(self)} samples as one table would take {size / 2**30:.1f} GiB; take fewer at a time.")
        x = np.zeros((self.n_samples, self.n_steps, self.n_in), bool)
        x[self.sample, self.t, self.i] = True
        return x

    def take(self, which) -> Samples:
        """Return the samples at the given positions, in that order."""
        which = np.arange(self.n_samples)[np.asarray(which, int)]  # numbers below 0 count from the end
        first, end = (np.searchsorted(self.sample, which, side) for side in ("left", "right"))
        n = end - first
        at = np.arange(n.sum()) + np.repeat(first - (np.cumsum(n) - n), n)  # the events of each, one after another
        place = (np.repeat(np.arange(len(which)), n) * self.n_steps + self.t[at]) * self.n_in + self.i[at]
        step, i = np.divmod(distinct(place), self.n_in)
        pick = {k: None if (v := getattr(self, k)) is None else v[which] for k in ("label", "target")}
        return Samples(*np.divmod(step, self.n_steps), i, len(which), self.n_steps, self.n_in, self.mask, **pick)

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
        x = truth_values(x, "x", "the samples", shape=(None, None, None))
        return Samples(*np.nonzero(x), *x.shape, mask=mask, label=label, target=target)


def distinct(values: np.ndarray) -> np.ndarray:
    """Return the values in order, each once; NumPy's own ``unique`` has been many times as slow for whole numbers since version 2.3."""
    values = np.sort(values)
    return values[np.diff(values, prepend=values[:1] - 1) != 0]


def _sorted(events: dict[str, np.ndarray]) -> bool:
    """Return whether events are in the order of their sample, and within it of their step."""
    sample, t = np.diff(events["sample"]), np.diff(events["t"])
    return not np.any((sample < 0) | ((sample == 0) & (t < 0)))
