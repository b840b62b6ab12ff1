"""The random weights with which a layered network begins, and the fixed matrices of its rule."""

from __future__ import annotations

import math

import numpy as np

from brian2chip.learning.layered.program import fixed_shapes, weight_shapes
from brian2chip.learning.layered.spec import LayeredSpec


def initial_state(spec: LayeredSpec, seed: int, zero_weights: bool = False) -> dict[str, np.ndarray]:
    """Return weights, biases and fixed matrices for a seed, each drawn from a generator of its own: all rules start from the same.

    Weights and biases are uniform within 1/sqrt(fan-in), as PyTorch's layers are; fixed matrices within sqrt(6/fan-in), where the
    fan-in of a matrix to a hidden layer is the number of its units (the published code of Frenkel, Lefebvre, Bol 2021).

    Parameters
    ----------
    spec : LayeredSpec
    seed : int
    zero_weights : bool
        Whether fully connected weights, but not their biases, start at zero.
    """
    state = {}
    for n, (name, shape) in enumerate(weight_shapes(spec).items()):
        layer = spec.layers[n // 2]
        limit = 1 / math.sqrt(layer.weights[1])
        zero = zero_weights and name.startswith("w") and layer.image is None
        drawn = np.random.default_rng([seed, 10, n]).uniform(-limit, limit, shape)
        state[name] = np.zeros(shape) if zero else drawn
        if spec.grids:
            state[f"{name}.real"] = state[name] = spec.grids[n // 2].nearest(state[name])
            state[f"{name}.dice"] = np.random.default_rng([seed, 13, n]).random(shape)
    for name, shape in fixed_shapes(spec).items():
        rng = np.random.default_rng([seed, 11 if name.startswith("B_above") else 12, int(name.removeprefix("B_above").removeprefix("B"))])
        limit = math.sqrt(6 / shape[1])
        state[name] = rng.uniform(-limit, limit, shape)
    return state
