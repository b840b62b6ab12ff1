"""What training by equilibrium propagation gives: its weights and its history."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import __version__
from brian2chip.core import html
from brian2chip.core.equilibrium_rule import EquilibriumRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.npz import write_npz
from brian2chip.core.output import plain

FORMAT = "brian2chip.learning.equilibrium_network/1"


@dataclass(frozen=True)
class EquilibriumTrained:
    """What a training gave.

    Attributes
    ----------
    task : LayeredTask
    rule : EquilibriumRule
        With the settings that were used.
    seed : int
    history : DataFrame
        One row an epoch: ``epoch``, ``update``, ``samples``, ``loss`` (half the squared error of a sample), ``error`` (both of the
        training samples, as they were learned), ``test_loss``, ``test_error`` (NaN for regression), ``hidden_rate``, ``wall_s``.
    state : dict of arrays
        ``"w1"`` [units, units below], ``"b1"`` ... from below.
    """

    task: LayeredTask
    rule: EquilibriumRule
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
        title = f"a network trained by {self.rule.name}"
        return html.result(title, self.history.tail(5), f"held out: loss {self.test_loss:.6g}{error}")

    def save(self, path: str | os.PathLike) -> Path:
        """Write weights and biases to one ``.npz`` file, whole or not at all; return its path."""
        head = {"format": FORMAT, "task": self.task.name, "seed": self.seed, "rule": self.rule.name, "package": f"brian2chip {__version__}"}
        head |= {"network": asdict(self.rule.network), "training": asdict(self.rule.training), "hidden": list(self.rule.hidden)}
        return write_npz(path, {"head": np.array(json.dumps(plain(head))), **{name: np.asarray(v) for name, v in self.state.items()}})
