"""What the linear nodes of a NIR graph do to what they get: a matrix, dense or sparse, and a bias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from brian2chip.errors import UserError
from brian2chip.translation.nir_format import CONVOLUTIONS, LINEAR, UNROLLED
from brian2chip.translation.nir_graph import Graph, Node
from brian2chip.translation.nir_shapes import Shapes, matrix, placed
from brian2chip.translation.nir_windows import unrolled

Matrix = np.ndarray | sparse.csr_array


class Operator(NamedTuple):
    """A matrix [out, in], and a bias [out] where there is one."""

    weight: Matrix
    bias: np.ndarray | None


def operators_of(graph: Graph, shapes: Shapes) -> dict[str, Operator]:
    """Return the operator of every linear node by name.

    Raises
    ------
    UserError
        For weights and biases that do not fit, and convolutions that are too large to be unrolled.
    """
    return {name: _operator(name, node, shapes) for name, node in graph.nodes.items() if node.kind in LINEAR}


def _operator(name: str, node: Node, shapes: Shapes) -> Operator:
    if node.kind in UNROLLED:
        if name not in shapes.takes:
            raise UserError(f"nothing says the shape of what the node {name!r} ({node.kind}) gets; give it an input_shape.")
        window, plane = placed(name, node, shapes.takes[name])
        whole, bias = unrolled(name, window, plane), node.values.get("bias")
        if bias is not None and bias.size == window.weight.shape[0] > 1:
            bias = np.repeat(bias.ravel(), whole.shape[0] // bias.size)
        return Operator(whole, _bias(name, bias, whole.shape[0]))
    if node.kind == "Scale":
        scale = np.broadcast_to(node.values["scale"].ravel(), (shapes.size(name),))
        return Operator(sparse.diags_array(scale).tocsr(), None)
    weight = matrix(node.values["weight"])
    if weight.ndim != 2:
        raise UserError(f"the weight of the node {name!r} ({node.kind}) has shape {node.values['weight'].shape}; give [out, in].")
    return Operator(weight, _bias(name, node.values.get("bias"), weight.shape[0]))


def _bias(name: str, bias: np.ndarray | None, rows: int) -> np.ndarray | None:
    if bias is None or not np.any(bias):
        return None
    if bias.size not in (1, rows):
        raise UserError(f"the bias of the node {name!r} has {bias.size} numbers; it gives {rows}.")
    return np.broadcast_to(bias.ravel(), (rows,))


def dense(weight: Matrix) -> np.ndarray:
    """Return a matrix with its zeros."""
    return weight.toarray() if sparse.issparse(weight) else weight


def shared_weights(graph: Graph, operators: Mapping[str, Operator]) -> list[dict[str, Any]]:
    """Return one row a convolution that was unrolled: node, numbers of its kernel, synapses, and numbers that it gets and gives."""
    return [
        {
            "node": name,
            "weights": int(node.values["weight"].size),
            "synapses": int(operators[name].weight.nnz),
            "inputs": operators[name].weight.shape[1],
            "outputs": operators[name].weight.shape[0],
        }
        for name, node in graph.nodes.items()
        if node.kind in CONVOLUTIONS
    ]
