"""Input events of ODIN and tinyODIN in the order in which they are sent, with the sample and step of each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError


@dataclass(frozen=True)
class Play:
    """What is sent to the chip, checked when made.

    Attributes
    ----------
    events : int32 [n, 2]
        Input addresses and "wait until idle" flags.
    sample, step : int array [n]
        Where each belongs; samples ascend, and step is -1 between samples.
    n_samples : int
    label : int array [n_samples] or None
    counted : bool array [steps] or None
        Steps whose output spikes count for the answer; all without it.
    channels : int or None
        Inputs of the network.
    """

    events: np.ndarray
    sample: np.ndarray
    step: np.ndarray
    n_samples: int
    label: np.ndarray | None = None
    counted: np.ndarray | None = None
    channels: int | None = None

    def __post_init__(self):
        n, sample = len(self.events), np.asarray(self.sample)
        if not len(sample) == len(self.step) == n:
            raise UserError(f"there are {n} input events, {len(sample)} samples and {len(self.step)} steps of them; give one for each.")
        if n and (np.any(np.diff(sample) < 0) or not np.array_equal(np.unique(sample), np.arange(self.n_samples))):
            raise UserError(f"the samples of the input events must ascend from 0 to {self.n_samples - 1}, each with an event.")
        if self.label is not None and len(self.label) != self.n_samples:
            raise UserError(f"there are {self.n_samples} samples and {len(self.label)} labels; give one for each.")

    @property
    def counts(self) -> np.ndarray:
        """Whether output spikes of each event count for the answer, bool [n]."""
        step = np.asarray(self.step)
        return step >= 0 if self.counted is None else (step >= 0) & np.asarray(self.counted, bool)[np.maximum(step, 0)]
