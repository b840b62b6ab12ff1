"""Read networks that snnTorch, Norse, Sinabs or Rockpool wrote as NIR graphs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError, unknown
from brian2chip.translation.nir_format import LINEAR, NEURONS, PASS, check_installed, exact_tau, loops, nir


@dataclass(frozen=True)
class Convention:
    """What a NIR file leaves open and a simulator decides.

    Attributes
    ----------
    dt : float
        Seconds of a step.
    reset : {"zero", "subtract"}
        Zero stands for NIR's own reset, to ``v_reset``.
    whole_current : bool
        A spike adds its weight to the synaptic current, whatever ``w_in`` says.
    tau_factor : float
        What the time constants in the file are multiplied by to be seconds.
    """

    dt: float = 1e-3
    reset: str = "zero"
    whole_current: bool = False
    tau_factor: float = 1.0


#: Norse 1.1 writes time constants times its step of 1 ms, and its current cells ignore ``w_in``.
CONVENTIONS = {"nir": Convention(), "snntorch": Convention(1e-4, "subtract"), "norse": Convention(1e-3, "zero", True, 1e3)}


def from_nir(graph: Any, *, convention: str = "nir", dt: float | None = None) -> SpikingNetwork:
    """Return the network of a NIR graph or file.

    Parameters
    ----------
    graph : nir.NIRGraph or path
    convention : {"nir", "snntorch", "norse"}
        Whose conventions hold where the file's metadata say nothing.
    dt : float, optional
        Seconds of a step, instead of the convention's.

    Raises
    ------
    UserError
        Naming every node that is not supported, or for a file that is not NIR.
    """
    check_installed()
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS)
    if isinstance(graph, (str, os.PathLike)):
        graph = _file(graph)
    nodes, edges = _flat(graph)
    strange = sorted(
        f"{name} ({kind})" for name, node in nodes.items() if (kind := type(node).__name__) not in (*PASS, *LINEAR, *NEURONS, "Delay")
    )
    if strange:
        known = ", ".join((*LINEAR, *NEURONS, "Delay", "Flatten"))
        raise UserError(f"the NIR graph holds nodes that are not supported: {', '.join(strange)}; supported are {known}.")
    meta = graph.metadata if isinstance(graph.metadata, Mapping) else {}
    step = float(dt or meta.get("dt", 0) or CONVENTIONS[convention].dt)
    rule = CONVENTIONS[convention]
    populations, gains = {}, {}
    for name, node in nodes.items():
        kind = type(node).__name__
        if kind == "Input":
            populations[name] = Population(name, "input", int(np.prod(node.input_type["input"])))
        elif kind in NEURONS:
            populations[name], gains[name] = _population(name, node, _size(name, nodes, edges), step, rule)
    projections = _projections(nodes, edges, populations, gains, step)
    populations = _with_bias(nodes, edges, populations, gains)
    return SpikingNetwork(tuple(populations.values()), tuple(projections), step, {"source": "NIR", "convention": convention})


def _file(path: str | os.PathLike) -> Any:
    if not Path(path).is_file():
        raise UserError(f"there is no NIR file {str(path)!r}.")
    try:
        return nir.read(path)
    except ValueError as error:  # nir names the node type that it does not know
        raise UserError(f"{str(path)!r} cannot be read: {error}.") from None
    except Exception as error:
        raise UserError(f"{str(path)!r} is not a readable NIR file ({type(error).__name__}); write it again.") from None


def _flat(graph: Any, prefix: str = "") -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return nodes and edges with nested graphs unfolded; their inputs and outputs become edges."""
    nodes, edges, into, out = {}, [], {}, {}
    for name, node in graph.nodes.items():
        full = prefix + name
        if isinstance(node, nir.NIRGraph):
            inner, inner_edges = _flat(node, full + ".")
            nodes.update(inner)
            edges += inner_edges
            into[full] = [n for n in inner if isinstance(inner[n], nir.Input)]
            out[full] = [n for n in inner if isinstance(inner[n], nir.Output)]
        else:
            nodes[full] = node
    for a, b in dict.fromkeys((prefix + a, prefix + b) for a, b in graph.edges):
        edges += [(x, y) for x in out.get(a, [a]) for y in into.get(b, [b])]
    if not prefix:  # inner inputs and outputs only pass on
        inner_ends = {n for n, node in nodes.items() if "." in n and isinstance(node, (nir.Input, nir.Output))}
        for n in inner_ends:
            edges = [(a, d) for a, b in edges if b == n for c, d in edges if c == n] + [e for e in edges if n not in e]
            del nodes[n]
    return nodes, edges


def _size(name: str, nodes, edges) -> int:
    """Return the number of neurons of a node; where it gives one number for all, the linear node before it tells."""
    size = int(np.size(nodes[name].r))
    before = [nodes[a].weight.shape[0] for a, b in edges if b == name and type(nodes[a]).__name__ in LINEAR]
    return before[0] if size == 1 and before else size


def _population(name: str, node: Any, size: int, dt: float, rule: Convention) -> tuple[Population, np.ndarray]:
    """Return a population, and by how much a spike of weight 1 moves its membrane (or current)."""
    node_type, meta = type(node).__name__, node.metadata or {}
    kind, filtered = NEURONS[node_type]
    flat = lambda a: np.broadcast_to(np.asarray(a, float).ravel(), (size,)).copy()  # noqa: E731
    if "dt" in meta:  # one of ours: nothing is left open
        rule = Convention()
    parameters: dict[str, Any] = {}
    gain = flat(node.r) * dt
    if kind != "if":
        tau = flat(node.tau_mem if filtered else node.tau) * rule.tau_factor
        parameters["tau_m"] = exact_tau(name, tau, dt)
        gain = gain / tau
        if np.any(flat(node.v_leak) != 0):
            raise UserError(
                f"node {name!r} ({node_type}) rests at v_leak other than 0, which is not supported; shift its membrane to rest at 0."
            )
    if filtered:
        tau_syn = flat(node.tau_syn) * rule.tau_factor
        parameters["tau_syn"] = exact_tau(name, tau_syn, dt)
        gain = gain * (1.0 if rule.whole_current else flat(node.w_in) * dt / tau_syn)
    if kind != "li":
        parameters["v_threshold"] = flat(node.v_threshold)
        parameters["reset"] = _text(meta.get("reset", rule.reset))
        parameters["fires"] = _text(meta.get("fires", ">"))
        if np.any(flat(node.v_reset) != 0) and parameters["reset"] == "zero":
            parameters["v_reset"] = flat(node.v_reset)
    return Population(name, kind, size, parameters), gain


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _projections(nodes, edges, populations, gains, dt: float) -> list[Projection]:
    """Return one projection for every path neuron -> (Flatten, Delay, Linear, Affine)* -> neuron with one linear node."""
    follow: dict[str, list[str]] = {}
    for a, b in edges:
        follow.setdefault(a, []).append(b)
    found = []
    for source in populations:
        stack = [(n, None, 0.0) for n in follow.get(source, [])]
        while stack:
            name, weight, delay = stack.pop()
            node = nodes[name]
            kind = type(node).__name__
            if kind == "Output":
                continue
            if name in populations:
                if weight is None:
                    weight = np.eye(populations[source].size)
                found.append((source, name, weight, delay))
                continue
            if kind in LINEAR:
                if weight is not None:
                    raise UserError(
                        f"nodes {name!r} and another linear node follow each other without neurons between; multiply their weights."
                    )
                weight = np.asarray(node.weight, float)
            elif kind == "Delay":
                if np.ptp(node.delay) > 0:
                    raise UserError(f"node {name!r} (Delay) delays its channels differently, which is not supported; give one delay.")
                delay += float(np.ravel(node.delay)[0])
            stack += [(n, weight, delay) for n in follow.get(name, [])]
    loop = loops([(s, t) for s, t, _, _ in found], populations)
    projections = []
    for source, target, weight, delay in found:
        steps = int(round(delay / dt)) + int(loop[source] == loop[target])
        projections.append(Projection(source, target, weight.T * gains[target], steps))
    return projections


def _with_bias(nodes, edges, populations, gains) -> dict[str, Population]:
    """Return the populations with the biases of the affine nodes before them, as what they add every step."""
    bias: dict[str, np.ndarray] = {}
    for a, b in edges:
        if type(nodes[a]).__name__ == "Affine" and b in populations and np.any(nodes[a].bias):
            bias[b] = bias.get(b, 0) + np.asarray(nodes[a].bias, float) * gains[b]
    return {n: Population(n, p.kind, p.size, {**p.parameters, "bias": bias[n]}) if n in bias else p for n, p in populations.items()}
