"""What a training gives: the network, its history, and the state with which it goes on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import __version__
from brian2chip.core import html
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.resolve import resolve
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.substrate import Substrate
from brian2chip.core.task import Task

#: The weight matrices of a task's network, and the populations that each connects.
PROJECTIONS = {"w_in": ("input", "rec"), "w_rec": ("rec", "rec"), "w_out": ("rec", "out")}
#: What a network remembers of the learning rule that trained it.
RECORDED = ("name", "source", "model", "on_pre", "code", "at_sample_end", "runs_each", "updates_each", "file")


@dataclass(frozen=True)
class Trained:
    """What a training gave: a network with its history, which translation takes as it takes the network alone.

    Attributes
    ----------
    network : SpikingNetwork
    history : DataFrame
        One row an update: ``update``, ``samples``, ``loss``, ``error`` (classification), ``rate_hz``, ``wall_s``, ``program_s``.
    test_loss, test_error : float
        On held-out samples; the error is NaN for regression.
    state : dict of arrays
        Weights, broadcast weights and optimiser state.
    """

    network: SpikingNetwork
    history: pd.DataFrame
    test_loss: float
    test_error: float
    state: Mapping[str, np.ndarray]

    def _repr_html_(self) -> str:
        error = "" if self.test_error != self.test_error else f", error {100 * self.test_error:.2f} %"
        said = f"{len(self.history)} updates; held out: loss {self.test_loss:.6g}{error}"
        return html.result("a trained network", self.history.tail(5), said)

    def save(self, path: str | os.PathLike) -> Path:
        """Write the network to one ``.npz`` file, whole or not at all; return its path."""
        return self.network.save(path)


def as_network(task: Task, weights: Mapping[str, np.ndarray], seed: int) -> SpikingNetwork:
    """Return trained weights and the task's neurons as a network; task, seed and learning rule stand in its provenance."""
    n, c, rule = task.network, task.network.constants(task.dt), resolve(LearningRule, task.training.rule)
    held = None if task.training.substrate is None else resolve(Substrate, task.training.substrate)
    rec = {
        "tau_m": n.tau_m,
        "v_threshold": n.v_th,
        "reset": "subtract",
        "refractory": n.refractory,
        "gain": c["gain"],
    }
    rec |= {"tau_a": n.tau_a, "beta": c["beta"]} if n.n_alif else {}
    populations = (
        Population("input", "input", task.n_in),
        Population("rec", "alif" if n.n_alif else "lif", n.n_rec, rec),
        Population("out", "li", task.n_out, {"tau_m": n.tau_out, "gain": 1 - c["kappa"]}),
    )
    projections = (
        Projection("input", "rec", weights["w_in"], 0),
        Projection("rec", "rec", weights["w_rec"], 1),
        Projection("rec", "out", weights["w_out"], 0),
    )
    provenance = {
        "task": task.name,
        "seed": seed,
        "training": {**vars(task.training), "rule": rule.name, "substrate": None if held is None else held.described()},
        "learning_rule": {name: getattr(rule, name) for name in RECORDED},
        "package": f"brian2chip {__version__}",
        "brian2": version("brian2"),
    }
    return SpikingNetwork(populations, projections, task.dt, provenance, weights.get("B"))
