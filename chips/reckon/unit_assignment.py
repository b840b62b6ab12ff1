"""Which neuron of a network becomes which unit of ReckOn: the order in pairs, and what that changes."""

from __future__ import annotations

import numpy as np

from brian2chip.core.spiking_network import Population, SpikingNetwork


def parts(network: SpikingNetwork) -> tuple[list[Population], list[Population], list[Population]]:
    """Return inputs, spiking hidden populations (also of kinds that the chip lacks) and readouts."""
    inputs = [p for p in network.populations if p.kind == "input"]
    hidden = [p for p in network.populations if p.kind not in ("input", "li")]
    readouts = [p for p in network.populations if p.kind == "li"]
    return inputs, hidden, readouts


def joined(network: SpikingNetwork, sources, targets) -> np.ndarray:
    """Return the weights of several populations onto several as one matrix [pre, post]."""
    return np.concatenate([np.concatenate([network.weight(p.name, q.name) for q in targets], axis=1) for p in sources])


def pairs(alpha: np.ndarray, threshold: np.ndarray) -> np.ndarray:
    """Return the order of the neurons in which pairs share leak and threshold wherever that is possible."""
    if np.ptp(alpha) == 0 and np.ptp(threshold) == 0:
        return np.arange(len(alpha))
    return np.lexsort((np.arange(len(alpha)), threshold, alpha))


def shared(values: np.ndarray, order: np.ndarray) -> np.ndarray:
    """Return the mean of each pair at both of its neurons, in the order of the network."""
    ordered = values[order].astype(float)
    even = np.append(ordered, ordered[-1:]) if len(ordered) % 2 else ordered
    mean = np.repeat(even.reshape(-1, 2).mean(axis=1), 2)[: len(ordered)]
    out = np.empty(len(ordered))
    out[order] = mean
    return out


def notes(network, hidden, order, factor, threshold, stochastic: bool) -> list[str]:
    """Return what behaves differently on the chip though it was accepted."""
    found = []
    names = [p.name for p in hidden]
    for c in network.projections:
        if c.target in names and c.source in names and c.delay_steps == 0:
            found.append(f"spikes {c.source!r} -> {c.target!r} arrive one step later on reckon than in the network.")
        if c.target in names and c.source not in names and c.delay_steps == 1:
            found.append(f"spikes {c.source!r} -> {c.target!r} arrive one step earlier on reckon than in the network.")
    n = np.count_nonzero((np.abs(shared(factor, order) - factor) > 0) | (np.abs(shared(threshold, order) - threshold) > 0))
    if n:
        found.append(f"{n} neurons share leak and threshold with another one of their pair, at the mean of both.")
    if stochastic:
        found.append("leaks are rounded stochastically, because rounding down would pull slow membranes from their value.")
    return found
