"""Write networks as NIR graphs, which snnTorch, Norse, Sinabs and Rockpool read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.core.neuron_kinds import step_constants
from brian2chip.core.output import check_writable
from brian2chip.core.spiking_network import Population, SpikingNetwork, step_factor
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.nir_format import NEURONS, check_installed, euler_tau, loops, nir


def to_nir(network: SpikingNetwork, path: str | os.PathLike | None = None) -> Any:
    """Return the NIR graph of a network, and write it, whole or not at all, when a path is given.

    Raises
    ------
    UserError
        Naming everything that NIR cannot express, or when the file cannot be written.
    """
    check_installed()
    problems = [problem for p in network.populations for problem in _problems(p, network)]
    if problems:
        raise UserError(f"NIR cannot express this network: {'; '.join(problems)}; it knows lif, if and li without refractoriness.")
    nodes: dict[str, Any] = {p.name: _node(p, network.dt) for p in network.populations}
    edges: list[tuple[str, str]] = []
    loop = loops([(c.source, c.target) for c in network.projections], [p.name for p in network.populations])
    biased = {p.name: p.parameters["bias"] for p in network.populations if _biased(p)}
    for c in network.projections:
        name, target = _free(f"{c.source}_{c.target}", nodes), network.population(c.target)
        unit = _unit(target, network.dt)
        weight = np.asarray(c.weight, float).T * (unit * target.parameters.get("gain", 1.0))[:, None]
        if c.target in biased:
            nodes[name] = nir.Affine(weight=weight, bias=biased.pop(c.target) * unit)
        else:
            nodes[name] = nir.Linear(weight=weight)
        extra = c.delay_steps - int(loop[c.source] == loop[c.target])
        if extra > 0:
            delay = _free(f"{name}_delay", nodes)
            nodes[delay] = nir.Delay(delay=np.full(weight.shape[1], extra * network.dt))
            edges += [(c.source, delay), (delay, name)]
        else:
            edges.append((c.source, name))
        edges.append((name, c.target))
    sources = {c.source for c in network.projections}
    for p in network.populations:
        if p.kind != "input" and p.name not in sources:
            out = _free(f"{p.name}_out", nodes)
            nodes[out] = nir.Output(output_type={"output": np.array([p.size])})
            edges.append((p.name, out))
    metadata = {"dt": network.dt, "discretisation": "forward Euler", "writer": "brian2chip"}
    graph = nir.NIRGraph(nodes=nodes, edges=edges, metadata=metadata, type_check=False)
    if path is not None:
        _write(graph, check_writable(path))
    return graph


def _write(graph: Any, path: Path) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        os.close(handle)
        nir.write(temporary, graph)
        os.replace(temporary, path)
    except OSError as error:
        raise UserError(f"the NIR file {str(path)!r} cannot be written ({error}); choose another path.") from None
    finally:
        Path(temporary).unlink(missing_ok=True)


def _free(name: str, taken: dict[str, Any]) -> str:
    """Return the name, or with a number behind it where another node has it."""
    found, k = name, 2
    while found in taken:
        found, k = f"{name}_{k}", k + 1
    return found


def _biased(p: Population) -> bool:
    return bool(np.any(np.asarray(p.parameters.get("bias", 0.0))))


def _problems(p: Population, network: SpikingNetwork) -> Iterator[str]:
    """Yield everything about a population that NIR cannot express."""
    if p.name in (".", ".."):
        yield f"{p.name!r} is no name of a node (HDF5 takes it for a folder)"
    filtered = "tau_syn" in p.parameters
    if p.kind != "input" and (p.kind, filtered) not in NEURONS.values():
        yield f"{p.name!r} is of kind {p.kind!r}" + (" with a synaptic current" if filtered else "")
    if np.any(np.asarray(p.parameters.get("refractory", 0.0)) > network.dt * (1 + 1e-9)):
        yield f"{p.name!r} is refractory"
    if _biased(p) and all(c.target != p.name for c in network.projections):
        yield f"{p.name!r} has a bias and no connection that could carry it"
    constants = step_constants(p.parameters, network.dt)
    if any(np.any(np.asarray(constants.get(name, 0.0)) >= 1) for name in ("alpha", "alpha_syn")):
        yield f"{p.name!r} has a time constant so long that nothing is lost in a step (make it of kind 'if')"


def _unit(p: Population, dt: float) -> np.ndarray:
    """Return the NIR weight that moves a membrane by 1 with r = 1, as Norse asks: under Euler ``tau/dt``, 1 without leak."""
    return np.ones(p.size) if p.kind == "if" else 1 / (1 - step_factor(p, dt))


def _node(p: Population, dt: float) -> Any:
    """Return the node of a population, with time constants such that Euler gives our factors."""
    if p.kind == "input":
        return nir.Input(input_type={"input": np.array([p.size])})
    full = lambda a: np.broadcast_to(np.asarray(a, float), (p.size,)).copy()  # noqa: E731
    neuron, c = neuron_of(p.kind, p.parameters), step_constants(p.parameters, dt)
    of = {"r": full(1.0)}
    if neuron.leak:
        of |= {"tau_mem" if neuron.filtered else "tau": full(euler_tau(c["alpha"], dt)), "v_leak": full(c.get("v_leak", 0.0))}
    if neuron.filtered:
        of |= {"tau_syn": full(euler_tau(c["alpha_syn"], dt)), "w_in": full(euler_tau(c["alpha_syn"], dt)) / dt}
    meta = {"dt": dt}
    if neuron.spikes:
        of |= {"v_threshold": full(c["v_th"]), "v_reset": full(c.get("v_reset", 0.0))}
        meta |= {"reset": neuron.reset, "fires": neuron.fires}
    node_type = next(name for name, ours in NEURONS.items() if ours == (p.kind, neuron.filtered))
    return getattr(nir, node_type)(**of, metadata=meta)
