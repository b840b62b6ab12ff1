"""Which populations of a network are Xylo's hidden neurons and which its outputs, and the matrices between them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from brian2chip.core.spiking_network import Population, SpikingNetwork


class Parts(NamedTuple):
    """Populations of inputs, of hidden neurons, of outputs: those that nothing follows and no input reaches."""

    inputs: list[Population]
    hidden: list[Population]
    outputs: list[Population]


def parts(network: SpikingNetwork) -> Parts:
    """Return the populations by what they are on the chip."""
    kind = {p.name: p.kind for p in network.populations}
    inner = {c.source for c in network.projections} | {c.target for c in network.projections if kind[c.source] == "input"}
    neurons = [p for p in network.populations if p.kind != "input"]
    return Parts(
        [p for p in network.populations if p.kind == "input"],
        [p for p in neurons if p.name in inner],
        [p for p in neurons if p.name not in inner],
    )


def matrix(network: SpikingNetwork, sources: list[Population], targets: list[Population], of=None) -> np.ndarray:
    """Return all weights [sources, targets], or for each projection what ``of`` makes of it."""
    make = (lambda c: c.weight) if of is None else of
    rows, columns = (np.cumsum([0] + [p.size for p in side]) for side in (sources, targets))
    row, column = ({p.name: slice(a, b) for p, a, b in zip(side, ends, ends[1:])} for side, ends in ((sources, rows), (targets, columns)))
    found = np.zeros((rows[-1], columns[-1]))
    for c in network.projections:
        if c.source in row and c.target in column:
            found[row[c.source], column[c.target]] = make(c)
    return found
