"""What Xylo asks of a network beside what every chip asks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from brian2chip.chips.chip import Chip, Constraint
from brian2chip.chips.limits import Limit, inputs
from brian2chip.chips.xylo.fields import Sizes
from brian2chip.chips.xylo.parts import matrix, parts
from brian2chip.core.spiking_network import SpikingNetwork


def input_to_hidden_to_outputs(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """There are inputs and hidden neurons that they reach."""
    found = parts(network)
    if not found.inputs or not found.hidden:
        yield f"the network has no inputs that reach neurons, {chip.name} runs on input spikes; add them."


def limits_of(sizes: Sizes) -> tuple[Constraint, ...]:
    """Return the constraints of a chip of these sizes."""
    return (
        inputs(sizes.inputs),
        Limit("hidden neurons", sizes.hidden, lambda network, _: sum(p.size for p in parts(network).hidden)),
        Limit("output neurons", sizes.outputs, lambda network, _: sum(p.size for p in parts(network).outputs)),
        Limit("synapses from one hidden neuron to hidden ones", sizes.fan_out, lambda network, _: int(_recurrent(network).max(initial=0))),
        Limit("synapses between hidden neurons", sizes.mean_fan_out * sizes.hidden, lambda network, _: int(_recurrent(network).sum())),
        Limit("hidden neurons that inputs reach", sizes.from_inputs, lambda network, _: _connected(network, "inputs", "hidden", 0)),
        Limit("hidden neurons that reach outputs", sizes.to_outputs, lambda network, _: _connected(network, "hidden", "outputs", 1)),
        input_to_hidden_to_outputs,
    )


def _recurrent(network: SpikingNetwork) -> np.ndarray:
    """Return how many synapses onto hidden neurons each hidden neuron has."""
    hidden = parts(network).hidden
    return np.count_nonzero(matrix(network, hidden, hidden), axis=1)


def _connected(network: SpikingNetwork, sources: str, targets: str, axis: int) -> int:
    """Return how many columns (axis 0) or rows (axis 1) of a matrix hold synapses."""
    found = parts(network)
    return int(np.count_nonzero(np.any(matrix(network, getattr(found, sources), getattr(found, targets)) != 0, axis=axis)))
