"""Many networks that differ in weights and constants alone, run as replicas of one compiled program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.event_table import events_of
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.reference_network import levels
from brian2chip.translation.reference_simulator import TABLE, check_channels
from brian2chip.translation.replica_network import Shape, build, constants, kind_of

#: Synapses of all replicas of one start: they then stay in the caches.
SYNAPSES = 150_000


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
    return max(1, SYNAPSES // max(1, sum(np.size(c.weight) for c in network.projections)))


@contextmanager
def replicated(
    network: SpikingNetwork, samples: Samples, replicas: int, *, own_inputs: bool = False, device: str = "auto"
) -> Iterator[Callable[..., ReplicaRun]]:
    """Yield a function that runs networks like the given one, any number of them, ``replicas`` in a start of the program.

    Each does what :func:`~brian2chip.translation.reference_simulator.float_run` gives for it alone.

    Parameters
    ----------
    network : SpikingNetwork
        Populations, kinds and delays of all; weights and numeric parameters differ.
    samples : Samples
        With labels, or with targets for a network with a readout; others that are run have as many steps and channels.
    replicas : int
    own_inputs : bool
        Whether every network gets input spikes of its own.
    device : str
        As :func:`brian2chip.engine.session.session` takes it.

    Yields
    ------
    callable
        ``run(networks, samples, inputs=None) -> ReplicaRun``; ``inputs`` are the samples of each network where they have their own.

    Raises
    ------
    UserError
        When channels, steps or targets disagree, or projections without delay make a loop.
    """
    n_in, kind = check_channels(network, samples), kind_of(network, samples)
    levels(network)
    gap = max([p.delay_steps - 1 for p in network.projections] + [0])
    shape = Shape(network, replicas, own_inputs, kind, samples.n_steps, samples.n_steps + gap)
    columns = n_in * (replicas if own_inputs else 1)
    work = replicas * len(samples) * shape.n_steps * 4 * (len(network.populations) + len(network.projections))
    with session(device, work=work, dt=network.dt) as s:
        tables = {"events": np.zeros((1, columns), np.uint8), "valid": np.zeros((1, 1), np.uint8)}
        tables |= {"target": np.zeros((1, samples.target.shape[2]))} if kind == "targets" else {}
        net, groups, scores = build(s, shape, {name: s.table(name, values) for name, values in tables.items()})
        s.queue(net, 0.0)

        def run(networks: Sequence[SpikingNetwork], given: Samples, inputs: Sequence[Samples] | None = None) -> ReplicaRun:
            _check(given, samples)
            chunk = max(1, min(len(given), TABLE // (shape.n_steps * columns)))
            parts = []
            for first in range(0, len(networks), replicas):
                chosen = np.minimum(np.arange(first, first + replicas), len(networks) - 1)  # idle replicas do what the last does
                values = _values(shape, [networks[k] for k in chosen])
                own = None if inputs is None else [inputs[k] for k in chosen]
                pieces = [
                    _started(s, shape, groups, scores, values, given, own, begin, min(chunk, len(given) - begin))
                    for begin in range(0, len(given), chunk)
                ]
                n = min(replicas, len(networks) - first)
                score = np.concatenate([piece.score[:n] for piece in pieces], axis=1)
                parts.append(ReplicaRun(score, {name: sum(piece.spikes[name][:n] for piece in pieces) for name in pieces[0].spikes}))
            score = np.concatenate([part.score for part in parts])
            return ReplicaRun(score, {name: np.concatenate([part.spikes[name] for part in parts]) for name in parts[0].spikes})

        yield run


def _check(given: Samples, built: Samples) -> None:
    if (given.n_steps, given.n_in, given.target is None) != (built.n_steps, built.n_in, built.target is None):
        here, there = (f"{one.n_steps} steps and {one.n_in} channels" for one in (given, built))
        raise UserError(f"samples of {here} were given beside others of {there}; give samples of one size, all with labels or targets.")


def _values(shape: Shape, networks: Sequence[SpikingNetwork]) -> dict[str, Any]:
    """Return the inputs of the program that are the networks'."""
    values: dict[str, Any] = {}
    for k, p in enumerate(shape.network.populations):
        if p.kind != "input":
            values |= {f"{name}_{k}": value for name, value in constants(shape, networks, p.name).items()}
    for k, p in enumerate(shape.network.projections):
        weights = np.stack([np.asarray(network.projections[k].weight, float) for network in networks])
        values[f"w_{k}"] = (weights.swapaxes(0, 1) if shape.copies(p.source) == 1 else weights).ravel()
    return values


def _events(shape: Shape, given: Samples, inputs: Sequence[Samples] | None, first: int, count: int) -> np.ndarray:
    """Return the input spikes of some samples, uint8 [steps, channels]; channels of one population in all replicas lie side by side."""
    if inputs is None:
        return events_of(given, first, count, shape.n_steps)
    each = np.stack([events_of(one, first, count, shape.n_steps) for one in inputs], axis=1)
    ends = np.cumsum([p.size for p in shape.network.populations if p.kind == "input"])[:-1]
    return np.concatenate([part.reshape(len(each), -1) for part in np.split(each, ends, axis=2)], axis=1)


def _started(s: Session, shape: Shape, groups, scores, values, given: Samples, inputs, first: int, count: int) -> ReplicaRun:
    """Start the program with some of the samples and return what its replicas did."""
    steps = count * shape.n_steps
    counted = [
        (k, p)
        for k, p in enumerate(shape.network.populations)
        if p.name in groups and p.kind != "input" and neuron_of(p.kind, p.parameters).spikes
    ]
    more = {"events": _events(shape, given, inputs, first, count), "valid": given.mask[:, None].astype(np.uint8)}
    more |= {f"last_{k}": steps for k, _ in counted}
    if shape.kind == "targets":
        some = np.pad(given.target[first : first + count], ((0, 0), (0, shape.n_steps - shape.kept), (0, 0)))
        more["target"] = some.reshape(steps, -1)
    s.execute({**values, **more}, [(steps + 1) * shape.network.dt])  # a step more: the last score is read at the start of a sample
    score = np.asarray(scores.score)[:, 1 : count + 1].reshape(shape.replicas, -1, count).swapaxes(1, 2)
    return ReplicaRun(score, {p.name: np.array(groups[p.name].total[:]).reshape(shape.replicas, p.size) for _, p in counted})
