"""The shapes of what the nodes of a NIR graph get and give, found from inputs, weights and parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from brian2chip.errors import UserError
from brian2chip.translation.nir_format import CONVOLUTIONS, NEURONS, UNROLLED
from brian2chip.translation.nir_graph import Graph, Node
from brian2chip.translation.nir_windows import Window, plane_after, window_of

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Shapes:
    """Shapes by the names of nodes: of what each gets, and of what it gives."""

    takes: dict[str, Shape] = field(default_factory=dict)
    gives: dict[str, Shape] = field(default_factory=dict)

    def size(self, name: str) -> int:
        """Return how many numbers a node gives; 1 where nothing tells."""
        return math.prod(self.gives.get(name, (1,)))


def shapes_of(graph: Graph) -> Shapes:
    """Return all shapes; where the parameters of a neuron are one for all, the nodes beside it tell.

    Raises
    ------
    UserError
        When the parameters of a node are of different sizes, or a convolution or pooling does not fit what it gets.
    """
    found = Shapes()
    for name, node in graph.nodes.items():
        _own(found, name, node)
    changed = True
    while changed:
        changed = any([_onward(found, a, b, graph.nodes[b]) for a, b in graph.edges if a in found.gives])  # all, not the first
        if not changed:
            changed = any([_back(found, a, b, graph.nodes[a]) for a, b in graph.edges if b in found.takes and a not in found.gives])
    return found


def _own(found: Shapes, name: str, node: Node) -> None:
    """Enter what a node says of itself."""
    if node.kind == "Input":
        found.takes[name] = found.gives[name] = _shape_of_input(name, node.values["shape"])
    elif node.kind in ("Linear", "Affine"):
        gives, takes = matrix(node.values["weight"]).shape if node.values["weight"].ndim >= 2 else (1, 1)
        found.gives[name], found.takes[name] = (gives,), (takes,)
    elif node.kind in CONVOLUTIONS and "input_shape" in node.values:
        side = tuple(int(n) for n in node.values["input_shape"].ravel())
        groups = int(node.values["groups"].flat[0])
        _enter(found, name, node, (max(groups, 1) * node.values["weight"].shape[1] if node.values["weight"].ndim > 1 else 1, *side))
    elif node.kind in NEURONS or node.kind in ("Delay", "Scale"):
        own = {value.size for value in node.values.values()} - {1}
        if len(own) > 1:
            raise UserError(f"the parameters of the node {name!r} ({node.kind}) are of different sizes: {sorted(own)}; give one size.")
        if own:
            found.takes[name] = found.gives[name] = max((value.shape for value in node.values.values() if value.size > 1), key=len)


def _enter(found: Shapes, name: str, node: Node, shape: Shape) -> None:
    """Enter what a node gets, and what it gives then."""
    found.takes[name] = shape
    if node.kind in UNROLLED:
        window, plane = placed(name, node, shape)
        after = plane_after(name, window, plane)
        found.gives[name] = (window.weight.shape[0], *(after if node.kind != "Conv1d" else after[1:]))
    else:
        found.gives[name] = (math.prod(shape),) if node.kind == "Flatten" else shape


def _onward(found: Shapes, a: str, b: str, node: Node) -> bool:
    """Enter what ``a`` gives as what ``b`` gets, where it is new or tells more; return whether it did."""
    shape, known = found.gives[a], found.takes.get(b)
    tells = known is not None and node.kind in (*NEURONS, "Delay", "Scale") and math.prod(shape) == math.prod(known)
    if known is None or (tells and len(shape) > len(known)):
        _enter(found, b, node, shape)
        return True
    return False


def _back(found: Shapes, a: str, b: str, node: Node) -> bool:
    """Enter what ``b`` gets as what ``a`` gives, where that is the same as what it gets; return whether it did."""
    if node.kind in UNROLLED:
        return False
    found.takes[a] = found.gives[a] = found.takes[b]
    return True


def placed(name: str, node: Node, shape: Shape) -> tuple[Window, tuple[int, int]]:
    """Return the window of a convolution or pooling, and height and width of the plane that it gets in this shape.

    Raises
    ------
    UserError
        When the shape has no such planes.
    """
    axes = 1 if node.kind == "Conv1d" else 2
    if node.kind in CONVOLUTIONS and node.values["weight"].ndim > 1:
        channels = node.values["weight"].shape[1] * max(int(node.values["groups"].flat[0]), 1)
    else:
        channels = shape[0] if len(shape) > axes else 1
    plane = (math.prod(shape) // channels,) if axes == 1 else shape[-2:]
    if len(plane) != axes or channels * math.prod(plane) != math.prod(shape):
        asked = f"{channels} channels of {'rows' if axes == 1 else 'planes'}"
        raise UserError(f"the node {name!r} ({node.kind}) gets numbers of shape {shape}; it needs {asked}: give its input that shape.")
    return window_of(name, node, channels), (1, *plane) if axes == 1 else plane


def matrix(weight: np.ndarray) -> np.ndarray:
    """Return a weight as [out, in]; dimensions of 1 before it are left out."""
    return weight.reshape(weight.shape[-2:]) if weight.ndim > 2 and weight.size == math.prod(weight.shape[-2:]) else weight


def _shape_of_input(name: str, shape: np.ndarray) -> Shape:
    size = float(np.prod(shape))
    if np.any(shape < 1) or np.any(shape != np.rint(shape)) or size > 1 << 20:
        raise UserError(f"the shape of the node {name!r} is {shape.tolist()!s:.80}; it must be whole numbers, at most {1 << 20} in all.")
    return tuple(int(n) for n in shape.ravel())
