"""How a network is connected: depth, loops, the signs of a neuron's synapses; the order of its populations says nothing."""

from __future__ import annotations

import numpy as np

from brian2chip.core.spiking_network import SpikingNetwork


def depth(network: SpikingNetwork) -> int:
    """Return how many populations of neurons the longest path of connections visits; a connection that closes a loop is left out."""
    targets: dict[str, list[str]] = {p.name: [] for p in network.populations}
    for c in network.projections:
        targets[c.source].append(c.target)
    closing = set(closing_a_loop(network))
    level = {p.name: int(p.kind != "input") for p in network.populations}
    for _ in network.populations:  # a path has no more steps than there are populations
        for source, ends in targets.items():
            for target in ends:
                if (source, target) not in closing:
                    level[target] = max(level[target], level[source] + 1)
    return max(level.values(), default=0)


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
                waiting += [(target, False) for target in targets[name] if target not in path]
    return list(dict.fromkeys(found))


def mixed_rows(network: SpikingNetwork, source: str) -> np.ndarray:
    """Return, as bool, which neurons of a population have both positive and negative weights."""
    rows = [c.weight for c in network.projections if c.source == source]
    if not rows:
        return np.zeros(network.population(source).size, bool)
    rows = np.concatenate(rows, axis=1)
    return np.any(rows > 0, axis=1) & np.any(rows < 0, axis=1)
