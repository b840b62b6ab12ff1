"""Run a trained network in floating point: the step-by-step equations that a chip is compared with.

One step t, in this order: input events of step t arrive, ``v = factor*v + arrived``, spike where ``v >= v_threshold`` and the
neuron is not refractory, then the reset. A projection of delay d brings a spike of step t into ``v`` of step t + d; projections
without delay must run forward. States start at zero in every sample.
"""

from __future__ import annotations

import re

import brian2
import numpy as np

from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork, step_factor
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError

#: Largest table of input events (steps times channels) that one start of the program reads.
TABLE = 1 << 26

STATE = """v : 1
arrived : 1
current : 1
v_max : 1
v_min : 1
factor : 1 (constant)
current_factor : 1 (constant)
gain : 1 (constant)
bias : 1 (constant)
n_steps : integer (shared, constant)
n_kept : integer (shared, constant)"""
SPIKING = """
v_sum : 1
above : 1
dropped : 1
wait : 1
v_threshold : 1 (constant)
v_reset : 1 (constant)
refractory_steps : 1 (constant)"""
ADAPTIVE = """
a : 1
bump : 1
adaptation_factor : 1 (constant)
beta : 1 (constant)"""
INTEGRATE = """current = current_factor*current + gain*arrived + bias
arrived = 0
v = factor*v + current"""
EXTREMES = """
v_max = v*int(v > v_max) + v_max*int(v <= v_max)
v_min = v*int(v < v_min) + v_min*int(v >= v_min)"""
SPIKING_STEP = (
    """ - dropped
dropped = 0
wait = clip(wait - 1, 0, 1e9)"""
    + EXTREMES
    + """
v_sum += v*int(v > 0)
above += int(v > 0)"""
)
ADAPTIVE_STEP = """
a = adaptation_factor*a + bump
bump = 0"""
#: Subtraction takes effect after the leak of the next step, as in e-prop, snnTorch and ReckOn.
RESETS = {"subtract": "dropped = v_threshold", "zero": "v = v_reset"}


def _safe(kind: str, name: str) -> str:
    """Return a name that Brian2 takes: populations read from files may be called ``1.lif``."""
    return f"{kind}_" + re.sub(r"\W", "_", name)


def check_channels(network: SpikingNetwork, samples: Samples) -> int:
    """Return how many inputs the network has, or raise UserError when the samples have another number of channels."""
    n_in = sum(p.size for p in network.populations if p.kind == "input")
    if samples.n_in != n_in:
        raise UserError(f"the samples have {samples.n_in} channels and the network {n_in} inputs; give samples of {n_in} channels.")
    return n_in


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


def _group(population: Population, level: int, dt: float) -> tuple[brian2.NeuronGroup, dict[str, np.ndarray]]:
    """Return the neurons of a population, doing one step in the slot of their level, and the values they start from."""
    kind, p = population.kind, population.parameters
    values = {
        "factor": step_factor(population, dt),
        "gain": p.get("gain", 1.0),
        "bias": p.get("bias", 0.0),
        "current_factor": np.exp(-dt / np.asarray(p["tau_syn"], float)) if "tau_syn" in p else 0.0,
    }
    equations, code, states = STATE, INTEGRATE, ["v", "arrived", "current"]
    threshold, reset = None, None
    if kind == "li":
        code += EXTREMES
    else:
        equations, code, states = equations + SPIKING, code + SPIKING_STEP, [*states, "dropped", "wait"]
        threshold = f"(v {p.get('fires', '>=')} v_threshold{' + beta*a' if kind == 'alif' else ''}) and (wait <= 0)"
        reset = RESETS[p.get("reset", "subtract")] + "\nwait = refractory_steps"
        values["v_threshold"], values["v_reset"] = p["v_threshold"], p.get("v_reset", 0.0)
        values["refractory_steps"] = np.rint(np.asarray(p.get("refractory", 0.0), float) / dt)
    if kind == "alif":
        equations, code, states, reset = equations + ADAPTIVE, code + ADAPTIVE_STEP, [*states, "a", "bump"], reset + "\nbump = 1"
        values["adaptation_factor"], values["beta"] = np.exp(-dt / np.asarray(p["tau_a"], float)), p["beta"]
    group = brian2.NeuronGroup(population.size, equations, threshold=threshold, reset=reset, name=_safe("g", population.name))
    inside = "*int(t_in_timesteps % n_steps > 0)*int(t_in_timesteps % n_steps < n_kept)"
    group.run_regularly("\n".join(f"{s} = {s}{inside}" for s in states), when="start", order=1)
    group.run_regularly(code, when="groups", order=10 * level)
    if threshold:
        group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 10 * level + 1
    return group, values


def _events(samples: Samples, first: int, count: int, n_steps: int) -> np.ndarray:
    """Return the input of some samples one after the other, uint8 [count * n_steps, channels]."""
    low, high = np.searchsorted(samples.sample, [first, first + count])
    table = np.zeros((count * n_steps, samples.n_in), np.uint8)
    table[(samples.sample[low:high] - first) * n_steps + samples.t[low:high], samples.i[low:high]] = 1
    return table


def _input(population: Population, events: brian2.Function, offset: int, level: int) -> brian2.NeuronGroup:
    """Return a population that spikes where the table of events says so."""
    namespace = {"events": events, "offset": offset}
    name = _safe("g", population.name)
    group = brian2.NeuronGroup(
        population.size, "", threshold="events(t_in_timesteps, i + offset) > 0", reset="", namespace=namespace, name=name
    )
    group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 10 * level + 1
    return group


def _connect(projection: Projection, source, target, level: int, dt: float) -> brian2.Synapses:
    synapses = brian2.Synapses(
        source, target, "w : 1", on_pre="arrived_post += w", name=_safe("s", f"{projection.source}_to_{projection.target}")
    )
    n_pre, n_post = projection.weight.shape
    synapses.connect(i=np.repeat(np.arange(n_pre), n_post), j=np.tile(np.arange(n_post), n_pre))
    if projection.delay_steps == 0:
        synapses.pre.when, synapses.pre.order = "groups", 10 * level + 2
    elif projection.delay_steps > 1:
        synapses.pre.delay = (projection.delay_steps - 1) * dt * brian2.second
    return synapses


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
    level, dt = levels(network), network.dt
    gap = max([p.delay_steps - 1 for p in network.projections] + [0])  # steps in which late spikes of the sample before die out
    n_steps, n_samples = samples.n_steps + gap, samples.n_samples
    chunk = max(1, min(n_samples, TABLE // (n_steps * n_in)))
    work = chunk * n_steps * 4 * (len(network.populations) + len(network.projections))
    parts = []
    with session(device, work=work, dt=dt) as s:
        events = s.table("events", _events(samples, 0, chunk, n_steps))
        net, monitors, groups = _build(s, network, events, level, n_steps, samples.n_steps)
        s.run(net, chunk * n_steps * dt)
        for first in range(0, n_samples, chunk):
            count = min(chunk, n_samples - first)
            if first:
                s.execute({"events": _events(samples, first, count, n_steps)}, [count * n_steps * dt])
            parts.append(_read(monitors, groups, first, count, n_steps, samples.n_steps, dt))
    return _joined(parts, n_samples, samples.n_steps)


def _build(s: Session, network: SpikingNetwork, events: brian2.Function, level: dict[str, int], n_steps: int, n_kept: int):
    """Return the Brian2 network, its monitors and its spiking or leaky groups; every value is an input of the session."""
    groups, offset = {}, 0
    for p in network.populations:
        if p.kind == "input":
            groups[p.name] = _input(p, events, offset, level[p.name])
            offset += p.size
            continue
        groups[p.name], values = _group(p, level[p.name], network.dt)
        for name, value in {**values, "n_steps": n_steps, "n_kept": n_kept}.items():
            s.input(_safe(name, p.name), groups[p.name], name, value)
    synapses = []
    for k, p in enumerate(network.projections):
        synapses.append(_connect(p, groups[p.source], groups[p.target], level[p.source], network.dt))
        s.input(f"w_{k}", synapses[-1], "w", np.asarray(p.weight, float).ravel())
    monitors = {}
    for p in network.populations:
        if p.kind == "li":
            monitors[p.name] = brian2.StateMonitor(groups[p.name], "v", record=True, when="end", name=_safe("m", p.name))
        elif p.kind != "input":
            monitors[p.name] = brian2.SpikeMonitor(groups[p.name], name=_safe("m", p.name))
    own = {name: groups[name] for name in monitors}
    return brian2.Network(*groups.values(), *synapses, *monitors.values()), monitors, own


def _read(monitors, groups, first: int, count: int, n_steps: int, kept: int, dt: float):
    """Return spikes, readouts and visited ranges of the samples that one start of the program ran."""
    spikes, readout, visited = {}, {}, {}
    for name, monitor in monitors.items():
        group = groups[name]
        visited[name] = {"v_min": np.array(group.v_min[:]), "v_max": np.array(group.v_max[:])}
        if isinstance(monitor, brian2.StateMonitor):
            v = np.asarray(monitor.v).T
            readout[name] = v[: count * n_steps].reshape(count, n_steps, -1)[:, :kept]
            continue
        visited[name]["v_mean"] = np.array(group.v_sum[:]) / np.maximum(np.array(group.above[:]), 1)
        step = np.rint(np.asarray(monitor.t) / dt).astype(np.int64)
        sample, t, i = step // n_steps, step % n_steps, np.asarray(monitor.i).astype(np.int64)
        keep = (t < kept) & (sample < count)
        order = np.lexsort((i[keep], t[keep], sample[keep]))
        spikes[name] = (sample[keep][order] + first, t[keep][order], i[keep][order])
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
