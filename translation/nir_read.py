"""Read networks that snnTorch, Norse, Sinabs or Rockpool wrote as NIR graphs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.core.files import shown
from brian2chip.core.neuron_kinds import time_constant
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.nir_format import LINEAR, NEURONS, check_installed, loops
from brian2chip.translation.nir_graph import Graph, read_graph
from brian2chip.translation.nir_neurons import CONVENTIONS, convention_of, population_of, step_of, tau_factor
from brian2chip.translation.nir_operators import dense, operators_of, shared_weights
from brian2chip.translation.nir_paths import Path, check_size, paths_onto
from brian2chip.translation.nir_shapes import shapes_of

__all__ = ["CONVENTIONS", "from_nir"]


def from_nir(graph: Any, *, convention: str = "nir", dt: float | None = None, reset: str | None = None) -> SpikingNetwork:
    """Return the network of a NIR graph or file.

    A linear node before an output, without neurons between, becomes a readout without memory; a bias behind a delay, which begins late,
    a neuron that spikes in every step. Convolutions and poolings are unrolled to all their synapses; numbers in planes are counted
    channels first, then rows.

    Parameters
    ----------
    graph : nir.NIRGraph or path
    convention : {"nir", "snntorch", "norse"}
        Whose conventions hold where the file's metadata say nothing.
    dt : float, optional
        Seconds of a step, instead of the file's and the convention's.
    reset : {"zero", "subtract", "subtract_at_once"}, optional
        Of all neurons, instead of the file's and the convention's; ``"zero"`` is NIR's own, to ``v_reset``.

    Raises
    ------
    UserError
        Naming every node that is not supported, or for a file that is not NIR.
    """
    check_installed()
    rule = convention_of(convention, reset)
    read = read_graph(graph)
    try:
        return _network(read, step_of(dt, read, rule), convention, reset)
    except UserError as error:
        if not isinstance(graph, (str, os.PathLike)):
            raise
        raise UserError(f"the NIR file {shown(graph)}: {error}") from None


def _network(graph: Graph, dt: float, convention: str, reset: str | None) -> SpikingNetwork:
    _check_ends(graph)
    shapes, rule = shapes_of(graph), convention_of(convention, reset)
    operators, factor = operators_of(graph, shapes), tau_factor(graph, dt, rule)
    populations: dict[str, Population] = {}
    gains: dict[str, np.ndarray] = {}
    paths: dict[str, list[Path]] = {}
    for name, node in graph.nodes.items():
        size = shapes.size(name)
        if node.kind == "Input":
            populations[name] = Population(name, "input", size)
        elif node.kind in NEURONS:
            populations[name], gains[name] = population_of(name, node, size, dt, rule, factor, reset)
            paths[name] = list(paths_onto(graph, operators, name, size, dt))
        elif node.kind == "Output":
            found = list(paths_onto(graph, operators, name, size, dt))
            if any(p.weight is not None or p.steps for p in found):  # it shows more than the spikes of neurons
                populations[name] = Population(name, "li", size, {"tau_m": float(time_constant(0.0, dt))})
                gains[name], paths[name] = np.ones(size), found
    projections = _projections(populations, paths, gains)
    populations, late = _with_biases(populations, paths, gains)
    ordered = _in_order(populations.values(), projections)
    provenance: dict[str, Any] = {"source": "NIR", "convention": convention}
    if shared := shared_weights(graph, operators):
        provenance["unrolled"] = shared
    return SpikingNetwork(tuple(ordered), tuple(projections + late), dt, provenance)


def _check_ends(graph: Graph) -> None:
    """Raise UserError for a node that computes something that nothing takes, or of something that nothing gives."""
    leads = {a for a, _ in graph.edges}
    for name, node in graph.nodes.items():
        if node.kind in (*LINEAR, "Delay"):
            if name not in leads:
                raise UserError(f"nothing follows the node {name!r} ({node.kind}); add neurons or an Output after it.")
            if not graph.before[name] and "bias" not in node.values:
                raise UserError(f"nothing leads to the node {name!r} ({node.kind}); add an Input before it.")


def _projections(
    populations: Mapping[str, Population], paths: Mapping[str, list[Path]], gains: Mapping[str, np.ndarray]
) -> list[Projection]:
    """Return one projection for all paths of one delay between two populations; on a loop spikes arrive one step later."""
    loop = loops([(p.source, target) for target, found in paths.items() for p in found if p.source is not None], populations)
    weights: dict[tuple[str, str, int], np.ndarray] = {}
    for target, found in paths.items():
        for path in found:
            if path.source is None:
                continue
            shape = (populations[path.source].size, populations[target].size)
            check_size(target, *shape)
            weight = np.eye(shape[1]) if path.weight is None else dense(path.weight)
            if weight.shape != shape[::-1]:
                joins = f"{weight.shape[1]} to {weight.shape[0]} numbers, not {shape[0]} to {shape[1]}"
                raise UserError(f"the path {path.source!r} -> {target!r} joins {joins}; give weights of that shape.")
            key = (path.source, target, path.steps + int(loop[path.source] == loop[target]))
            weights[key] = weights.get(key, 0) + weight.T * gains[target]
    place = {name: k for k, name in enumerate(populations)}
    return [Projection(*key[:2], weights[key], key[2]) for key in sorted(weights, key=lambda key: (place[key[0]], place[key[1]], key[2]))]


def _with_biases(
    populations: Mapping[str, Population], paths: Mapping[str, list[Path]], gains: Mapping[str, np.ndarray]
) -> tuple[dict[str, Population], list[Projection]]:
    """Return the populations with their biases, which are added in every step, and projections for biases that begin later."""
    found, late = dict(populations), []
    for target, onto in paths.items():
        biases: dict[int, np.ndarray] = {}
        for path in onto:
            if path.source is None:
                biases[path.steps] = biases.get(path.steps, 0) + path.weight * gains[target]
        if 0 in biases:
            p = found[target]
            bias = p.parameters.get("bias", 0.0) + biases.pop(0)
            found[target] = replace(p, parameters={**p.parameters, "bias": bias})
        late += [Projection("", target, bias[None, :], steps) for steps, bias in biases.items()]
    if not late:
        return found, []
    always = "always"
    while always in found:
        always += "_"
    found[always] = Population(always, "if", 1, {"v_threshold": 1.0, "reset": "zero", "fires": ">=", "bias": 1.0})
    return found, [replace(one, source=always) for one in late]


def _in_order(populations: Iterable[Population], projections: Iterable[Projection]) -> list[Population]:
    """Return inputs first, then every population by the shortest path that leads to it; the order of a file says nothing."""
    populations, projections = list(populations), list(projections)
    level = {p.name: 0 if p.kind == "input" else len(populations) for p in populations}
    for _ in populations:
        for c in projections:
            level[c.target] = min(level[c.target], level[c.source] + 1) if c.target != c.source else level[c.target]
    return sorted(populations, key=lambda p: level[p.name])
