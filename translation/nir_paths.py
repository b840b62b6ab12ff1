"""The paths of a NIR graph from neurons to neurons: what the nodes between them do to spikes, as weights, biases and delays."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from brian2chip.errors import UserError
from brian2chip.translation.nir_format import LINEAR, NEURONS
from brian2chip.translation.nir_graph import Graph

#: Paths onto one population, and weights between two.
MOST, MOST_WEIGHTS = 10_000, 1 << 27


@dataclass(frozen=True)
class Path:
    """What reaches a population from another one, or from a bias.

    Attributes
    ----------
    source : str or None
        None for a bias.
    weight : float array [target size, source size], or None
        None for a path without linear nodes; of a bias [target size].
    steps : int
        By how much Delay nodes on it hold it back.
    """

    source: str | None
    weight: np.ndarray | None
    steps: int


def paths_onto(graph: Graph, target: str, size: int, dt: float) -> Iterator[Path]:
    """Give every path that ends at a node: from neurons and inputs, and from the biases of affine nodes.

    Raises
    ------
    UserError
        For linear nodes whose shapes do not fit, delays between the steps, loops without neurons, and more than :data:`MOST` paths.
    """
    waiting = [(name, None, 0, (target,)) for name in graph.before[target]]
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
        if node.kind in LINEAR:
            rows = size if weight is None else weight.shape[1]
            own = _matrix(name, node.values["weight"], rows)
            if np.any(node.values.get("bias", 0)):
                bias = _bias(name, node.values["bias"], rows)
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


def _matrix(name: str, weight: np.ndarray, rows: int) -> np.ndarray:
    if weight.ndim != 2 or weight.shape[0] != rows:
        raise UserError(f"the weight of the node {name!r} has shape {weight.shape}; what follows it takes {rows} numbers.")
    return weight


def _bias(name: str, bias: np.ndarray, rows: int) -> np.ndarray:
    if bias.size not in (1, rows):
        raise UserError(f"the bias of the node {name!r} has {bias.size} numbers; what follows it takes {rows}.")
    return np.broadcast_to(bias.ravel(), (rows,))


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


def sizes(graph: Graph) -> dict[str, int]:
    """Return how many numbers each node gives; where a neuron's parameters are one for all, the nodes beside it tell.

    Raises
    ------
    UserError
        When the parameters of a node are of different sizes.
    """
    takes, gives = {}, {}
    for name, node in graph.nodes.items():
        if node.kind == "Input":
            takes[name] = gives[name] = _size_of_shape(name, node.values["shape"])
        elif node.kind in LINEAR:
            gives[name], takes[name] = node.values["weight"].shape if node.values["weight"].ndim == 2 else (1, 1)
        elif node.kind in NEURONS or node.kind == "Delay":
            own = {value.size for value in node.values.values()} - {1}
            if len(own) > 1:
                raise UserError(f"the parameters of the node {name!r} ({node.kind}) are of different sizes: {sorted(own)}; give one size.")
            if own:
                takes[name] = gives[name] = own.pop()
    known = -1
    while len(gives) > known:
        known = len(gives)
        for a, b in graph.edges:
            if a in gives and b not in takes:
                takes[b] = gives[b] = gives[a]
        for a, b in graph.edges if len(gives) == known else ():
            if b in takes and a not in gives:
                takes[a] = gives[a] = takes[b]
    return {name: gives.get(name, 1) for name in graph.nodes}


def _size_of_shape(name: str, shape: np.ndarray) -> int:
    size = float(np.prod(shape))
    if np.any(shape < 1) or np.any(shape != np.rint(shape)) or size > 1 << 20:
        raise UserError(f"the shape of the node {name!r} is {shape.tolist()!s:.80}; it must be whole numbers, at most {1 << 20} in all.")
    return int(size)
