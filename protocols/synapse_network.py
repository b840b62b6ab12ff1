"""The network of a protocol at independent synapses: neurons that fire as prescribed, the synapses between them, what is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.later import brian2, internals
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.starts import variables
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import Session, session
from brian2chip.protocols import third_factors, trains
from brian2chip.protocols.driving import driven
from brian2chip.protocols.efficacy import starts, state_names
from brian2chip.protocols.independence import takes_values_per_synapse
from brian2chip.protocols.kept_apart import kept_apart
from brian2chip.protocols.known_by import known_by
from brian2chip.protocols.network_objects import plastic_synapses, spike_source
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.recording import all_clock_driven, monitors, step


@dataclass(frozen=True)
class Network:
    """A network that stands ready in a session: the rule that it was built for, how many parameter sets it has room for, its seconds.

    ``together`` says whether the synapses of a stimulus share its neurons, ``own`` whether each has parameters of its own.
    """

    session: Session
    rule: Rule
    sets: int
    together: bool
    own: bool
    dt: float
    duration: float
    traces: dict[str, Any]


def build(
    stack: ExitStack, sets: ParameterSets, stimuli: list, duration: float, work: tuple[int, int], together: bool, how: Mapping[str, Any]
) -> Network:
    """Return the network in a session that the stack will close; synapses that learn as if alone share the neurons of their stimulus."""
    rule, dt = sets.rule, how["dt"]
    n = len(stimuli) * (1 if together else len(starts(rule)))
    # Rounded up, the number of neurons lets protocols share one compiled program; idle neurons with a membrane cost time.
    room = max(128 if rule.post is None else 32, 1 << (n - 1).bit_length())
    stimulus = trains.laid_out(stimuli, n, duration)
    # Spikes cost numpy little; neurons are updated at every step, some 2000 of them in the time that an object takes anyway, which is
    # the time of some 8 events of a synapse.
    steps = duration / dt * (4 if rule.post is None else 12 * (1 + n / 2000))
    events = (len(stimulus.pre_t) + len(stimulus.post_t)) * len(starts(rule)) * work[1]
    alone = bool(how["signals"]) or how["recording"] is not None
    by_synapse = how["device"] != "genn" and takes_values_per_synapse(rule) and not alone
    # What signals and traces add to a network is not part of what a program is known by.
    known = None if alone else known_by(rule, stimulus, room, together, by_synapse, n)
    opened = {key: how[key] for key in ("device", "dt", "seed", "progress")}
    s = stack.enter_context(session(work=work[0] * (steps + events / 8), known_by=known, **opened))
    network = Network(s, rule, sets.n, together, by_synapse, dt, duration, {})
    if s.recalled:
        return network
    neuron, ours = (None, rule) if rule.post is None else kept_apart(model(rule.post), rule)
    ours = all_clock_driven(ours, how["recording"])
    values = laid(rule, sets.values_of(len(stimuli)), network)
    index = np.repeat(np.arange(n), sets.n * len(starts(rule)) if together else 1)
    with explained(rule):
        pre = spike_source(room, stimulus.pre_i, stimulus.pre_t, dt, "pre")
        if rule.post is None:
            post, spikes = [spike_source(room, stimulus.post_i, stimulus.post_t, dt, "post")], None
        else:
            post = driven(s, neuron, stimulus, room, dt)
            spikes = brian2.SpikeMonitor(post[0], name="post_spikes")
            s.result(spikes, "i", "t")
        start = {name: values[f"initial.{name}"] for name in rule.initial}
        plastic = plastic_synapses(s, ours, pre, post[0], index, index, start, own=values if by_synapse else None)
        s.result(plastic, *state_names(rule))
        if how["signals"]:
            stack.enter_context(internals.order_is_meant())  # no two changes of a signal come in one step
        held, holders = third_factors.deliver(s, plastic, how["signals"], how["before"], n, dt) if alone else ([], {})
        if how["recording"] is not None:
            every = step(how["recording"], n, duration, dt)
            network.traces.update(monitors(how["recording"], ours, neuron, plastic, post[0], holders, n, every, dt))
            for monitor in network.traces.values():
                s.result(monitor, "t", *monitor.record_variables)
        s.queue(brian2.Network(pre, *post, plastic, *held, *network.traces.values(), *([] if spikes is None else [spikes])), duration)
    return network


def laid(rule: Rule, values: Mapping[str, np.ndarray], built: Network) -> dict[str, Any]:
    """Return values [sets, starts, stimuli] in the order of the synapses; a number for what they share."""
    shared = {f"initial.{name}" for name, equation in variables(rule.model).items() if "shared" in equation.flags}
    shared |= set() if built.own else set(rule.parameters)
    order = lambda value: (value.transpose(2, 0, 1) if built.together else value[0]).ravel()  # noqa: E731
    return {name: value.flat[0] if name in shared else order(value) for name, value in values.items()}
