"""A network of populations as Brian2 objects, in the order of computation that a step asks for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.later import brian2
from brian2chip.core.neuron_kinds import step_constants
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of

if TYPE_CHECKING:
    from brian2 import Function, NeuronGroup, SpikeMonitor, StateMonitor, Synapses

# What calibration reads: the range of the membrane before the reset, and the sum and the number of its positive values.
SHARED = """n_steps : integer (shared, constant)
n_kept : integer (shared, constant)
"""
RANGE = """v_max : 1
v_min : 1
"""
RANGE_CODE = """v_max = v*int(v > v_max) + v_max*int(v <= v_max)
v_min = v*int(v < v_min) + v_min*int(v >= v_min)
"""
MEAN = """v_sum : 1
above : 1
"""
MEAN_CODE = """v_sum += v*int(v > 0)
above += int(v > 0)
"""


def levels(network: SpikingNetwork) -> dict[str, int]:
    """Return the place of every population in the order that projections without delay ask for.

    Raises
    ------
    UserError
        When projections without delay make a loop.
    """
    level = {p.name: 0 for p in network.populations}
    forward = [p for p in network.projections if p.delay_steps == 0]
    for _ in range(len(level) + 1):
        moved = [p for p in forward if level[p.target] <= level[p.source]]
        if not moved:
            return level
        for p in moved:
            level[p.target] = level[p.source] + 1
    raise UserError("projections without delay make a loop, which has no order of computation; give one of them delay_steps = 1.")


def known_by(network: SpikingNetwork) -> tuple:
    """Return what determines the program of a network beside the values that every start is given."""
    place = {p.name: k for k, p in enumerate(network.populations)}
    return (
        "reference network",
        [(p.size, None if p.kind == "input" else neuron_of(p.kind, p.parameters)) for p in network.populations],
        [(place[p.source], place[p.target], p.delay_steps, *_pairs(p.weight)) for p in network.projections],
    )


def values(network: SpikingNetwork, n_steps: int, n_kept: int) -> dict[str, Any]:
    """Return what every start of the program is given beside the events: the constants of neurons, steps, weights."""
    steps: Mapping[str, Any] = {"n_steps": n_steps, "n_kept": n_kept}
    own = [(k, p) for k, p in enumerate(network.populations) if p.kind != "input"]
    given = {f"{name}_{k}": value for k, p in own for name, value in {**constants_of(p, network.dt), **steps}.items()}
    return given | {f"w_{k}": np.asarray(p.weight, float)[_pairs(p.weight)] for k, p in enumerate(network.projections)}


def build(s: Session, network: SpikingNetwork, events: Function, n_steps: int, n_kept: int):
    """Return the Brian2 network, its monitors and its spiking or leaky groups by population; every value is an input of the session.

    Parameters
    ----------
    s : Session
    network : SpikingNetwork
    events : Function
        ``events(step, channel)`` is 1 where an input spikes.
    n_steps, n_kept : int
        Steps from the start of a sample to that of the next, and those that count.
    """
    level, groups, synapses, monitors, offset = levels(network), {}, [], {}, 0
    for k, p in enumerate(network.populations):  # their names may be any text, those of Brian2 may not
        if p.kind == "input":
            groups[p.name] = input_of(p, f"g_{k}", events, offset, level[p.name])
            offset += p.size
            continue
        spikes = neuron_of(p.kind, p.parameters).spikes
        more = (RANGE + MEAN, RANGE_CODE + MEAN_CODE) if spikes else (RANGE, RANGE_CODE)
        groups[p.name] = group_of(p, f"g_{k}", level[p.name], 1, *more)
        monitors[p.name] = _monitor(f"m_{k}", groups[p.name])
        for name, value in {**constants_of(p, network.dt), "n_steps": n_steps, "n_kept": n_kept}.items():
            s.input(f"{name}_{k}", groups[p.name], name, value)
    for k, p in enumerate(network.projections):
        pre, post = _pairs(p.weight)
        synapses.append(_connect(p, f"s_{k}", groups[p.source], groups[p.target], level[p.source], network.dt, pre, post))
        s.input(f"w_{k}", synapses[-1], "w", np.asarray(p.weight, float)[pre, post])
    own = {p.name: groups[p.name] for p in network.populations if p.kind != "input"}
    return brian2.Network(*groups.values(), *synapses, *monitors.values()), monitors, own


def group_of(
    population: Population, name: str, level: int, replicas: int = 1, equations: str = "", code: str = "", after: str = ""
) -> NeuronGroup:
    """Return the neurons of a population, once or in several replicas, which take a step in the slot of their level.

    Parameters
    ----------
    population : Population
    name : str
    level : int
    replicas : int
    equations, code, after : str
        What is kept besides, and the code that does it, run between integration and threshold, and after it.
    """
    neuron = neuron_of(population.kind, population.parameters)
    equations = neuron.equations + neuron.declared(each=neuron.constants) + SHARED + equations
    threshold, reset = (neuron.threshold, neuron.reset_code) if neuron.spikes else (None, None)
    group = brian2.NeuronGroup(replicas * population.size, equations, threshold=threshold, reset=reset, name=name)
    # States are zero at the start of a sample and from its end to the start of the next.
    inside = "*int(t_in_timesteps % n_steps > 0)*int(t_in_timesteps % n_steps < n_kept)"
    group.run_regularly("\n".join(f"{s} = {s}{inside}" for s in neuron.states), when="start", order=1)
    group.run_regularly(neuron.integrate + code + neuron.fire + after, when="groups", order=10 * level)
    if neuron.spikes:
        group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 10 * level + 1
    return group


def constants_of(population: Population, dt: float) -> dict[str, np.ndarray | float]:
    """Return the constants of a population's equations by name."""
    constants = {"v_reset": 0.0, **step_constants(population.parameters, dt)}
    return {name: constants[name] for name in neuron_of(population.kind, population.parameters).constants}


def input_of(population: Population, name: str, events: Function, offset: int, level: int, replicas: int = 1) -> NeuronGroup:
    """Return a population, once or in several replicas, that spikes where the table of events says so, from column ``offset`` on."""
    namespace = {"events": events, "offset": offset}
    group = brian2.NeuronGroup(
        replicas * population.size, "", threshold="events(t_in_timesteps, i + offset) > 0", reset="", namespace=namespace, name=name
    )
    group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 10 * level + 1
    return group


#: Weights from which on zeros are left out where they are more than three quarters, as in convolutions: programs of small networks are
#: the same for all weights.
LARGE = 1 << 16


def _pairs(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which neurons are connected, source and target of each synapse."""
    if weight.size >= LARGE and 0 < 4 * np.count_nonzero(weight) < weight.size:
        return np.nonzero(weight)
    n_pre, n_post = weight.shape
    return np.repeat(np.arange(n_pre), n_post), np.tile(np.arange(n_post), n_pre)


def _connect(projection: Projection, name: str, source, target, level: int, dt: float, pre, post) -> Synapses:
    synapses = brian2.Synapses(source, target, "w : 1", on_pre="I_post += w", name=name)
    synapses.connect(i=pre, j=post)
    delayed(synapses, projection, level, dt)
    return synapses


def delayed(synapses: Synapses, projection: Projection, level: int, dt: float) -> None:
    """Let synapses deliver after the delay of their projection, without one in the step of the spike, after the source of that level."""
    if projection.delay_steps == 0:
        synapses.pre.when, synapses.pre.order = "groups", 10 * level + 2
    elif projection.delay_steps > 1:
        synapses.pre.delay = (projection.delay_steps - 1) * dt * brian2.second


def _monitor(name: str, group: NeuronGroup) -> SpikeMonitor | StateMonitor:
    """Return what records the spikes of a population, or the membranes of a readout."""
    if group.thresholder:
        return brian2.SpikeMonitor(group, name=name)
    return brian2.StateMonitor(group, "v", record=True, when="end", name=name)
