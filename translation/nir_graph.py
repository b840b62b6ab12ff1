"""A NIR file or graph as flat, checked nodes and edges: nested graphs are unfolded, and every number is one."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from brian2chip.core.files import shown
from brian2chip.core.hdf5_files import read_hdf5
from brian2chip.errors import UserError
from brian2chip.translation.nir_format import LINEAR, NEURONS, PASS, VALUES, nir

#: Graphs within one another.
DEEPEST = 20
#: Time that a file may take to be read; some damaged ones keep the HDF5 library busy for ever.
SECONDS = 10
Edge = tuple[str, str]


@dataclass(frozen=True)
class Node:
    """A node of a NIR graph.

    Attributes
    ----------
    kind : str
        As NIR calls it.
    values : dict of str to float array
        Those of :data:`nir_format.VALUES`; finite.
    metadata : mapping
    words : dict of str to str
        Values that are texts instead: a padding.
    """

    kind: str
    values: dict[str, np.ndarray] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Graph:
    """All nodes by name, those of nested graphs as ``graph.node``, their edges, and the metadata of the whole.

    Inputs and outputs of nested graphs are nodes of kind Identity.
    """

    nodes: dict[str, Node]
    edges: tuple[Edge, ...]
    metadata: Mapping[str, Any]

    @cached_property
    def before(self) -> dict[str, list[str]]:
        """The nodes from which an edge leads to each node."""
        found: dict[str, list[str]] = {name: [] for name in self.nodes}
        for a, b in self.edges:
            found[b].append(a)
        return found


def read_graph(given: Any) -> Graph:
    """Return a NIR file or ``nir.NIRGraph`` as a flat graph.

    Raises
    ------
    UserError
        For a file that is not NIR, and for nodes, edges or values that are missing, unknown or not numbers.
    """
    if isinstance(given, (str, os.PathLike)):
        where = f"the NIR file {shown(given)}"
        document = read_hdf5(given, "NIR", seconds=SECONDS).get("node")
    elif isinstance(given, nir.NIRGraph):
        where, document = "the NIR graph", given.to_dict()
    else:
        raise UserError(f"a NIR graph was given as {type(given).__name__}; give a path or a nir.NIRGraph.")
    if not isinstance(document, Mapping) or _text(document.get("type")) != "NIRGraph":
        raise UserError(f"{where} holds no graph (a group 'node' of type NIRGraph); write it again.")
    documents, edges = _flat(document, where)
    _check_kinds(documents, where)
    nodes = {name: _node(name, one, where) for name, one in documents.items()}
    return Graph(nodes, tuple(dict.fromkeys(edges)), _metadata(document))


def _flat(document: Mapping, where: str, prefix: str = "", depth: int = 0) -> tuple[dict[str, Mapping], list[Edge]]:
    """Return the documents of all nodes and the edges between them."""
    if depth > DEEPEST:
        raise UserError(f"{where} nests graphs more than {DEEPEST} levels deep.")
    given = document.get("nodes")
    if not isinstance(given, Mapping) or not all(isinstance(one, Mapping) for one in given.values()):
        raise UserError(f"{where} has a graph without a group of nodes; write it again.")
    nodes: dict[str, Mapping] = {}
    edges: list[Edge] = []
    ends: dict[str, dict[str, list[str]]] = {}
    for name, one in given.items():
        full = f"{prefix}{name}"
        inner = {full: one}
        if _text(one.get("type")) == "NIRGraph":
            inner, inner_edges = _flat(one, where, f"{full}.", depth + 1)
            edges += inner_edges
            ends[full] = {kind: [f"{full}.{n}" for n, v in one["nodes"].items() if _text(v.get("type")) == kind] for kind in ENDS}
            inner |= {end: {"type": "Identity"} for names in ends[full].values() for end in names}
        if twice := set(inner) & set(nodes):
            raise UserError(f"{where} has two nodes called {sorted(twice)[0]!r} when its nested graphs are unfolded; rename one.")
        nodes |= inner
    edges += [
        (_end(a, "Output", ends, nodes, where), _end(b, "Input", ends, nodes, where))
        for a, b in ((prefix + a, prefix + b) for a, b in _pairs(document.get("edges"), where))
    ]
    return nodes, edges


ENDS = ("Input", "Output")


def _end(name: str, kind: str, ends: Mapping[str, Mapping[str, list[str]]], nodes: Mapping[str, Mapping], where: str) -> str:
    """Return the node at which an edge ends: of a nested graph its only input or output."""
    if name in ends:
        if len(ends[name][kind]) != 1:
            raise UserError(f"the nested graph {name!r} of {where} has {len(ends[name][kind])} nodes {kind}; an edge there needs just one.")
        return ends[name][kind][0]
    if name not in nodes:
        raise UserError(f"an edge of {where} leads to the node {name!r:.80}, which is not there; write it again.")
    return name


def _pairs(given: Any, where: str) -> list[Edge]:
    """Return the edges of a graph as pairs of names."""
    try:
        pairs = [(_text(a), _text(b)) for a, b in given]
    except (TypeError, ValueError):
        raise UserError(f"the edges of {where} must be pairs of names of nodes; write it again.") from None
    return pairs


def _check_kinds(documents: Mapping[str, Mapping], where: str) -> None:
    known = (*PASS, *LINEAR, *NEURONS, "Delay")
    strange = sorted(f"{name} ({kind:.40})" for name, one in documents.items() if (kind := _text(one.get("type"))) not in known)
    if strange:
        named = ", ".join((*LINEAR, *NEURONS, "Delay", "Flatten"))
        raise UserError(f"{where} holds nodes that are not supported: {', '.join(strange)[:400]}; supported are {named}.")


def _node(name: str, document: Mapping, where: str) -> Node:
    kind = _text(document.get("type"))
    needed, optional = VALUES[kind]
    values, words = {}, {}
    for what in (*needed, *optional):
        if what == "padding" and isinstance(document.get(what), (bytes, str)):
            words[what] = _text(document[what])
        elif document.get(what) is not None:
            values[what] = _numbers(document[what], f"{what} of the node {name!r} ({kind}) in {where}")
        elif what in needed:
            raise UserError(f"the node {name!r} ({kind}) in {where} lacks {what}; write it again.")
    return Node(kind, values, _metadata(document), words)


def _numbers(value: Any, what: str) -> np.ndarray:
    """Return finite real numbers of a list, an array or a tensor."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise UserError(f"{what} cannot be read as numbers ({error!s:.100}); give an array.") from None
    if array.dtype.kind not in "iuf" or not array.size or not np.all(np.isfinite(array)):
        raise UserError(f"{what} must be finite real numbers, not {array.dtype} of shape {array.shape}.")
    return array.astype(float)


def _metadata(document: Mapping) -> Mapping[str, Any]:
    given = document.get("metadata")
    return {str(k): _text(v) if isinstance(v, (bytes, str)) else v for k, v in given.items()} if isinstance(given, Mapping) else {}


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    return str(value)
