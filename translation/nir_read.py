"""Read networks that snnTorch, Norse, Sinabs or Rockpool wrote as NIR graphs."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from brian2chip.core.files import shown
from brian2chip.core.neuron_kinds import time_constant
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.errors import UserError, unknown
from brian2chip.translation.nir_format import NEURONS, check_installed, exact_tau, loops
from brian2chip.translation.nir_graph import Graph, Node, read_graph
from brian2chip.translation.nir_paths import Path, check_size, paths_onto, sizes

logger = logging.getLogger(__name__)


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
    tau_in_steps : bool
        Time constants may be written times the step.
    """

    dt: float = 1e-3
    reset: str = "zero"
    whole_current: bool = False
    tau_in_steps: bool = False


#: Norse 1.1 writes time constants times its step of 1 ms, older ones in seconds; its current cells ignore ``w_in``.
CONVENTIONS = {"nir": Convention(), "snntorch": Convention(1e-4, "subtract"), "norse": Convention(1e-3, "zero", True, True)}


def from_nir(graph: Any, *, convention: str = "nir", dt: float | None = None) -> SpikingNetwork:
    """Return the network of a NIR graph or file.

    A linear node before an output, without neurons between, becomes a readout without memory; a bias behind a delay, which begins late,
    a neuron that spikes in every step.

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
    read = read_graph(graph)
    try:
        step = _step(dt, read.metadata, CONVENTIONS[convention])
        return _network(read, step, convention)
    except UserError as error:
        if not isinstance(graph, (str, os.PathLike)):
            raise
        raise UserError(f"the NIR file {shown(graph)}: {error}") from None


def _step(dt: float | None, metadata: Mapping[str, Any], rule: Convention) -> float:
    given = metadata.get("dt", rule.dt) if dt is None else dt
    try:
        step = float(np.asarray(given)[()])
    except (TypeError, ValueError):
        step = np.nan
    if not 0 < step < np.inf:
        raise UserError(f"the step dt was given as {given!r:.60}; give a positive number of seconds.")
    return step


def _network(graph: Graph, dt: float, convention: str) -> SpikingNetwork:
    size, rule = sizes(graph), CONVENTIONS[convention]
    factor = _tau_factor(graph, dt, rule)
    populations: dict[str, Population] = {}
    gains: dict[str, np.ndarray] = {}
    paths: dict[str, list[Path]] = {}
    for name, node in graph.nodes.items():
        if node.kind == "Input":
            populations[name] = Population(name, "input", size[name])
        elif node.kind in NEURONS:
            populations[name], gains[name] = _population(name, node, size[name], dt, rule, factor)
            paths[name] = list(paths_onto(graph, name, size[name], dt))
        elif node.kind == "Output":
            found = list(paths_onto(graph, name, size[name], dt))
            if any(p.weight is not None or p.steps for p in found):  # it shows more than the spikes of neurons
                populations[name] = Population(name, "li", size[name], {"tau_m": float(time_constant(0.0, dt))})
                gains[name], paths[name] = np.ones(size[name]), found
    _check_ends(graph)
    projections = _projections(populations, paths, gains)
    populations, late = _with_biases(populations, paths, gains)
    ordered = _in_order(populations.values(), projections)
    return SpikingNetwork(tuple(ordered), tuple(projections + late), dt, {"source": "NIR", "convention": convention})


def _tau_factor(graph: Graph, dt: float, rule: Convention) -> float:
    """Return what the time constants in the file are multiplied by to be seconds."""
    if not rule.tau_in_steps:
        return 1.0
    foreign = [node for node in graph.nodes.values() if "dt" not in node.metadata]
    taus = np.concatenate([np.zeros(0), *(v.ravel() for node in foreign for name, v in node.values.items() if name.startswith("tau"))])
    if not taus.size or np.all(taus < dt):
        return 1 / dt
    if np.any(taus < dt):
        raise UserError(
            f"its time constants go from {taus.min():g} to {taus.max():g}, so that they are neither all in seconds nor all times a step of "
            f"{dt:g} s, as Norse 1.1 writes them; give the dt that it was written with."
        )
    logger.warning("The time constants are not shorter than a step, so they are read as seconds, as Norse wrote them before version 1.1.")
    return 1.0


def _population(name: str, node: Node, size: int, dt: float, rule: Convention, factor: float) -> tuple[Population, np.ndarray]:
    """Return a population, and by how much a spike of weight 1 moves its membrane (or current)."""
    kind, filtered = NEURONS[node.kind]
    full = {what: np.broadcast_to(value.ravel(), (size,)).copy() for what, value in node.values.items()}
    ours = "dt" in node.metadata  # one of ours: nothing is left open
    if ours or kind == "if":  # snnTorch and Norse write none with a reset of their own
        rule = replace(rule, reset="zero", whole_current=False)
    parameters: dict[str, Any] = {}
    gain = full["r"]
    if kind == "if" and ours and np.allclose(gain * dt, 1):  # so we wrote them once
        gain = np.ones(size)
    if kind != "if":
        tau = full["tau_mem" if filtered else "tau"] * (1.0 if ours else factor)
        parameters["tau_m"] = exact_tau(name, tau, dt)
        gain = gain * dt / tau
        if np.any(full["v_leak"] != 0):
            raise UserError(
                f"node {name!r} ({node.kind}) rests at v_leak other than 0, which is not supported; shift its membrane to rest at 0."
            )
    if filtered:
        tau_syn = full["tau_syn"] * (1.0 if ours else factor)
        parameters["tau_syn"] = exact_tau(name, tau_syn, dt)
        gain = gain * (1.0 if rule.whole_current else full.get("w_in", 1.0) * dt / tau_syn)
    if kind != "li":
        parameters["v_threshold"] = full["v_threshold"]
        parameters["reset"] = str(node.metadata.get("reset", rule.reset))
        parameters["fires"] = str(node.metadata.get("fires", ">"))
        if np.any(full.get("v_reset", 0) != 0) and parameters["reset"] == "zero":
            parameters["v_reset"] = full["v_reset"]
    return Population(name, kind, size, parameters), gain


def _check_ends(graph: Graph) -> None:
    """Raise UserError for a node that computes something that nothing takes."""
    leads = {a for a, _ in graph.edges}
    for name, node in graph.nodes.items():
        if node.kind in ("Linear", "Affine", "Delay") and name not in leads:
            raise UserError(f"nothing follows the node {name!r} ({node.kind}); add neurons or an Output after it.")


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
            weight = np.eye(shape[1]) if path.weight is None else path.weight
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
            found[target] = replace(p, parameters={**p.parameters, "bias": biases.pop(0)})
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
