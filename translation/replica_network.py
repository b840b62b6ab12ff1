"""Replicas of a network as Brian2 objects, which count spikes and sum up what the output gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Projection, SpikingNetwork
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.evaluate import outputs
from brian2chip.translation.reference_network import constants_of, delayed, group_of, input_of, levels

#: Spikes of each neuron in the samples, and what its readout gives in the steps that count; ``last`` is the step after the last sample.
COUNT = """total : 1
last : integer (shared, constant)
"""
COUNT_CODE = "total += z*int(t_in_timesteps % n_steps < n_kept)*int(t_in_timesteps < last)\n"
SCORE = "score : 1\n"
#: What counts: spikes, the membrane of a readout, or its squared distance from a target.
SCORES = {"spikes": "z", "classes": "v", "targets": "(v - target(t_in_timesteps, i % n_out))**2"}


@dataclass(frozen=True)
class Shape:
    """What a program of replicas is built for.

    Attributes
    ----------
    network : SpikingNetwork
        Populations, kinds and delays of all replicas.
    replicas : int
    own_inputs : bool
        Whether each has input spikes of its own.
    kind : str
        A key of :data:`SCORES`.
    kept, n_steps : int
        Steps of a sample, and from its start to that of the next.
    """

    network: SpikingNetwork
    replicas: int
    own_inputs: bool
    kind: str
    kept: int
    n_steps: int

    @property
    def output(self) -> str:
        """The population that answers."""
        return outputs(self.network)[-1]

    def copies(self, population: str) -> int:
        """Return how often a population is there: inputs are shared where all networks have the same."""
        return 1 if self.network.population(population).kind == "input" and not self.own_inputs else self.replicas


def kind_of(network: SpikingNetwork, samples: Samples) -> str:
    """Return what the output of a network is judged by, a key of :data:`SCORES`.

    Raises
    ------
    UserError
        For a network without output, and targets that its output cannot have.
    """
    if not (found := outputs(network)):
        raise UserError("no population of the network is its output: each has another that follows; leave one without a projection.")
    output = network.population(found[-1])
    spikes = neuron_of(output.kind, output.parameters).spikes
    if samples.target is None:
        return "spikes" if spikes else "classes"
    if spikes:
        raise UserError(f"the samples have targets, but the output {output.name!r} spikes and has no readout; give samples with labels.")
    if samples.target.shape[2] != output.size:
        raise UserError(f"the samples have {samples.target.shape[2]} targets and the network {output.size} outputs; give as many.")
    return "targets"


def build(s: Session, shape: Shape, functions: dict[str, brian2.Function]) -> tuple[brian2.Network, dict[str, Any], Any]:
    """Return the Brian2 network, its groups by population, and the monitor of the scores."""
    network, level, groups, synapses, offset = shape.network, levels(shape.network), {}, [], 0
    for k, p in enumerate(network.populations):
        copies = shape.copies(p.name)
        if p.kind == "input":
            groups[p.name] = input_of(p, f"g_{k}", functions["events"], offset, level[p.name], copies)
            offset += p.size * copies
            continue
        spikes, output = neuron_of(p.kind, p.parameters).spikes, p.name == shape.output
        after = (COUNT_CODE if spikes else "") + ("score += valid(t_in_timesteps % n_steps, 0)*" + SCORES[shape.kind] if output else "")
        group = group_of(p, f"g_{k}", level[p.name], copies, (COUNT if spikes else "") + (SCORE if output else ""), after=after)
        if output:
            group.namespace.update(functions, n_out=p.size)
            group.run_regularly("score = score*int(t_in_timesteps % n_steps > 0)", when="start", order=2, name="score_reset")
        groups[p.name] = group
        for name, value in constants(shape, [network] * shape.replicas, p.name).items():
            s.input(f"{name}_{k}", group, name, value)
        for name in ("n_steps", "n_kept", *(["last"] if spikes else [])):
            s.input(f"{name}_{k}", group, name, {"n_steps": shape.n_steps, "n_kept": shape.kept, "last": 0}[name])
    for k, p in enumerate(network.projections):
        synapses.append(_connect(p, f"s_{k}", groups, shape, level[p.source]))
        s.input(f"w_{k}", synapses[-1], "w", np.zeros(len(synapses[-1])))
    recorded = brian2.StateMonitor(
        groups[shape.output], "score", record=True, dt=shape.n_steps * network.dt * brian2.second, when="start", order=0, name="scores"
    )
    return brian2.Network(*groups.values(), *synapses, recorded), groups, recorded


def _connect(projection: Projection, name: str, groups: dict[str, Any], shape: Shape, level: int) -> brian2.Synapses:
    """Return the synapses of all replicas; those of a spike lie side by side."""
    synapses = brian2.Synapses(groups[projection.source], groups[projection.target], "w : 1", on_pre="I_post += w", name=name)
    n_pre, n_post = projection.weight.shape
    copies = shape.copies(projection.source)
    i = np.repeat(np.arange(copies * n_pre), shape.replicas // copies * n_post)
    j = np.arange(shape.replicas * n_post).reshape(copies, 1, -1)
    synapses.connect(i=i, j=np.broadcast_to(j, (copies, n_pre, j.shape[2])).ravel())
    delayed(synapses, projection, level, shape.network.dt)
    return synapses


def constants(shape: Shape, networks: Sequence[SpikingNetwork], name: str) -> dict[str, np.ndarray]:
    """Return the constants of a population's neurons in all replicas."""
    each = [constants_of(network.population(name), network.dt) for network in networks]
    size = (shape.network.population(name).size,)
    return {key: np.concatenate([np.broadcast_to(np.asarray(one[key], float), size) for one in each]) for key in each[0]}
