"""Write networks as NIR graphs, which snnTorch, Norse, Sinabs and Rockpool read."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np

from brian2chip.core.neuron_kinds import step_constants
from brian2chip.core.spiking_network import Population, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.nir_format import NEURONS, check_installed, euler_tau, loops, nir


def to_nir(network: SpikingNetwork, path: str | os.PathLike | None = None) -> Any:
    """Return the NIR graph of a network, and write it when a path is given.

    Raises
    ------
    UserError
        Naming everything that NIR cannot express.
    """
    check_installed()
    problems = [problem for p in network.populations for problem in _problems(p, network.dt)]
    if problems:
        raise UserError(f"NIR cannot express this network: {'; '.join(problems)}; it knows lif, if and li without refractoriness.")
    nodes: dict[str, Any] = {p.name: _node(p, network.dt) for p in network.populations}
    edges: list[tuple[str, str]] = []
    loop = loops([(c.source, c.target) for c in network.projections], [p.name for p in network.populations])
    biased = {p.name: p.parameters["bias"] for p in network.populations if np.any(np.asarray(p.parameters.get("bias", 0.0)))}
    for c in network.projections:
        name, target = f"{c.source}_{c.target}", network.population(c.target)
        unit = _unit(target, network.dt)
        weight = np.asarray(c.weight, float).T * (unit * target.parameters.get("gain", 1.0))[:, None]
        if c.target in biased and loop[c.source] != loop[c.target]:
            nodes[name] = nir.Affine(weight=weight, bias=biased.pop(c.target) * unit)
        else:
            nodes[name] = nir.Linear(weight=weight)
        extra = c.delay_steps - int(loop[c.source] == loop[c.target])
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


def _problems(p: Population, dt: float) -> Iterator[str]:
    """Yield everything about a population that NIR cannot express."""
    filtered = "tau_syn" in p.parameters
    if p.kind != "input" and (p.kind, filtered) not in NEURONS.values():
        yield f"{p.name!r} is of kind {p.kind!r}" + (" with a synaptic current" if filtered else "")
    if np.any(np.asarray(p.parameters.get("refractory", 0.0)) > dt * (1 + 1e-9)):
        yield f"{p.name!r} is refractory"


def _unit(p: Population, dt: float) -> np.ndarray:
    """Return the NIR weight that moves a membrane by 1 under Euler: ``tau/dt`` with r = 1, as Norse asks; 1 without leak."""
    return np.ones(p.size) if p.kind == "if" else 1 / (1 - step_factor(p, dt))


def _node(p: Population, dt: float) -> Any:
    """Return the node of a population, with time constants such that Euler gives our factors."""
    if p.kind == "input":
        return nir.Input(input_type={"input": np.array([p.size])})
    full = lambda a: np.broadcast_to(np.asarray(a, float), (p.size,)).copy()  # noqa: E731
    neuron, c = neuron_of(p.kind, p.parameters), step_constants(p.parameters, dt)
    of = {"r": full(1.0)} if neuron.leak else {"r": full(1 / dt)}
    if neuron.leak:
        of |= {"tau_mem" if neuron.filtered else "tau": full(euler_tau(c["alpha"], dt)), "v_leak": full(0.0)}
    if neuron.filtered:
        of |= {"tau_syn": full(euler_tau(c["alpha_syn"], dt)), "w_in": full(euler_tau(c["alpha_syn"], dt)) / dt}
    meta = {"dt": dt}
    if neuron.spikes:
        of |= {"v_threshold": full(c["v_th"]), "v_reset": full(c.get("v_reset", 0.0))}
        meta |= {"reset": neuron.reset, "fires": neuron.fires}
    node_type = next(name for name, ours in NEURONS.items() if ours == (p.kind, neuron.filtered))
    return getattr(nir, node_type)(**of, metadata=meta)
