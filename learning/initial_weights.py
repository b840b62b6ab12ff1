"""Weights at the start of a training: drawn from a seed, or those of a trained network."""

from __future__ import annotations

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.learning.trained import PROJECTIONS


def random_weights(n_in: int, network: NetworkConfig, n_out: int, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return initial weights as the published code draws them: normal with variance over the fan-in, broadcast weights standard normal."""
    n = network.n_rec
    w_rec = network.std_rec * rng.standard_normal((n, n)) / np.sqrt(n)
    np.fill_diagonal(w_rec, 0)
    return {
        "w_in": network.std_in * rng.standard_normal((n_in, n)) / np.sqrt(n_in),
        "w_rec": w_rec,
        "w_out": network.std_out * rng.standard_normal((n, n_out)) / np.sqrt(n),
        "B": rng.standard_normal((n, n_out)),
    }


def initial_weights(task: Task, seed: int, start: SpikingNetwork | None = None) -> dict[str, np.ndarray]:
    """Return the initial weights of a seed, or those of a trained network; symmetric broadcast starts from the readout's weights.

    A network that holds the broadcast weights that it was trained with goes on with them.
    """
    weights = random_weights(task.n_in, task.network, task.n_out, np.random.default_rng([seed, 0]))
    for name, ends in PROJECTIONS.items() if start is not None else ():
        found = next((c.weight for c in start.projections if (c.source, c.target) == ends), None)
        if np.shape(found) != weights[name].shape:
            given = "none" if found is None else f"those of shape {np.shape(found)}"
            raise UserError(
                f"task {task.name!r} needs weights {ends[0]!r} -> {ends[1]!r} of shape {weights[name].shape}, the network to start from "
                f"has {given}; give one that was trained on this task."
            )
        weights[name] = np.array(found, float)
    if start is not None and start.broadcast is not None:
        weights["B"] = np.array(start.broadcast, float)
    return {**weights, "B": weights["w_out"].copy()} if task.training.broadcast == "symmetric" else weights
