"""How a network is connected: depth, loops, the signs of a neuron's synapses; the order of its populations says nothing."""

from __future__ import annotations

import numpy as np

from brian2chip.core.spiking_network import SpikingNetwork


def depth(network: SpikingNetwork) -> int:
    """Return how many populations of neurons the longest path of connections visits; populations in one loop lie all on a path."""
    names = {p.name: k for k, p in enumerate(network.populations)}
    reaches = np.eye(len(names), dtype=bool)
    for c in network.projections:
        reaches[names[c.source], names[c.target]] = True
    for k in range(len(names)):
        reaches |= np.outer(reaches[:, k], reaches[k])
    same_loop = reaches & reaches.T
    own = same_loop @ np.array([int(p.kind != "input") for p in network.populations])
    level = own.copy()
    for _ in names:  # a path has no more steps than there are populations
        above = np.where(reaches & ~same_loop, level[:, None], 0).max(axis=0, initial=0)
        level = own + above
    return int(level.max(initial=0))


def closing_a_loop(network: SpikingNetwork) -> list[tuple[str, str]]:
    """Return the (source, target) of projections that lead back to a population on their own path, found in depth from the inputs."""
    targets: dict[str, list[str]] = {p.name: [] for p in network.populations}
    for c in network.projections:
        targets[c.source].append(c.target)
    found, done = [], set()
    for start in sorted(targets, key=lambda name: network.population(name).kind != "input"):
        path, waiting = [], [(start, False)]
        while waiting:
            name, left = waiting.pop()
            if left:
                done.add(path.pop())
            elif name not in done and name not in path:
                path.append(name)
                waiting.append((name, True))
                found += [(name, target) for target in targets[name] if target in path]
                waiting += [(target, False) for target in reversed(targets[name]) if target not in path]
    return list(dict.fromkeys(found))


def mixed_rows(network: SpikingNetwork, source: str) -> np.ndarray:
    """Return, as bool, which neurons of a population have both positive and negative weights."""
    rows = [c.weight for c in network.projections if c.source == source]
    if not rows:
        return np.zeros(network.population(source).size, bool)
    rows = np.concatenate(rows, axis=1)
    return np.any(rows > 0, axis=1) & np.any(rows < 0, axis=1)
