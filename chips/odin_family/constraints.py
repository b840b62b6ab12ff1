"""What ODIN and tinyODIN ask of the shape of a network, beside their limits."""

from __future__ import annotations

from collections.abc import Iterator

from brian2chip.chips.chip import Chip
from brian2chip.core.spiking_network import SpikingNetwork


def one_leak_for_all(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """One time reference reaches all neurons, so they leak all or none."""
    if len({p.kind for p in network.populations if p.kind in ("if", "lif")}) > 1:
        yield f"the network mixes leaky and non-leaky neurons, {chip.name} sends one time reference to all; use one kind."


def input_spikes(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """There is an input population."""
    if not any(p.kind == "input" for p in network.populations):
        yield f"the network has no input population, {chip.name} runs on input spikes; add one."
