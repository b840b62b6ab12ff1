"""Which core each population sits in, and on which rows each source arrives: the allocation by which a network fits, or not."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_

import numpy as np

from brian2chip.chips.morphic.fields import CORES, NEURONS, ROWS
from brian2chip.core.spiking_network import SpikingNetwork


@dataclass(frozen=True)
class Layout:
    """Places and rows of a network.

    Attributes
    ----------
    place : dict of population to (first, last + 1)
        Of its neurons.
    cores : int
        How many are needed.
    bipolar : dict of population to bool
        Whether the synapses onto it stand for -1 and +1.
    crossbar : dict of population to bool array
        Which neurons send to the row of their own core that has their number.
    mask, row : dict of population to int array
        The other cores that a neuron or input sends to, a bit each, and the row there, -1 where the rows are used up.
    """

    place: dict[str, tuple[int, int]]
    cores: int
    bipolar: dict[str, bool]
    crossbar: dict[str, np.ndarray]
    mask: dict[str, np.ndarray]
    row: dict[str, np.ndarray]


def two_values(network: SpikingNetwork, target: str) -> tuple[bool, float] | None:
    """Return whether the synapses onto a population stand for -1 and +1 (else 0 and +1), and of what; None for other values."""
    found = np.unique(np.concatenate([[], *(np.unique(c.weight) for c in network.projections if c.target == target)]))
    sizes = np.abs(found[found != 0])
    if not len(sizes):
        return False, 1.0
    one = float(sizes.max())
    if np.any(sizes < one * (1 - 1e-9)) or not np.any(found > 0) and np.any(found == 0):
        return None
    if np.all(found >= 0):
        return False, one
    return None if np.any(found == 0) else (True, one)


def layout(network: SpikingNetwork) -> Layout:
    """Return the layout of a network; beyond four cores there are no rows.

    Synapses of 0 and 1 let populations share a core, where a synapse of 0 is none. A population whose synapses are -1 and +1 has cores of
    its own, as a row reaches all neurons of a core.
    """
    populations = [p for p in network.populations if p.kind != "input"]
    bipolar = {p.name: bool((two_values(network, p.name) or (False,))[0]) for p in populations}
    place: dict[str, tuple[int, int]] = {}
    free = 0
    for p in sorted(populations, key=lambda p: bipolar[p.name]):
        if bipolar[p.name] or free % NEURONS + p.size > NEURONS:
            free = -(-free // NEURONS) * NEURONS
        place[p.name] = (free, free + p.size)
        free += p.size
    cores = -(-free // NEURONS)
    crossbar, mask, row = _rows(network, place) if cores <= CORES else ({}, {}, {})
    return Layout(place, cores, bipolar, crossbar, mask, row)


def _rows(network: SpikingNetwork, place: dict[str, tuple[int, int]]) -> tuple[dict, dict, dict]:
    """Return crossbar, mask and row of every population: first the crossbars, whose rows are given, then the star, then the inputs."""
    reached = {name: sum({1 << c for c in _cores(place[name])}) for name in place}
    taken = np.zeros((CORES, ROWS), bool)
    crossbar, mask, row = {}, {}, {}
    for p in network.populations:
        targets = {c.target for c in network.projections if c.source == p.name}
        to = np.full(p.size, reduce(or_, (reached[t] for t in targets), 0))
        if p.kind != "input":
            at = np.arange(*place[p.name])
            own = 1 << (at // NEURONS)
            crossbar[p.name] = (to & own) > 0
            inside = at[crossbar[p.name]]
            taken[inside // NEURONS, inside % NEURONS] = True
            to = to & ~own
        mask[p.name] = to
    for p in sorted(network.populations, key=lambda p: p.kind == "input"):
        row[p.name] = np.zeros(p.size, int)
        for cores in np.unique(mask[p.name][mask[p.name] > 0]):
            members = np.flatnonzero(mask[p.name] == cores)
            to = [c for c in range(CORES) if cores >> c & 1]
            rows = np.flatnonzero(~taken[to].any(axis=0))[: len(members)]
            taken[np.ix_(to, rows)] = True
            row[p.name][members] = np.concatenate([rows, np.full(len(members) - len(rows), -1)])
    return crossbar, mask, row


def _cores(place: tuple[int, int]) -> range:
    return range(place[0] // NEURONS, (place[1] - 1) // NEURONS + 1)
