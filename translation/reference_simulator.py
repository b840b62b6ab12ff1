"""Run a trained network in floating point: the step-by-step equations that a chip is compared with.

In a step the input events arrive, every population takes its step (models/discrete.py) in the order of the projections without delay,
and its spikes pass on. A projection of delay d brings a spike of step t into ``v`` of step t + d; projections without delay must run
forward. States start at zero in every sample.
"""

from __future__ import annotations

import numpy as np

from brian2chip.core.event_table import events_of
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, SpikingNetwork
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.models.discrete import neuron_of
from brian2chip.translation.reference_network import build, known_by, levels, values

#: Largest table of input events (steps times channels) that one start of the program reads.
TABLE = 1 << 26


def check_channels(network: SpikingNetwork, samples: Samples) -> int:
    """Return how many inputs the network has, or raise UserError when the samples have another number of channels."""
    n_in = sum(p.size for p in network.populations if p.kind == "input")
    if samples.n_in != n_in:
        raise UserError(f"the samples have {samples.n_in} channels and the network {n_in} inputs; give samples of {n_in} channels.")
    return n_in


def float_run(network: SpikingNetwork, samples: Samples, *, device: str = "auto") -> NetworkRun:
    """Run every sample from rest and return spikes, readouts and the visited range of the membranes.

    Parameters
    ----------
    network : SpikingNetwork
    samples : Samples
        Its channels are the input populations one after the other; repeated events of a channel in a step count once.
    device : str
        As :func:`brian2chip.engine.session.session` takes it.

    Raises
    ------
    UserError
        When channels disagree or projections without delay make a loop.
    """
    n_in = check_channels(network, samples)
    levels(network)  # refuses loops before a program is built
    dt = network.dt
    gap = max([p.delay_steps - 1 for p in network.projections] + [0])  # steps in which late spikes of the sample before die out
    n_steps, n_samples = samples.n_steps + gap, samples.n_samples
    chunk = max(1, min(n_samples, TABLE // (n_steps * n_in)))
    work = chunk * n_steps * 4 * (len(network.populations) + len(network.projections))
    parts = []
    with session(device, work=work, dt=dt, known_by=known_by(network)) as s:
        if not s.recalled:
            events = s.table("events", np.zeros((1, n_in), np.uint8))
            net, monitors, groups = build(s, network, events, n_steps, samples.n_steps)
            for p in _own(network).values():
                s.result(groups[p.name], "v_min", "v_max", *(("v_sum", "above") if _spikes(p) else ()))
                s.result(monitors[p.name], *(("i", "t") if _spikes(p) else ("v",)))
            s.queue(net, 0.0)
        given = values(network, n_steps, samples.n_steps)
        for first in range(0, n_samples, chunk):
            count = min(chunk, n_samples - first)
            s.execute({**given, "events": events_of(samples, first, count, n_steps)}, [count * n_steps * dt])
            parts.append(_read(s, network, first, count, n_steps, samples.n_steps))
    return _joined(parts, n_samples, samples.n_steps)


def _own(network: SpikingNetwork) -> dict[int, Population]:
    """Return the populations that are no inputs, by their place."""
    return {k: p for k, p in enumerate(network.populations) if p.kind != "input"}


def _spikes(population: Population) -> bool:
    return neuron_of(population.kind, population.parameters).spikes


def _read(s: Session, network: SpikingNetwork, first: int, count: int, n_steps: int, kept: int):
    """Return spikes, readouts and visited ranges of the samples that one start of the program ran."""
    spikes, readout, visited = {}, {}, {}
    for k, p in _own(network).items():
        visited[p.name] = {name: s.read(f"g_{k}.{name}") for name in ("v_min", "v_max")}
        if not _spikes(p):
            readout[p.name] = s.read(f"m_{k}.v")[: count * n_steps].reshape(count, n_steps, -1)[:, :kept]
            continue
        visited[p.name]["v_mean"] = s.read(f"g_{k}.v_sum") / np.maximum(s.read(f"g_{k}.above"), 1)
        step = np.rint(s.read(f"m_{k}.t") / network.dt).astype(np.int64)
        sample, t, i = step // n_steps, step % n_steps, s.read(f"m_{k}.i").astype(np.int64)
        keep = (t < kept) & (sample < count)
        order = np.lexsort((i[keep], t[keep], sample[keep]))
        spikes[p.name] = (sample[keep][order] + first, t[keep][order], i[keep][order])
    return spikes, readout, visited


def _joined(parts, n_samples: int, n_steps: int) -> NetworkRun:
    join = lambda arrays: arrays[0] if len(arrays) == 1 else np.concatenate(arrays)  # noqa: E731
    spikes, readout, visited = (tuple(part[k] for part in parts) for k in range(3))
    return NetworkRun(
        spikes={name: tuple(join([s[name][k] for s in spikes]) for k in range(3)) for name in spikes[0]},
        readout={name: join([r[name] for r in readout]) for name in readout[0]},
        visited={
            name: {
                key: {"v_min": np.min, "v_max": np.max, "v_mean": np.mean}[key]([v[name][key] for v in visited], axis=0)
                for key in visited[0][name]
            }
            for name in visited[0]
        },
        n_samples=n_samples,
        n_steps=n_steps,
    )
