"""Brian2's objects for independent synapses: spike sources, driven neurons, plastic synapses with their values as inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2 import NeuronGroup, SpikeGeneratorGroup, Synapses, second

from brian2chip.core.brian2_objects import declare
from brian2chip.core.model import Model
from brian2chip.core.protocol import Stimulus
from brian2chip.core.rule import Rule
from brian2chip.core.starts import check_starts
from brian2chip.engine.session import Session

# So that a parameter's name in an equation finds the variable of that name and nothing else.
NAMESPACE: Mapping[str, Any] = {}
#: Spikes that every source has room for.
SHORT = 1 << 14


def si(value: Any) -> float:
    """Return a Quantity or number as a plain SI number."""
    return float(np.asarray(value))


#: The step in which a neuron without a teacher is told to fire in the next one, and what its threshold makes of it.
FORCED, IS_FORCED = "t_forced", "timestep(t - t_forced, dt) == 1"


def neurons(s: Session, model: Model, n: int, name: str = "post", forced: bool = False) -> NeuronGroup:
    """Return a group of a model's neurons with its parameters as inputs of the session; ``forced`` ones fire when told to."""
    genn = s.device == "genn"
    group = NeuronGroup(
        n,
        model.equations + ("" if genn else "\n" + declare(model.parameters)) + (f"\n{FORCED} : second" if forced else ""),
        threshold=f"({model.threshold}) or {IS_FORCED}" if forced else model.threshold or None,  # a readout has none
        reset=model.reset if model.threshold else None,
        refractory=model.refractory,
        method=model.method,
        name=name,
        namespace=dict(model.parameters) if genn else NAMESPACE,
    )
    if not genn:
        for key, value in model.parameters.items():
            s.input(f"{name}.{key}", group, key, si(value))
    check_starts(f"model {model.name!r}", model.equations, model.initial)
    for key, value in {**model.initial, **({FORCED: -1.0} if forced else {})}.items():
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


def driven(s: Session, model: Model, stimulus: Stimulus, n: int, dt: float) -> list:
    """Return the postsynaptic neurons and what makes them depolarise before, and fire at, the prescribed times."""
    forced = model.teacher is None
    post = neurons(s, model, n, forced=forced)
    onset, fire = ("", f"{FORCED}_post = t") if forced else model.teacher
    i, t = stimulus.post_i, stimulus.post_t
    order = np.lexsort((t, i))
    i, t = i[order], t[order]
    previous = np.where(np.r_[True, i[1:] != i[:-1]], -np.inf, np.r_[-np.inf, t[:-1]])
    pulse = 0.0 if forced else si(model.parameters["pulse"])
    start = np.maximum(np.maximum(t - pulse, previous + dt), 0.0)
    # A spike that the teacher causes in one step is emitted in the next, hence one step earlier. It must not be undone in that step.
    early = start < t - 1.5 * dt
    objects = [post]
    for name, code, index, times in (("onset", onset, i[early], start[early]), ("fire", fire, i, t - dt)):
        if not code:
            continue
        source = spike_source(n, index, times, dt, name)
        link = Synapses(source, post, on_pre=code, name=f"{name}_to_post", namespace=NAMESPACE)
        link.connect(i=np.arange(n), j=np.arange(n))
        objects += [source, link]
    return objects


#: The table that says how many synapses each pair of neurons has: their number is no part of a compiled program.
COPIES = "synapses_of_pair"


def plastic_synapses(
    s: Session,
    rule: Rule,
    pre,
    post,
    i: np.ndarray,
    j: np.ndarray,
    start: Mapping[str, Any],
    pathways: Mapping[str, str] | None = None,
    own: Mapping[str, np.ndarray] | None = None,
) -> Synapses:
    """Return the plastic synapses with parameters and initial state as inputs; ``pathways`` run at presynaptic spikes too.

    With ``own``, values of all parameters for each synapse, source ``k`` is connected to neuron ``k``; a pair may have several synapses:
    ``i`` and ``j`` are equal and sorted.
    """
    genn = s.device == "genn"
    synapses = Synapses(
        pre,
        post,
        rule.model + ("" if genn else "\n" + declare(rule.parameters, () if own is None else rule.parameters)),
        on_pre={"pre": rule.on_pre, **pathways} if pathways else rule.on_pre,
        on_post=rule.on_post or None,
        delay=None if rule.delay is None else {"pre": rule.delay},
        name="plastic",
        namespace=dict(rule.parameters) if genn else NAMESPACE,
    )
    if own is not None and s.device == "cpp_standalone":
        synapses.connect(j=f"i for copy_of_pair in range({COPIES}(i, 0))", namespace={COPIES: s.table(COPIES, pairs(i))})
    else:
        synapses.connect(i=i, j=j)
    if not genn:
        for key, value in rule.parameters.items():
            s.input(key, synapses, key, si(value) if own is None else own[key])
    for key, value in start.items():
        s.input(f"initial.{key}", synapses, key, value)
    for code, period in rule.regular:
        synapses.run_regularly(code, dt=si(rule.parameters[period]) * second)
    return synapses


def pairs(i: np.ndarray) -> np.ndarray:
    """Return the table :data:`COPIES` of synapses whose presynaptic neurons are ``i``."""
    return np.bincount(i)[:, None]
