"""Make a network fit a chip whose sign belongs to the presynaptic neuron: a pair in place of a neuron of mixed sign."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.chips.connections import mixed_rows


def split_signs(network: SpikingNetwork) -> tuple[SpikingNetwork, dict[str, np.ndarray]]:
    """Return a network of equal behaviour in which every neuron excites only or inhibits only, and where each neuron comes from.

    A neuron of mixed sign keeps its positive weights; a copy with the same input, at the end of its population, has the negative ones.

    Returns
    -------
    network : SpikingNetwork
    origin : dict of population to int array
        Index in the given network of every neuron of the returned one.
    """
    mixed = {p.name: np.flatnonzero(mixed_rows(network, p.name)) for p in network.populations}
    origin = {p.name: np.concatenate([np.arange(p.size), mixed[p.name]]) for p in network.populations}
    populations = []
    for p in network.populations:
        parameters = {k: np.asarray(v)[origin[p.name]] if np.ndim(v) else v for k, v in p.parameters.items()}
        populations.append(Population(p.name, p.kind, len(origin[p.name]), parameters))
    projections = []
    for c in network.projections:
        weight = np.array(c.weight, float)
        copies = np.minimum(weight[mixed[c.source]], 0)
        weight[mixed[c.source]] = np.maximum(weight[mixed[c.source]], 0)
        weight = np.concatenate([weight, copies])[:, origin[c.target]]
        projections.append(Projection(c.source, c.target, weight, c.delay_steps))
    return replace(network, populations=tuple(populations), projections=tuple(projections)), origin
