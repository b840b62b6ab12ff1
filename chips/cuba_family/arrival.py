"""When spikes arrive: a neuron's one step after it fired, an input's in its own step, each later by what a projection is delayed."""

from __future__ import annotations

from brian2chip.chips.connections import closing_a_loop
from brian2chip.core.spiking_network import Projection, SpikingNetwork


def latencies(network: SpikingNetwork) -> dict[str, int]:
    """Return how many steps later than in the network each population acts on the chip.

    They are the least with which no projection comes too late, except those that close a loop; negative where input spikes of the network
    take a step or more, which the chip does not need.
    """
    loops = set(closing_a_loop(network))
    forward = [c for c in network.projections if (c.source, c.target) not in loops]
    found = {p.name: 0 for p in network.populations}
    for _ in network.populations:  # a path has no more steps than there are populations
        into = {p.name: [] for p in network.populations}
        for c in forward:
            into[c.target].append(_arrives(c, network, found) - c.delay_steps)
        found = {name: max(steps, default=0) for name, steps in into.items()}
    return found


def waits(network: SpikingNetwork, latency: dict[str, int]) -> list[int]:
    """Return the steps that the spikes of each projection must wait on the chip; below 0 they come that many steps too late."""
    return [c.delay_steps + latency[c.target] - _arrives(c, network, latency) for c in network.projections]


def _arrives(c: Projection, network: SpikingNetwork, latency: dict[str, int]) -> int:
    """Return the step of the chip in which a spike of step 0 of the network arrives, if it does not wait."""
    return 0 if network.population(c.source).kind == "input" else 1 + latency[c.source]


def arrival_notes(network: SpikingNetwork, wanted: list[int], given: list[int], chip: str) -> list[str]:
    """Return a sentence for each projection whose spikes do not wait as many steps as they must."""
    found = []
    for c, steps, chosen in zip(network.projections, wanted, given):
        if chosen != steps:
            when = "later" if chosen > steps else "earlier"
            found.append(f"spikes {c.source!r} -> {c.target!r} act {abs(chosen - steps)} step(s) {when} on {chip} than in the network.")
    return found
