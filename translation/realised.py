"""Networks that differ in their numbers: gains folded into weights, and realised values put back in place of the requested ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from brian2chip.chips.quantised import QuantisedParameter
from brian2chip.core.spiking_network import SpikingNetwork

#: Parameters of a population whose realised value goes back into the network.
REALISED = ("v_threshold", "tau_m", "tau_syn", "bias", "refractory")


def folded(network: SpikingNetwork) -> SpikingNetwork:
    """Return the network with every population's gain multiplied into the weights onto it."""
    gain = {p.name: p.parameters["gain"] for p in network.populations if "gain" in p.parameters}
    if not gain:
        return network
    populations = tuple(replace(p, parameters={k: v for k, v in p.parameters.items() if k != "gain"}) for p in network.populations)
    projections = tuple(replace(c, weight=c.weight * gain[c.target]) if c.target in gain else c for c in network.projections)
    return replace(network, populations=populations, projections=projections)


def with_values(network: SpikingNetwork, parameters: Sequence[QuantisedParameter]) -> SpikingNetwork:
    """Return the network with the realised values in place of its own."""
    value = {(one.parameter, one.place): one.realised for one in parameters}
    populations = []
    for p in network.populations:
        changed = {name: value[name, p.name] for name in REALISED if (name, p.name) in value}
        populations.append(replace(p, parameters={**p.parameters, **changed}) if changed else p)
    projections = tuple(replace(c, weight=value.get(("weight", f"{c.source} -> {c.target}"), c.weight)) for c in network.projections)
    return replace(network, populations=tuple(populations), projections=projections)
