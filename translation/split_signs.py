"""Make a network fit a chip whose sign belongs to the presynaptic neuron: a pair in place of a neuron of mixed sign; and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from brian2chip.chips.connections import mixed_rows
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork


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
    broadcast = None if network.broadcast is None else np.asarray(network.broadcast)[origin["rec"]]  # of a trained network
    return replace(network, populations=tuple(populations), projections=tuple(projections), broadcast=broadcast), origin


def merged(network: SpikingNetwork, halves: SpikingNetwork, origin: Mapping[str, np.ndarray]) -> SpikingNetwork:
    """Return the network of pairs in the shape of the one it was split from."""
    populations = []
    for p, h in zip(network.populations, halves.populations):
        populations.append(
            replace(h, size=p.size, parameters={k: np.asarray(v)[: p.size] if np.ndim(v) else v for k, v in h.parameters.items()})
        )
    projections = []
    for c, h in zip(network.projections, halves.projections):
        weight = np.zeros(np.shape(c.weight))
        np.add.at(weight, origin[c.source], h.weight[:, : weight.shape[1]])
        projections.append(replace(h, weight=weight))
    return replace(network, populations=tuple(populations), projections=tuple(projections))


def input_channels(network: SpikingNetwork, origin: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return which channel of the samples every input of the pairs takes: those of several populations follow one another."""
    inputs = [p for p in network.populations if p.kind == "input"]
    first = np.cumsum([0] + [p.size for p in inputs])
    return np.concatenate([first[k] + origin[p.name] for k, p in enumerate(inputs)])


def widened(samples: Samples, channels: np.ndarray) -> Samples:
    """Return samples for a network of pairs: each of its inputs has the events of its channel, in order."""
    copies = [np.flatnonzero(channels == k) for k in range(samples.n_in)]
    times = np.array([len(c) for c in copies])[samples.i]
    sample, t = np.repeat(samples.sample, times), np.repeat(samples.t, times)
    i = np.concatenate([copies[k] for k in samples.i]) if len(samples.i) else samples.i
    order = np.lexsort((i, t, sample))
    return replace(samples, sample=sample[order], t=t[order], i=i[order], n_in=len(channels))


def narrowed(run: NetworkRun, network: SpikingNetwork) -> NetworkRun:
    """Return what a network of pairs did without its copies, which spike as their originals do."""
    spikes = {}
    for name, (sample, t, i) in run.spikes.items():
        keep = i < network.population(name).size
        spikes[name] = (sample[keep], t[keep], i[keep])
    return replace(run, spikes=spikes)
