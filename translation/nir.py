"""NIR files: read what snnTorch, Norse, Sinabs or Rockpool wrote, and write networks that they can read.

NIR gives continuous equations and no time step; simulators step them by the forward Euler rule with the input held for one step.
Read so, a neuron has the factor ``1 - dt/tau`` a step and a spike of weight W moves it by ``W r dt/tau``. What we write carries, as
metadata, the step, the reset mode and the comparison at the threshold, and its ``tau`` is chosen so that Euler gives our factor.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.errors import UserError, unknown

try:
    import nir
except ImportError:  # the extra [nir] is not installed; functions say so
    nir = None


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
PASS, LINEAR, NEURONS = ("Input", "Output", "Flatten"), ("Linear", "Affine"), ("LIF", "CubaLIF", "LI", "CubaLI", "IF")


def _needed() -> None:
    if nir is None:
        raise UserError("NIR files need the package nir, which is not installed; pip install 'brian2chip[nir]'.")


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
    _needed()
    if convention not in CONVENTIONS:
        raise unknown("convention", convention, CONVENTIONS)
    if isinstance(graph, (str, os.PathLike)):
        graph = _file(graph)
    nodes, edges = _flat(graph)
    strange = sorted(
        f"{name} ({kind})" for name, node in nodes.items() if (kind := type(node).__name__) not in PASS + LINEAR + NEURONS + ("Delay",)
    )
    if strange:
        known = ", ".join(LINEAR + NEURONS + ("Delay", "Flatten"))
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
    kind, meta = type(node).__name__, node.metadata or {}
    flat = lambda a: np.broadcast_to(np.asarray(a, float).ravel(), (size,)).copy()  # noqa: E731
    if "dt" in meta:  # one of ours: nothing is left open
        rule = Convention()
    parameters: dict[str, Any] = {}
    gain = flat(node.r) * dt
    if kind != "IF":
        tau = flat(node.tau if kind in ("LIF", "LI") else node.tau_mem) * rule.tau_factor
        parameters["tau_m"] = _exact_tau(name, tau, dt)
        gain = gain / tau
        if np.any(flat(node.v_leak) != 0):
            raise UserError(
                f"node {name!r} ({kind}) rests at v_leak other than 0, which is not supported; shift its membrane to rest at 0."
            )
    if kind in ("CubaLIF", "CubaLI"):
        tau_syn = flat(node.tau_syn) * rule.tau_factor
        parameters["tau_syn"] = _exact_tau(name, tau_syn, dt)
        gain = gain * (1.0 if rule.whole_current else flat(node.w_in) * dt / tau_syn)
    if kind in ("LI", "CubaLI"):
        return Population(name, "li", size, parameters), gain
    parameters["v_threshold"] = flat(node.v_threshold)
    parameters["reset"] = _text(meta.get("reset", rule.reset))
    parameters["fires"] = _text(meta.get("fires", ">"))
    if np.any(flat(node.v_reset) != 0) and parameters["reset"] == "zero":
        parameters["v_reset"] = flat(node.v_reset)
    return Population(name, "if" if kind == "IF" else "lif", size, parameters), gain


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _exact_tau(name: str, tau: np.ndarray, dt: float) -> np.ndarray:
    """Return the time constant whose exponential is the Euler factor ``1 - dt/tau``."""
    if np.any(tau < dt):
        raise UserError(
            f"node {name!r} has a time constant of {tau.min():g} s, shorter than the step of {dt:g} s; give the dt it was made for."
        )
    return -dt / np.log(np.maximum(1 - dt / tau, 1e-300))


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
    loops = _components([(s, t) for s, t, _, _ in found], populations)
    projections = []
    for source, target, weight, delay in found:
        steps = int(round(delay / dt)) + int(loops[source] == loops[target])
        projections.append(Projection(source, target, weight.T * gains[target], steps))
    return projections


def _components(edges: list[tuple[str, str]], names) -> dict[str, int]:
    """Return a number for each population, equal for those that lie on a common loop."""
    index = {name: k for k, name in enumerate(names)}
    reach = np.zeros((len(index), len(index)), bool)
    for a, b in edges:
        reach[index[a], index[b]] = True
    for k in range(len(index)):
        reach |= reach[:, k : k + 1] & reach[k : k + 1]
    return {name: next((j for j in range(len(index)) if reach[k, j] and reach[j, k]), -1 - k) for name, k in index.items()}


def _with_bias(nodes, edges, populations, gains) -> dict[str, Population]:
    """Return the populations with the biases of the affine nodes before them, as what they add every step."""
    bias: dict[str, np.ndarray] = {}
    for a, b in edges:
        if type(nodes[a]).__name__ == "Affine" and b in populations and np.any(nodes[a].bias):
            bias[b] = bias.get(b, 0) + np.asarray(nodes[a].bias, float) * gains[b]
    return {n: Population(n, p.kind, p.size, {**p.parameters, "bias": bias[n]}) if n in bias else p for n, p in populations.items()}


def to_nir(network: SpikingNetwork, path: str | os.PathLike | None = None) -> Any:
    """Return the NIR graph of a network, and write it when a path is given.

    Raises
    ------
    UserError
        Naming everything that NIR cannot express.
    """
    _needed()
    problems = []
    for p in network.populations:
        if p.kind not in ("input", "lif", "if", "li"):
            problems.append(f"{p.name!r} is of kind {p.kind!r}")
        if np.any(np.asarray(p.parameters.get("refractory", 0.0)) > network.dt * (1 + 1e-9)):
            problems.append(f"{p.name!r} is refractory")
    if problems:
        raise UserError(f"NIR cannot express this network: {'; '.join(problems)}; it knows lif, if and li without refractoriness.")
    nodes: dict[str, Any] = {}
    edges: list[tuple[str, str]] = []
    for p in network.populations:
        nodes[p.name] = _node(p, network.dt)
    loops = _components([(c.source, c.target) for c in network.projections], [p.name for p in network.populations])
    biased = {p.name: p.parameters["bias"] for p in network.populations if np.any(np.asarray(p.parameters.get("bias", 0.0)))}
    for c in network.projections:
        name, size = f"{c.source}_{c.target}", network.population(c.target).size
        unit = _unit(network.population(c.target), network.dt)
        weight = np.asarray(c.weight, float).T * unit[:, None]
        if c.target in biased and loops[c.source] != loops[c.target]:
            nodes[name] = nir.Affine(weight=weight, bias=biased.pop(c.target) * np.ones(size) * unit)
        else:
            nodes[name] = nir.Linear(weight=weight)
        extra = c.delay_steps - int(loops[c.source] == loops[c.target])
        if extra > 0:
            nodes[name + "_delay"] = nir.Delay(delay=np.full(weight.shape[1], extra * network.dt))
            edges += [(c.source, name + "_delay"), (name + "_delay", name)]
        else:
            edges.append((c.source, name))
        edges.append((name, c.target))
    sources = {c.source for c in network.projections}
    for p in network.populations:
        if p.kind != "input" and p.name not in sources:
            nodes[f"{p.name}_out"] = nir.Output(output_type={"output": np.array([p.size])})
            edges.append((p.name, f"{p.name}_out"))
    graph = nir.NIRGraph(
        nodes=nodes, edges=edges, metadata={"dt": network.dt, "discretisation": "forward Euler", "writer": "brian2chip"}, type_check=False
    )
    if path is not None:
        nir.write(path, graph)
    return graph


def _unit(p: Population, dt: float) -> np.ndarray:
    """Return the NIR weight that moves a membrane by 1 under Euler: ``tau/dt`` with r = 1, as Norse asks; 1 without leak."""
    return 1 / (1 - step_factor(p, dt)) if "tau_m" in p.parameters else np.ones(p.size)


def _node(p: Population, dt: float) -> Any:
    """Return the node of a population, with tau such that Euler gives our factor."""
    if p.kind == "input":
        return nir.Input(input_type={"input": np.array([p.size])})
    ones, meta = np.ones(p.size), {"dt": dt}
    full = lambda a: np.broadcast_to(np.asarray(a, float), (p.size,)).copy()  # noqa: E731
    tau = dt / (1 - step_factor(p, dt)) if "tau_m" in p.parameters else None
    leaky = {} if tau is None else {"tau": tau, "r": ones, "v_leak": 0 * ones}
    if "tau_syn" in p.parameters:
        tau_syn = dt / (1 - full(np.exp(-dt / np.asarray(p.parameters["tau_syn"], float))))
        leaky = {"tau_mem": tau, "tau_syn": tau_syn, "r": ones, "v_leak": 0 * ones, "w_in": tau_syn / dt}
    if p.kind == "li":
        return (nir.CubaLI if "tau_syn" in leaky else nir.LI)(**leaky, metadata=meta)
    meta |= {"reset": p.parameters.get("reset", "subtract"), "fires": p.parameters.get("fires", ">=")}
    fire = {"v_threshold": full(p.parameters["v_threshold"]), "v_reset": full(p.parameters.get("v_reset", 0.0))}
    if p.kind == "if":
        return nir.IF(r=ones / dt, **fire, metadata=meta)
    return (nir.CubaLIF if "tau_syn" in leaky else nir.LIF)(**leaky, **fire, metadata=meta)
