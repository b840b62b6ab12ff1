"""Brian2's objects for independent synapses: spike sources, driven neurons, plastic synapses with their values as inputs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.brian2_objects import brian2_pathways, declare
from brian2chip.core.later import brian2
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule
from brian2chip.core.starts import check_starts, variables
from brian2chip.core.units import second
from brian2chip.engine.devices import COMPILED
from brian2chip.engine.session import Session

if TYPE_CHECKING:
    from brian2 import NeuronGroup, SpikeGeneratorGroup, Synapses

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
    group = brian2.NeuronGroup(
        n,
        model.equations + ("" if genn else "\n" + declare(model.parameters)) + (f"\n{FORCED} : second" if forced else ""),
        threshold=f"({model.threshold}) or {IS_FORCED}" if forced else model.threshold or None,  # a readout has none
        reset=model.reset if model.threshold else None,
        refractory=model.refractory,
        method=model.method,
        name=name,
        namespace={**(model.parameters if genn else NAMESPACE), **{called: make() for called, make in model.functions.items()}},
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
    return brian2.SpikeGeneratorGroup(n, i, steps * dt * second, name=name, sorted=False)


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
    synapses = brian2.Synapses(
        pre,
        post,
        rule.model + ("" if genn else "\n" + declare(rule.parameters, () if own is None else rule.parameters)),
        **brian2_pathways(rule, pathways),
        name="plastic",
        namespace=dict(rule.parameters) if genn else NAMESPACE,
    )
    if own is not None and s.device in COMPILED:
        synapses.connect(j=f"i for copy_of_pair in range({COPIES}(i, 0))", namespace={COPIES: s.table(COPIES, pairs(i))})
    else:
        synapses.connect(i=i, j=j)
    if not genn:
        for key, value in rule.parameters.items():
            s.input(key, synapses, key, si(value) if own is None else own[key])
    for key, value in laid_out(rule, start).items():
        s.input(f"initial.{key}", synapses, key, value)
    for code, period in rule.regular:
        synapses.run_regularly(code, dt=si(rule.parameters[period]) * second)
    return synapses


def laid_out(rule: Rule, start: Mapping[str, Any]) -> dict[str, Any]:
    """Return the initial state of synapses, one number for what they share."""
    shared = {name for name, equation in variables(rule.model).items() if "shared" in equation.flags}
    return {name: np.ravel(value)[0] if name in shared else value for name, value in start.items()}


def pairs(i: np.ndarray) -> np.ndarray:
    """Return the table :data:`COPIES` of synapses whose presynaptic neurons are ``i``."""
    return np.bincount(i)[:, None]
