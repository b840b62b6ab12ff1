"""Rules that pair spikes: the same trains through NEST's synapse and through ours, the weight after every presynaptic spike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from brian2chip.commands.peers._peer import Peer, Values
from brian2chip.commands.peers._trains import STEP_MS, STEPS, Train, meet, trains
from brian2chip.core import registry
from brian2chip.core.equations import assignments
from brian2chip.core.later import brian2
from brian2chip.core.rule import Rule
from brian2chip.engine.session import session

#: What is said of every one of them.
DELAY = "NEST's delay is dendritic: postsynaptic spikes come later to the synapse, presynaptic ones do not"
ORDER = (
    "spikes that meet at the synapse do not see one another in NEST, where ours takes the presynaptic one first: for trains in which they "
    "meet, the same lines of the rule run in NEST's order"
)


@dataclass(frozen=True)
class Pairing:
    """A configuration: parameters of NEST's synapse and neuron, of our rule, the start (None: the rule's), and the delay in ms."""

    name: str
    synapse: Mapping[str, float]
    neuron: Mapping[str, float]
    ours: Mapping[str, Any]
    weight: float | None
    delay_ms: float = 1.0
    trains: Mapping[str, Train] = field(default_factory=dict)

    @property
    def delay(self) -> int:
        """Return the delay in steps."""
        return round(self.delay_ms / STEP_MS)


def spike_pairs(
    synapse: str,
    rule: str,
    pairings: tuple[Pairing, ...],
    conventions: str = "",
    meeting: bool = True,
    tolerance: float = 1e-12,
    prepare: Callable[[Any], Mapping[str, Any]] = lambda nest: {},
    **how: Any,
) -> Peer:
    """Return the comparison of a rule that pairs spikes.

    Without ``meeting`` trains in which spikes meet are left out. ``prepare(nest)`` makes what NEST's synapse needs besides, and returns
    parameters of it; ``how`` goes to the rule's ``synapses``.
    """
    every = tuple(replace(p, trains={name: t for name, t in trains(p.delay).items() if meeting or not meet(t, p.delay)}) for p in pairings)
    notes = "; ".join(note for note in (DELAY, ORDER if meeting else "", conventions) if note)
    return Peer(
        synapse,
        rule,
        notes,
        lambda nest: {key: value for p in every for key, value in _live(nest, synapse, p, prepare).items()},
        lambda: _ours(registry.get("rule", rule), every, **how),
        tolerance,
    )


def _live(nest: Any, synapse: str, pairing: Pairing, prepare: Callable[[Any], Mapping[str, Any]]) -> Values:
    """Return what NEST's synapse transmits at every presynaptic spike."""
    nest.ResetKernel()
    nest.set(resolution=STEP_MS, total_num_virtual_procs=1)
    n, every = len(pairing.trains), list(pairing.trains.values())
    recorder = nest.Create("weight_recorder")
    start = {} if pairing.weight is None else {"weight": pairing.weight}
    nest.CopyModel(synapse, "peer", {**pairing.synapse, **prepare(nest), **start, "weight_recorder": recorder})
    sides = []
    for side in (0, 1):
        # Parrots of both sides fire 1 ms after their generators.
        times = [{"spike_times": np.round(train[side] * STEP_MS, 1)} for train in every]
        generators, parrots = nest.Create("spike_generator", n, params=times), nest.Create("parrot_neuron", n, params=pairing.neuron)
        nest.Connect(generators, parrots, "one_to_one", {"delay": 1.0})
        sides.append(parrots)
    # A parrot repeats what comes to its port 0 and takes no notice of what comes to port 1.
    nest.Connect(*sides, "one_to_one", {"synapse_model": "peer", "delay": pairing.delay_ms, "receptor_type": 1})
    nest.Simulate((STEPS + 100) * STEP_MS)
    events = recorder.events
    order = np.lexsort((events["times"], events["senders"]))
    weights = np.split(events["weights"][order], np.cumsum([len(train[0]) for train in every])[:-1])
    return {(pairing.name, name): weight for name, weight in zip(pairing.trains, weights, strict=True)}


def _ours(rule: Rule, pairings: tuple[Pairing, ...], variable: str = "", **how: Any) -> Values:
    """Return our weight after every presynaptic spike: all configurations and trains are synapses of one network."""
    every = [(p, name, train) for p in pairings for name, train in p.trains.items()]
    alone = not rule.on_post  # nothing can meet
    apart = [alone or not meet(train, p.delay) for p, _, train in every]
    found = {}
    for chosen, one in ((True, rule), (False, in_nest_order(rule))):
        some = [each for each, is_apart in zip(every, apart) if is_apart == chosen]
        if some:
            found |= _run(one, some, variable or rule.weight, how)
    return {(p.name, name): found[p.name, name] for p, name, _ in every}


def _run(rule: Rule, every: list[tuple[Pairing, str, Train]], variable: str, how: Mapping[str, Any]) -> Values:
    with session("numpy", dt=STEP_MS * 1e-3) as s:
        groups = []
        for side in (0, 1):
            index = np.repeat(np.arange(len(every)), [len(train[side]) for _, _, train in every])
            times = np.concatenate([train[side] for _, _, train in every]) * STEP_MS * brian2.ms
            groups.append(brian2.SpikeGeneratorGroup(len(every), index, times))
        changed = {name for p, _, _ in every for name in p.ours}
        late = [path.name for path in rule.pathways if path.side == "post"]
        plastic = rule.synapses(*groups, per_synapse=sorted(changed), delay=dict.fromkeys(late, "0*ms"), name="plastic", **how)
        plastic.connect(j="i")
        for name in changed:
            setattr(plastic, f"{name}_", np.array([float(np.asarray(p.ours.get(name, rule.parameters[name]))) for p, _, _ in every]))
        if every[0][0].weight is not None:
            setattr(plastic, variable, [p.weight for p, _, _ in every])
        for name in late:
            getattr(plastic, name).delay = [p.delay_ms for p, _, _ in every] * brian2.ms
        for order, name in enumerate(ORDERED):
            if name in {path.name for path in rule.pathways}:
                getattr(plastic, name).order = order
        monitor = brian2.StateMonitor(plastic, variable, record=True, when="end", name="weights")
        s.result(monitor, variable)
        s.run(brian2.Network(*groups, plastic, monitor), STEPS * STEP_MS * 1e-3)
        weights = s.read(f"weights.{variable}")
    return {(p.name, name): weights[train[0], k] for k, (p, name, train) in enumerate(every)}


#: Both learn from what was there before, the postsynaptic spike first; then both leave their traces.
ORDERED = ("learn_post", "learn_pre", "mark_post", "mark_pre")


def in_nest_order(rule: Rule) -> Rule:
    """Return the rule with the lines that change its weight and those that change its traces as pathways of their own."""
    code = {}
    for side, text in (("pre", rule.on_pre), ("post", rule.on_post)):
        lines = [(target, f"{target} {operation} {expression}") for target, operation, expression in assignments(text)]
        learns = [line for target, line in lines if target == rule.weight]
        marks = [line for target, line in lines if target != rule.weight]
        parts = {f"learn_{side}": "\n".join(learns), f"mark_{side}": "\n".join(marks)}
        code[side] = {name: part for name, part in parts.items() if part}
    # Pathways without delays of their own would be joined.
    return replace(rule, on_pre=code["pre"], on_post=code["post"], delay=dict.fromkeys([*code["pre"], *code["post"]], 0 * brian2.ms))
