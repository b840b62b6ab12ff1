"""Limits: constraints that compare a number which the network needs with what the chip has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.connections import depth
from brian2chip.core.spiking_network import SpikingNetwork


@dataclass(frozen=True)
class Limit:
    """A constraint that compares a number with what the chip has.

    Attributes
    ----------
    resource : str
        In the words of a sentence: ``"the network needs 300 neurons"``.
    available : int
    needed : callable
        ``(network, chip) -> int``.
    """

    resource: str
    available: int
    needed: Callable[[SpikingNetwork, Chip], int]

    def __call__(self, network: SpikingNetwork, chip: Chip) -> Iterator[str]:
        """Yield a sentence when the network needs more than there is."""
        if (n := self.needed(network, chip)) > self.available:
            yield f"the network needs {n} {self.resource}, {chip.name} has {self.available}; make it smaller."


def inputs(available: int) -> Limit:
    """Return the limit on input channels."""
    return Limit("input channels", available, lambda network, _: _inputs(network))


def neurons(available: int) -> Limit:
    """Return the limit on neurons; readouts count where the chip has no readouts of their own."""
    return Limit("neurons", available, lambda network, chip: _neurons(network) - (0 if chip.readout_leak is None else _answers(network)))


def outputs(available: int) -> Limit:
    """Return the limit on output neurons, which nothing follows."""
    return Limit("output neurons", available, lambda network, _: _answers(network))


def addresses(available: int) -> Limit:
    """Return the limit on addresses that inputs and neurons share; neurons whose spikes go nowhere reuse those of the inputs."""

    def needed(network: SpikingNetwork, _: Chip) -> int:
        total, channels = _neurons(network), _inputs(network)
        return total + channels if total > _answers(network) else max(total, channels)

    return Limit("addresses shared by inputs and neurons", available, needed)


def fan_in(available: int) -> Limit:
    """Return the limit on synapses onto one neuron."""

    def needed(network: SpikingNetwork, _: Chip) -> int:
        onto = {p.name: np.zeros(p.size, int) for p in network.populations}
        for c in network.projections:
            onto[c.target] += np.count_nonzero(c.weight, axis=0)
        return max((int(n.max()) for n in onto.values()), default=0)

    return Limit("synapses onto one neuron", available, needed)


def synapses(available: int) -> Limit:
    """Return the limit on synapses, of all projections together."""
    return Limit("synapses", available, lambda network, _: sum(int(np.count_nonzero(c.weight)) for c in network.projections))


def layers(available: int) -> Limit:
    """Return the limit on layers of neurons: the longest path of connections from an input, loops left out."""
    return Limit("layers of neurons", available, lambda network, _: depth(network))


def _inputs(network: SpikingNetwork) -> int:
    return sum(p.size for p in network.populations if p.kind == "input")


def _neurons(network: SpikingNetwork) -> int:
    return sum(p.size for p in network.populations if p.kind != "input")


def _answers(network: SpikingNetwork) -> int:
    sources = {c.source for c in network.projections}
    return sum(p.size for p in network.populations if p.kind != "input" and p.name not in sources)
