"""Many networks that differ in weights and constants alone, as replicas of one compiled program: what each answers and how much it fires."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import brian2
import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Projection, SpikingNetwork
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.evaluate import outputs
from brian2chip.translation.reference_network import constants_of, delayed, group_of, input_of, levels
from brian2chip.translation.reference_simulator import TABLE, check_channels, events_of

#: Synapses of all replicas of one start.
MOST_SYNAPSES = 4_000_000
#: Spikes of each neuron in the samples, and what its readout gives in the steps that count; ``last`` is the step after the last sample.
COUNT = """total : 1
last : integer (shared, constant)
"""
COUNT_CODE = "total += z*int(t_in_timesteps % n_steps < n_kept)*int(t_in_timesteps < last)\n"
SCORE = "score : 1\n"
#: What counts: spikes, the membrane of a readout, or its squared distance from a target.
SCORES = {"spikes": "z", "classes": "v", "targets": "(v - target(t_in_timesteps, i % n_out))**2"}


@dataclass(frozen=True)
class ReplicaRun:
    """What several networks did with the same samples.

    Attributes
    ----------
    score : float array [networks, samples, outputs]
        Spikes or membrane of the output, or its squared error where there are targets, summed over the steps that count.
    spikes : dict of population to float array [networks, neurons]
        Spikes in all samples.
    """

    score: np.ndarray
    spikes: dict[str, np.ndarray]


def at_once(network: SpikingNetwork) -> int:
    """Return how many replicas of a network run in one start of the program."""
    return max(1, MOST_SYNAPSES // max(1, sum(np.size(c.weight) for c in network.projections)))


@contextmanager
def replicated(
    network: SpikingNetwork, samples: Samples, replicas: int, *, own_inputs: bool = False, device: str = "auto"
) -> Iterator[Callable[..., ReplicaRun]]:
    """Yield a function that runs networks like the given one on its samples, any number of them, ``replicas`` in a start of the program.

    Each does what :func:`~brian2chip.translation.reference_simulator.float_run` gives for it alone.

    Parameters
    ----------
    network : SpikingNetwork
        Populations, kinds and delays of all; weights and numeric parameters differ.
    samples : Samples
        With labels, or with targets for a network with a readout.
    replicas : int
    own_inputs : bool
        Whether every network gets input spikes of its own.
    device : str
        As :func:`brian2chip.engine.session.session` takes it.

    Yields
    ------
    callable
        ``run(networks, inputs=None) -> ReplicaRun``; ``inputs`` are samples for each network where they have their own.

    Raises
    ------
    UserError
        When channels or targets disagree, or projections without delay make a loop.
    """
    n_in = check_channels(network, samples)
    levels(network)
    kind = _kind(network, samples)
    dt, gap = network.dt, max([p.delay_steps - 1 for p in network.projections] + [0])
    n_steps, columns = samples.n_steps + gap, n_in * (replicas if own_inputs else 1)
    chunk = max(1, min(len(samples), TABLE // (n_steps * columns)))
    work = replicas * chunk * n_steps * 4 * (len(network.populations) + len(network.projections))
    with session(device, work=work, dt=dt) as s:
        shape = _Shape(network, samples, replicas, own_inputs, kind, n_steps, chunk)
        tables = {"events": np.zeros((1, columns), np.uint8), "valid": samples.mask[:, None].astype(np.uint8)}
        if kind == "targets":
            tables["target"] = np.zeros((1, samples.target.shape[2]))
        functions = {name: s.table(name, values) for name, values in tables.items()}
        net, groups, recorded = _build(s, shape, functions)

        def run(networks: Sequence[SpikingNetwork], inputs: Sequence[Samples] | None = None) -> ReplicaRun:
            parts = []
            for first in range(0, len(networks), replicas):
                some = list(networks[first : first + replicas])
                n = len(some)
                padded = some + [some[-1]] * (replicas - n)
                own = None if inputs is None else [inputs[first + min(k, n - 1)] for k in range(replicas)]
                parts.append(_started(s, net, shape, groups, recorded, padded, own, n))
            return ReplicaRun(
                np.concatenate([part.score for part in parts]),
                {name: np.concatenate([part.spikes[name] for part in parts]) for name in parts[0].spikes},
            )

        yield run


@dataclass(frozen=True)
class _Shape:
    """What the program is built for."""

    network: SpikingNetwork
    samples: Samples
    replicas: int
    own_inputs: bool
    kind: str
    n_steps: int
    chunk: int

    @property
    def output(self) -> str:
        return outputs(self.network)[-1]

    def copies(self, population: str) -> int:
        """Return how often a population is there: inputs are shared where all networks have the same."""
        return 1 if self.network.population(population).kind == "input" and not self.own_inputs else self.replicas


def _kind(network: SpikingNetwork, samples: Samples) -> str:
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


def _build(s: Session, shape: _Shape, functions: dict[str, brian2.Function]) -> tuple[brian2.Network, dict[str, Any], Any]:
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
        for name, value in _constants(shape, [network] * shape.replicas, p.name).items():
            s.input(f"{name}_{k}", group, name, value)
        for name in ("n_steps", "n_kept", *(["last"] if spikes else [])):
            s.input(f"{name}_{k}", group, name, {"n_steps": shape.n_steps, "n_kept": shape.samples.n_steps, "last": 0}[name])
    for k, p in enumerate(network.projections):
        synapses.append(_connect(p, f"s_{k}", groups, shape, level[p.source]))
        s.input(f"w_{k}", synapses[-1], "w", np.zeros(len(synapses[-1])))
    recorded = brian2.StateMonitor(
        groups[shape.output], "score", record=True, dt=shape.n_steps * network.dt * brian2.second, when="start", order=0, name="scores"
    )
    return brian2.Network(*groups.values(), *synapses, recorded), groups, recorded


def _connect(projection: Projection, name: str, groups: dict[str, Any], shape: _Shape, level: int) -> brian2.Synapses:
    """Return the synapses of all replicas; those of a spike lie side by side."""
    synapses = brian2.Synapses(groups[projection.source], groups[projection.target], "w : 1", on_pre="I_post += w", name=name)
    n_pre, n_post = projection.weight.shape
    copies = shape.copies(projection.source)
    i = np.repeat(np.arange(copies * n_pre), shape.replicas // copies * n_post)
    j = np.arange(shape.replicas * n_post).reshape(copies, 1, -1)
    synapses.connect(i=i, j=np.broadcast_to(j, (copies, n_pre, j.shape[2])).ravel())
    delayed(synapses, projection, level, shape.network.dt)
    return synapses


def _constants(shape: _Shape, networks: Sequence[SpikingNetwork], name: str) -> dict[str, np.ndarray]:
    """Return the constants of a population's neurons in all replicas."""
    each = [constants_of(network.population(name), network.dt) for network in networks]
    size = (shape.network.population(name).size,)
    return {key: np.concatenate([np.broadcast_to(np.asarray(one[key], float), size) for one in each]) for key in each[0]}


def _weights(shape: _Shape, networks: Sequence[SpikingNetwork], k: int) -> np.ndarray:
    """Return the weights of a projection in the order of the synapses."""
    weights = np.stack([np.asarray(network.projections[k].weight, float) for network in networks])
    shared = shape.copies(shape.network.projections[k].source) == 1
    return (weights.swapaxes(0, 1) if shared else weights).ravel()


def _events(shape: _Shape, inputs: Sequence[Samples] | None, first: int, count: int) -> np.ndarray:
    """Return the input spikes of some samples, uint8 [steps, channels]; channels of one population in all replicas lie side by side."""
    if inputs is None:
        return events_of(shape.samples, first, count, shape.n_steps)
    each = np.stack([events_of(one, first, count, shape.n_steps) for one in inputs], axis=1)
    ends = np.cumsum([p.size for p in shape.network.populations if p.kind == "input"])[:-1]
    return np.concatenate([part.reshape(len(each), -1) for part in np.split(each, ends, axis=2)], axis=1)


def _started(s: Session, net, shape: _Shape, groups, recorded, networks, inputs, n: int) -> ReplicaRun:
    """Run the program with the values of as many networks as it has replicas, and return what the first ``n`` did."""
    values: dict[str, Any] = {}
    for k, p in enumerate(shape.network.populations):
        if p.kind != "input":
            values |= {f"{name}_{k}": value for name, value in _constants(shape, networks, p.name).items()}
    values |= {f"w_{k}": _weights(shape, networks, k) for k in range(len(shape.network.projections))}
    spiking = [(k, p) for k, p in enumerate(shape.network.populations) if p.kind not in ("input", "li")]
    scores, spikes = [], {p.name: np.zeros((n, p.size)) for _, p in spiking}
    for first in range(0, len(shape.samples), shape.chunk):
        count = min(shape.chunk, len(shape.samples) - first)
        steps = count * shape.n_steps
        values |= {"events": _events(shape, inputs, first, count), **{f"last_{k}": steps for k, _ in spiking}}
        if shape.kind == "targets":
            values["target"] = _targets(shape, first, count)
        if not s.queued:
            s.queue(net, 0.0)
        s.execute(values, [(steps + 1) * shape.network.dt])  # a step more: the last score is read at the start of a sample
        scores.append(np.asarray(recorded.score)[:, 1 : count + 1].reshape(shape.replicas, -1, count)[:n])
        for _, p in spiking:
            spikes[p.name] += np.asarray(groups[p.name].total[:]).reshape(shape.replicas, p.size)[:n]
    return ReplicaRun(np.concatenate(scores, axis=2).swapaxes(1, 2), spikes)


def _targets(shape: _Shape, first: int, count: int) -> np.ndarray:
    """Return the targets of some samples, one after another as their steps are."""
    some = shape.samples.target[first : first + count]
    return np.pad(some, ((0, 0), (0, shape.n_steps - shape.samples.n_steps), (0, 0))).reshape(count * shape.n_steps, -1)
