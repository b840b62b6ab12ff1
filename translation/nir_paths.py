"""The paths of a NIR graph from neurons to neurons: what the nodes between them do to spikes, as weights, biases and delays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError
from brian2chip.translation.nir_format import NEURONS
from brian2chip.translation.nir_graph import Graph
from brian2chip.translation.nir_operators import Matrix, Operator
from brian2chip.translation.nir_windows import MOST_WEIGHTS

#: Paths onto one population.
MOST = 10_000


@dataclass(frozen=True)
class Path:
    """What reaches a population from another one, or from a bias.

    Attributes
    ----------
    source : str or None
        None for a bias.
    weight : float array or sparse array [target size, source size], or None
        None for a path without linear nodes; of a bias an array [target size].
    steps : int
        By how much Delay nodes on it hold it back.
    """

    source: str | None
    weight: Matrix | None
    steps: int


def paths_onto(graph: Graph, operators: Mapping[str, Operator], target: str, size: int, dt: float) -> Iterator[Path]:
    """Give every path that ends at a node: from neurons and inputs, and from the biases of affine nodes.

    Raises
    ------
    UserError
        For linear nodes whose shapes do not fit, delays between the steps, loops without neurons, and more than :data:`MOST` paths.
    """
    waiting: list[tuple[str, Matrix | None, int, tuple[str, ...]]] = [(name, None, 0, (target,)) for name in graph.before[target]]
    count = 0
    while waiting:
        name, weight, steps, passed = waiting.pop()
        node = graph.nodes[name]
        if node.kind in NEURONS or node.kind == "Input":
            count += 1
            yield Path(name, weight, steps)
            continue
        if name in passed:
            raise UserError(
                f"the nodes {', '.join(map(repr, passed[passed.index(name) :]))} form a loop without neurons; put neurons in it."
            )
        if name in operators:
            own, bias = operators[name]
            rows = size if weight is None else weight.shape[1]
            if own.shape[0] != rows:
                raise UserError(f"the weight of the node {name!r} has shape {own.shape}; what follows it takes {rows} numbers.")
            if bias is not None:
                yield Path(None, bias if weight is None else weight @ bias, steps)
            check_size(target, size, own.shape[1])
            weight = own if weight is None else weight @ own
        elif node.kind == "Delay":
            steps += _steps(name, node.values["delay"], dt)
        before = graph.before[name]
        count += len(before) - 1
        if count > MOST:
            raise UserError(f"more than {MOST} paths lead to the node {target!r}; merge linear nodes that stand side by side.")
        waiting += [(n, weight, steps, (*passed, name)) for n in before]


def check_size(target: str, rows: int, columns: int) -> None:
    """Raise UserError for more weights than fit in memory."""
    if rows * columns > MOST_WEIGHTS:
        raise UserError(f"a path onto the node {target!r} has {rows} by {columns} weights; at most {MOST_WEIGHTS} are read.")


def _steps(name: str, delay: np.ndarray, dt: float) -> int:
    """Return the delay of a node as steps."""
    if np.ptp(delay) > 0:
        raise UserError(f"node {name!r} (Delay) delays its channels differently, which is not supported; give one delay.")
    exact = float(delay.flat[0]) / dt
    steps = round(exact)
    if steps < 0 or abs(exact - steps) > 1e-5 * max(1, steps):
        raise UserError(
            f"node {name!r} (Delay) delays by {delay.flat[0]:g} s, which is no whole number of steps of {dt:g} s; choose dt so."
        )
    return steps
