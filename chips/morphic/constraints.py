"""What MorphIC asks of a network beside what every chip asks."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.morphic.fields import CORES, NEURONS, ROWS
from brian2chip.chips.morphic.layout import layout, two_values
from brian2chip.core.spiking_network import SpikingNetwork


def binary_weights(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """The weights onto a population take two values, 0 and a positive one, or one with both signs."""
    for p in network.populations:
        if p.kind != "input" and two_values(network, p.name) is None:
            n = len(np.unique(np.concatenate([np.unique(c.weight) for c in network.projections if c.target == p.name])))
            yield (
                f"the weights onto {p.name!r} take {n} values, a synapse of {chip.name} is one bit (0 and a positive weight, or one weight "
                "with both signs and none of 0); train on the grid of 1 bit (train with bits=1, --bits 1)."
            )


def four_cores(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """The populations fit into the cores, and what they receive onto the rows."""
    found = layout(network)
    if found.cores > CORES:
        yield (
            f"the network needs {found.cores} cores of {NEURONS} neurons, {chip.name} has {CORES} (populations with weights of both signs "
            "share none); make it smaller."
        )
    elif short := sum(int(np.count_nonzero(row < 0)) for row in found.row.values()):
        yield f"{short} of the inputs and neurons find no free row, a core of {chip.name} has {ROWS}; make the network smaller."


def input_spikes(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """There is an input population."""
    if not any(p.kind == "input" for p in network.populations):
        yield f"the network has no input population, {chip.name} runs on input spikes; add one."
