"""What Loihi asks of a network beside what every chip asks."""

from __future__ import annotations

from collections.abc import Iterator

from brian2chip.chips.chip import Chip
from brian2chip.chips.cuba_family.arrival import latencies, waits
from brian2chip.core.spiking_network import SpikingNetwork


def input_spikes(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """There is an input population."""
    if not any(p.kind == "input" for p in network.populations):
        yield f"the network has no input population, {chip.name} runs on input spikes; add one."


def longest_wait(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Spikes wait no longer than the field of delays can hold."""
    most = chip.role("delay").maximum
    for c, steps in zip(network.projections, waits(network, latencies(network))):
        if steps > most >= c.delay_steps:
            yield (
                f"spikes {c.source!r} -> {c.target!r} must wait {steps} steps for those that take a longer way, {chip.name} has at most "
                f"{most}; shorten the delay."
            )
