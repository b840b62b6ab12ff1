"""What a spiking network costs beside a rate network on the same processor, by the formula of Hunsberger's thesis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from brian2chip.errors import UserError

#: Operations of the rate network that take the energy of one synaptic event, and of one update of a neuron (published).
SYNAPTIC_EVENT, UPDATE = 0.08, 0.25


@dataclass(frozen=True)
class Efficiency:
    """What a network needs for one sample.

    Attributes
    ----------
    flops : float
        Of the rate network: two for each synapse, one for each unit.
    events_per_s, updates_per_s : float
        Synaptic events and neuron updates of the spiking network in a second.
    ratio : float
        The energy of the rate network over that of the spiking network; the first layer's input does not spike and counts for both.
    """

    flops: float
    events_per_s: float
    updates_per_s: float
    ratio: float


def efficiency(synapses: Sequence[float], neurons: Sequence[float], rates_hz: Sequence[float], t_p: float, dt: float = 1e-3) -> Efficiency:
    """Return the efficiency ``flops/(2 S_0 + (0.08 sum S_i R_i + 0.25/dt sum N_i) t_p)`` of a spiking network.

    Parameters
    ----------
    synapses : sequence of float [layers]
        Onto each layer with weights, the output last.
    neurons, rates_hz : sequence of float [layers - 1]
        Of the hidden layers, whose neurons spike: how many, and at what mean rate.
    t_p : float
        Until when a sample is shown, s.
    dt : float
        Step of the neurons, s.

    Raises
    ------
    UserError
        Where the numbers of layers disagree, and for what is negative.
    """
    if not len(synapses) - 1 == len(neurons) == len(rates_hz) > 0:
        raise UserError(
            f"{len(synapses)} layers of synapses were given with {len(neurons)} of neurons and {len(rates_hz)} rates; hidden layers are "
            "one fewer than those with synapses, each with its neurons and its rate."
        )
    if min(*synapses, *neurons, *rates_hz) < 0 or not (t_p > 0 and dt > 0):
        raise UserError("an efficiency needs numbers of synapses, neurons and rates that are not negative, and times that are positive.")
    flops = 2 * sum(synapses) + sum(neurons)
    events = sum(onto * rate for onto, rate in zip(synapses[1:], rates_hz))
    updates = sum(neurons) / dt
    return Efficiency(flops, events, updates, flops / (2 * synapses[0] + (SYNAPTIC_EVENT * events + UPDATE * updates) * t_p))
