"""What the training of a layered network gives: its weights, its history, and the state with which it goes on."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import __version__
from brian2chip.core import html
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.npz import write_npz
from brian2chip.core.output import plain
from brian2chip.learning.layered.spec import LayeredSpec

FORMAT = "brian2chip.learning.layered_network/1"


@dataclass(frozen=True)
class LayeredTrained:
    """What a training gave.

    Attributes
    ----------
    task : LayeredTask
        With the settings that were used, and the learning rule itself.
    spec : LayeredSpec
    seed : int
    history : DataFrame
        One row an epoch: ``epoch``, ``update``, ``samples``, ``loss``, ``error`` (both of the training samples, as they were learned),
        ``test_loss``, ``test_error`` (NaN for regression), ``wall_s``, ``program_s``.
    state : dict of arrays
        ``"w0"``, ``"b0"`` ... the weights as [units, inputs] and the biases; what the optimiser keeps; the rule's fixed matrices.
    """

    task: LayeredTask
    spec: LayeredSpec
    seed: int
    history: pd.DataFrame
    state: Mapping[str, np.ndarray]

    @property
    def test_loss(self) -> float:
        """The loss on held-out samples after the last epoch."""
        return float(self.history["test_loss"].iloc[-1])

    @property
    def test_error(self) -> float:
        """The share of held-out samples that are answered wrongly after the last epoch; NaN for regression."""
        return float(self.history["test_error"].iloc[-1])

    def _repr_html_(self) -> str:
        error = "" if self.test_error != self.test_error else f", error {100 * self.test_error:.2f} %"
        return html.result("a trained layered network", self.history.tail(5), f"held out: loss {self.test_loss:.6g}{error}")

    def save(self, path: str | os.PathLike) -> Path:
        """Write weights, biases and fixed matrices to one ``.npz`` file, whole or not at all; return its path."""
        training = {**vars(self.task.training), "rule": self.spec.rule.name}
        head = {"format": FORMAT, "task": self.task.name, "seed": self.seed, "training": training, "package": f"brian2chip {__version__}"}
        head |= {"layers": [layer._asdict() for layer in self.spec.layers], "loss": self.spec.loss, "signal": self.spec.rule.signal}
        arrays = {name: np.asarray(value) for name, value in self.state.items() if "." not in name}
        return write_npz(path, {"head": np.array(json.dumps(plain(head))), **arrays})
