"""Run a rule at independent synapses, one for every condition, replica and starting state, all in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import brian2
import numpy as np
import pandas as pd
from brian2 import Network, NeuronGroup, SpikeGeneratorGroup, Synapses, second

from brian2chip.core import registry
from brian2chip.core.brian2_objects import declare
from brian2chip.core.model import Model
from brian2chip.core.protocol import Stimulus
from brian2chip.core.rule import Rule
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import Session, session

# So that a parameter's name in an equation finds the variable of that name and nothing else.
NAMESPACE: Mapping[str, Any] = {}
#: Spikes that every source has room for.
SHORT = 1 << 14


def si(value: Any) -> float:
    """Return a Quantity or number as a plain SI number."""
    return float(np.asarray(value))


def starts(rule: Rule) -> list[dict[str, float]]:
    """Return the initial states that equal shares of the synapses start from (one, unless the rule gives a sequence)."""
    count = max(np.size(v) for v in rule.initial.values())
    return [{k: float(np.broadcast_to(np.asarray(v, float), (count,))[n]) for k, v in rule.initial.items()} for n in range(count)]


def neurons(s: Session, model: Model, n: int, name: str = "post") -> NeuronGroup:
    """Return a group of a model's neurons with its parameters as inputs of the session."""
    genn = s.device == "genn"
    group = NeuronGroup(
        n,
        model.equations + ("" if genn else "\n" + declare(model.parameters)),
        threshold=model.threshold or None,  # a readout has none
        reset=model.reset if model.threshold else None,
        refractory=model.refractory,
        method=model.method,
        name=name,
        namespace=dict(model.parameters) if genn else NAMESPACE,
    )
    if not genn:
        for key, value in model.parameters.items():
            s.input(f"{name}.{key}", group, key, si(value))
    for key, value in model.initial.items():
        s.input(f"{name}.{key}", group, key, si(value))
    for code, period in model.regular:
        group.run_regularly(code, dt=si(model.parameters[period]) * second)
    return group


def spike_source(n: int, i: np.ndarray, t: np.ndarray, dt: float, name: str) -> SpikeGeneratorGroup:
    """Return ``n`` sources that emit spike ``k`` at source ``i[k]`` and time ``t[k]`` (s), rounded to the grid of ``dt``."""
    steps = np.rint(np.asarray(t, float) / dt).astype(np.int64)
    # The number of spikes stands in the generated source. Rounded up, with spikes of source 0 that come long after the end,
    # it lets other trains of about that length use the same compiled program, all short protocols among them.
    spare = max(SHORT - len(steps), -len(steps) % (1 << max(len(steps).bit_length() - 3, 0)))
    steps, i = np.r_[steps, 2**30 + np.arange(spare)], np.r_[np.asarray(i, np.int64), np.zeros(spare, np.int64)]
    return SpikeGeneratorGroup(n, i, steps * dt * second, name=name, sorted=False)


def _driven(s: Session, model: Model, stimulus: Stimulus, n: int, dt: float) -> list:
    """Return the postsynaptic neurons and what makes them depolarise before, and fire at, the prescribed times."""
    post = neurons(s, model, n)
    onset, fire = model.teacher
    i, t = stimulus.post_i, stimulus.post_t
    order = np.lexsort((t, i))
    i, t = i[order], t[order]
    previous = np.where(np.r_[True, i[1:] != i[:-1]], -np.inf, np.r_[-np.inf, t[:-1]])
    start = np.maximum(np.maximum(t - si(model.parameters["pulse"]), previous + dt), 0.0)
    objects = [post]
    # A spike that the teacher causes in one step is emitted in the next, hence one step earlier.
    for name, code, times in (("onset", onset, start), ("fire", fire, t - dt)):
        source = spike_source(n, i, times, dt, name)
        link = Synapses(source, post, on_pre=code, name=f"{name}_to_post", namespace=NAMESPACE)
        link.connect(i=np.arange(n), j=np.arange(n))
        objects += [source, link]
    return objects


def plastic_synapses(s: Session, rule: Rule, pre, post, i: np.ndarray, j: np.ndarray, start: Mapping[str, np.ndarray]) -> Synapses:
    """Return the plastic synapses with parameters and initial state as inputs of the session."""
    genn = s.device == "genn"
    synapses = Synapses(
        pre,
        post,
        rule.model + ("" if genn else "\n" + declare(rule.parameters)),
        on_pre=rule.on_pre,
        on_post=rule.on_post or None,
        name="plastic",
        namespace=dict(rule.parameters) if genn else NAMESPACE,
    )
    synapses.connect(i=i, j=j)
    if not genn:
        for key, value in rule.parameters.items():
            s.input(key, synapses, key, si(value))
    for key, value in start.items():
        s.input(f"initial.{key}", synapses, key, value)
    for code, period in rule.regular:
        synapses.run_regularly(code, dt=si(rule.parameters[period]) * second)
    return synapses


def efficacy(rule: Rule, state: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the measured efficacy from the synaptic state: ``rule.weight`` is a variable or an expression of variables."""
    functions = {"__builtins__": {}, "clip": np.clip, "int": lambda x: np.asarray(x).astype(int)}
    return np.asarray(eval(rule.weight, functions | {k: si(v) for k, v in rule.parameters.items()}, dict(state)), float)


def state_names(rule: Rule) -> list[str]:
    """Return the variables stored by the rule's synapses."""
    equations = brian2.Equations(rule.model)
    return sorted(set(equations.diff_eq_names) | set(equations.parameter_names))


@contextmanager
def prepared(
    rule: Rule,
    stimuli: list[tuple[np.ndarray, np.ndarray]],
    *,
    duration: float,
    dt: float,
    device: str = "auto",
    seed: int = 1,
    progress: Callable[[float], None] | None = None,
    runs: int = 1,
) -> Iterator[tuple[Callable[..., pd.DataFrame], Session]]:
    """Build the network once and yield ``evaluate(**changes)`` (and the session), which runs it with some parameters changed.

    Parameters
    ----------
    rule : Rule
    stimuli : list of (pre, post)
        Spike times in seconds of each synapse.
    duration, dt : float
        Seconds.
    runs : int
        How often it will run, for the choice of the device.

    Yields
    ------
    evaluate : callable
        Returns a table with the columns ``stimulus``, ``start``, ``w_start``, ``w_end``, one row a synapse.
    session : Session
    """
    states = starts(rule)
    n_stimuli, n_states = len(stimuli), len(states)
    n = n_stimuli * n_states
    # Rounded up, the number of synapses lets protocols share one compiled program; idle neurons with a membrane cost time.
    room = max(128 if rule.post is None else 32, 1 << (n - 1).bit_length())
    every = [stimuli[k % n_stimuli] for k in range(n)]
    index = [np.repeat(np.arange(n), [len(pair[side]) for pair in every]) for side in (0, 1)]
    times = [np.concatenate([np.asarray(pair[side], float) for pair in every]) for side in (0, 1)]
    stimulus = Stimulus(index[0], times[0], index[1], times[1], duration)
    # Spikes cost numpy little; neurons are updated at every step, some 2000 of them in the time that an object takes anyway.
    work = runs * duration / dt * (4 if rule.post is None else 12 * (1 + n / 2000))
    with session(device, work=work, dt=dt, seed=seed, progress=progress) as s, explained(rule):
        pre = spike_source(room, stimulus.pre_i, stimulus.pre_t, dt, "pre")
        if rule.post is None:
            post = [spike_source(room, stimulus.post_i, stimulus.post_t, dt, "post")]
        else:
            post = _driven(s, registry.get("model", rule.post), stimulus, room, dt)
        start = {key: np.repeat([state[key] for state in states], n_stimuli) for key in rule.initial}
        idle = {key: np.r_[value, np.full(room - n, value[0])] for key, value in start.items()}
        plastic = plastic_synapses(s, rule, pre, post[0], np.arange(room), np.arange(room), idle)
        s.queue(Network(pre, *post, plastic), duration)
        names = state_names(rule)
        before = {key: np.zeros(n) for key in names} | start

        def evaluate(**changes) -> pd.DataFrame:
            changed = rule.with_parameters(**changes)
            s.execute({key: si(changed.parameters[key]) for key in changes})
            after = {key: value[:n] for key, value in plastic.get_states(names, units=False).items()}
            return pd.DataFrame(
                {
                    "stimulus": np.tile(np.arange(n_stimuli), n_states),
                    "start": np.repeat(np.arange(n_states), n_stimuli),
                    "w_start": np.broadcast_to(efficacy(changed, before), (n,)),
                    "w_end": np.broadcast_to(efficacy(changed, after), (n,)),
                }
            )

        yield evaluate, s
