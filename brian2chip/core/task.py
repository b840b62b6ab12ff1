"""A learning task as data: its samples, and the network and the training that its publication uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
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

    def __post_init__(self):
        check_fields(self)
        if self.kind not in KINDS:
            raise unknown(f"kind of task, which task {self.name!r} has,", self.kind, KINDS)
        for name in ("n_in", "n_out", "n_steps", "dt"):
            if not (np.isfinite(getattr(self, name)) and getattr(self, name) > 0):
                raise UserError(f"{name} of task {self.name!r} is {getattr(self, name)}; it must be positive.")
        if self.mask.shape != (self.n_steps,) or self.mask.dtype.kind not in "biu":
            raise UserError(f"the mask of task {self.name!r} has shape {self.mask.shape}; give {self.n_steps} truth values, one a step.")
