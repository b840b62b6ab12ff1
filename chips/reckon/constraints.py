"""What a network may ask of ReckOn beside what holds for every chip: its shape, and what all units of a kind share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.reckon.unit_assignment import parts
from brian2chip.core.spiking_network import SpikingNetwork, step_factor


def inputs_hidden_units_and_readout(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """There are inputs, spiking hidden units and one population of leaky readouts."""
    inputs, hidden, readouts = parts(network)
    if len(readouts) != 1 or not hidden or not inputs:
        has = f"{len(inputs)} input, {len(hidden)} spiking and {len(readouts)} readout populations"
        holds = "inputs, spiking hidden units and one population of leaky readouts ('li')"
        yield f"{chip.name} holds {holds}; the network has {has}; give it that shape."


def connections(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Inputs reach hidden units, which reach one another and the readout."""
    inputs, hidden, readouts = parts(network)
    allowed = {(p.name, q.name) for p in inputs + hidden for q in hidden} | {(p.name, q.name) for p in hidden for q in readouts}
    for c in network.projections:
        if (c.source, c.target) not in allowed:
            ends = f"{c.source!r} -> {c.target!r}"
            yield f"{chip.name} has no synapses {ends}; connect inputs to hidden, hidden to hidden and hidden to readout."


def one_reset(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """All hidden units reset in the same way."""
    _, hidden, _ = parts(network)
    if len({p.parameters.get("reset", "subtract") for p in hidden}) > 1:
        yield f"the hidden populations reset differently, {chip.name} has one reset mode for all; train them with one."


def one_readout_leak(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """All readouts have one time constant."""
    _, _, readouts = parts(network)
    if readouts and np.ptp(np.asarray(readouts[0].parameters["tau_m"], float)) > 0:
        yield f"the readouts have several time constants, {chip.name} has one for all; train them with one."


def readout_with_memory(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Readouts keep something from one step to the next, since the chip leaks them before it shows them."""
    _, _, readouts = parts(network)
    f = chip.field(chip.readout_leak.field)
    for p in readouts:
        if np.any(step_factor(p, network.dt) < f.scale / 2):
            yield (
                f"the readout {p.name!r} keeps nothing from one step to the next (as a linear layer at the end), {chip.name} shows it "
                "after its leak, as 0; give it a time constant of at least a quarter of a step."
            )
