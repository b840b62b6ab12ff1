"""Before a rule goes through a protocol: names, options and time step are checked, and the network is built once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import registry
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import definitions, is_file, model, only, resolve
from brian2chip.core.rule import Rule
from brian2chip.core.start_expressions import with_numbers
from brian2chip.core.third_factors import signals_as_factors
from brian2chip.core.time_step import checked_step
from brian2chip.core.user_rules import explained
from brian2chip.errors import UserError
from brian2chip.protocols import paired_synapses
from brian2chip.protocols.blame import blamed, condition_in_words
from brian2chip.protocols.independence import can_share_neurons
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.recording import by_condition
from brian2chip.protocols.replicas import check_simulated, left_out, repeated
from brian2chip.protocols.starting_weights import check_start
from brian2chip.protocols.third_factors import collected, last_change, signals_of

#: Synapses of one network, beyond which nobody waits for the spikes to be drawn.
MOST_SYNAPSES = 1_000_000


def resolve_protocol(protocol: Protocol | str) -> Protocol:
    """Return a Protocol from itself, its name, or a file: Python that defines one, or a table (:meth:`Protocol.from_csv`)."""
    if not isinstance(protocol, Protocol) and str(protocol).lower().endswith(".csv"):
        return Protocol.from_csv(protocol)
    if isinstance(protocol, str) and protocol not in registry.catalogue("protocol") and protocol in registry.catalogue("task"):
        raise UserError(f"{protocol!r} is a learning task, not a plasticity protocol; use: brian2chip train {protocol}.")
    return resolve(Protocol, protocol)


def resolve_rule(rule: Rule | LearningRule | str) -> Rule:
    """Return a Rule from itself, its name, or a file that defines one; of a learning rule, its synapse.

    Raises
    ------
    UserError
        For a name that does not exist, or a file that is missing, does not run, or defines none or several.
    """
    if not isinstance(rule, Rule | LearningRule):
        if is_file(rule):
            made = [thing for kind, thing in definitions(rule, "Rule") if kind in ("rule", "learning_rule")]
            rule = only(Rule, rule, made)
        else:
            learns = isinstance(rule, str) and rule in registry.catalogue("learning_rule") and rule not in registry.catalogue("rule")
            rule = resolve(LearningRule if learns else Rule, rule)
    return rule.as_rule() if isinstance(rule, LearningRule) else rule


def relative_change(conditions: pd.DataFrame, measured: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the conditions with ``w_start``, ``w_end`` (means over replicas and starting states) and ``dw``, their relative change.

    With replicas ``dw_sem`` is its standard error over them.
    """
    mean = measured.groupby("condition")[["w_start", "w_end"]].mean()
    table = conditions.join(mean)
    if measured["replica"].any():
        each = measured.groupby(["condition", "replica"])[["w_start", "w_end"]].mean()
        table["dw_sem"] = (each["w_end"] - each["w_start"]).groupby("condition").sem() / table["w_start"]
    return table.assign(dw=(table["w_end"] - table["w_start"]) / table["w_start"])


def checked_changes(parameters: Any) -> Mapping[str, Any]:
    """Return parameters and starts to change, by name."""
    if parameters is not None and not (isinstance(parameters, Mapping) and all(isinstance(name, str) for name in parameters)):
        raise UserError(f"parameters were given as {parameters!r}; give a mapping of names to values, such as {{'tau_plus': 20*ms}}.")
    return parameters or {}


def check_can_be_paired(rule: Rule) -> None:
    """Refuse a rule whose neuron cannot be made to fire at prescribed times, which every protocol does."""
    if rule.post is None:
        return
    neuron = model(rule.post)
    if not (neuron.prescribed and neuron.threshold):
        raise UserError(
            f"rule {rule.name!r} learns with neuron {neuron.name!r}, whose spikes a protocol cannot prescribe; "
            "put it to a learning task instead (brian2chip train), or give post= another Model."
        )
    if neuron.teacher is not None and "pulse" not in neuron.parameters:
        raise UserError(
            f"model {neuron.name!r} has a teacher but no parameter 'pulse', how long before a spike it depolarises; give it one."
        )


def grid_dt(rule: Rule, protocol: Protocol, dt: Any = None) -> float:
    """Return the step in seconds: the given one, the protocol's grid, or finer where a model's voltage is integrated as well."""
    if dt is not None:
        return checked_step(dt)
    return protocol.dt if rule.post is None else min(protocol.dt, model(rule.post).dt)


def conditions_of(protocol: Protocol, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table of conditions, at least one.

    Raises
    ------
    UserError
        When the protocol gives none, or anything but a table.
    """
    with blamed(protocol, protocol.conditions):
        conditions = protocol.conditions(dict(options))
    if not isinstance(conditions, pd.DataFrame) or not len(conditions):
        given = f"an empty {type(conditions).__name__}" if isinstance(conditions, pd.DataFrame) else f"a {type(conditions).__name__}"
        raise UserError(f"protocol {protocol.name!r} gave {given} of conditions; give a DataFrame with one row a condition, at least one.")
    return conditions.reset_index(drop=True)


def stimuli_of(protocol: Protocol, conditions: pd.DataFrame, options: Mapping[str, Any], seed: int) -> list[tuple]:
    """Return the spike times of both neurons for every condition and replica.

    Raises
    ------
    UserError
        When the protocol gives anything but two trains, or more synapses are asked for than ``MOST_SYNAPSES``.
    """
    rng, replicas, stimuli = np.random.default_rng(seed), int(options.get("replicas", 1)), []
    if protocol.stimulate is None:
        raise UserError(f"protocol {protocol.name!r} gives neither stimulate nor simulate; give one of them.")
    if len(conditions) * replicas > MOST_SYNAPSES:
        raise UserError(
            f"protocol {protocol.name!r} was asked for {len(conditions)} conditions of {replicas} replicas; "
            f"at most {MOST_SYNAPSES} synapses run at once."
        )
    for row in conditions.to_dict("records"):
        for _ in range(replicas):
            with blamed(protocol, protocol.stimulate, f" with condition {row}"):
                pre, post = protocol.stimulate(row, options, rng)
                stimuli.append((np.asarray(pre, float).ravel(), np.asarray(post, float).ravel()))
    return stimuli


@dataclass(frozen=True)
class Prepared:
    """A protocol that stands ready for a rule with any values of its parameters and starts.

    Attributes
    ----------
    tables : callable
        ``tables(sets)`` yields the protocol's table of each parameter set.
    changes : callable
        ``changes(sets)`` returns the measured ``dw`` alone, [sets, conditions].
    at_once : bool
        Whether several sets cost little more than one.
    """

    tables: Callable[[ParameterSets], Iterator[pd.DataFrame]]
    changes: Callable[[ParameterSets], np.ndarray]
    at_once: bool


@contextmanager
def prepared(
    rule: Rule, protocol: Protocol, options: Mapping[str, Any], settings: dict[str, Any], runs: int = 1, sets: int = 1
) -> Iterator[Prepared]:
    """Yield the protocol ready to be run with other values of the rule's parameters and starts, ``runs`` times with ``sets`` of them."""
    conditions = conditions_of(protocol, options)
    if protocol.simulate is not None:
        with explained(rule):
            check_simulated(rule, protocol, settings)
            check_start(with_numbers(rule, settings["seed"]), relative=True)

        def simulated(several: ParameterSets) -> Iterator[pd.DataFrame]:
            for k in range(several.n):
                yield simulated_once(with_numbers(several.of(k), settings["seed"]))

        def simulated_once(changed: Rule) -> pd.DataFrame:
            with blamed(protocol, protocol.simulate):
                return repeated(lambda seed: protocol.simulate(changed, conditions, options, {**settings, "seed": seed}), options, settings)

        yield Prepared(simulated, lambda several: _stacked(simulated(several)), at_once=False)
        return
    replicas, rule = int(options.get("replicas", 1)), signals_as_factors(rule)
    with explained(rule):
        delivered = signals_of(protocol, conditions, options, settings["seed"])
        collected(rule, delivered, protocol.name)
    stimuli, rows = stimuli_of(protocol, conditions, options, settings["seed"]), conditions.to_dict("records")
    last = max(np.max(x, initial=0.0) for pair in stimuli for x in pair) + max((path.delay_s for path in rule.pathways), default=0.0)
    last = max(last, last_change(rule, delivered))
    with paired_synapses.prepared(
        rule,
        stimuli,
        duration=float(options.get("duration_s", last + 0.1)),
        dt=settings["dt"],
        device=settings["device"],
        seed=settings["seed"],
        progress=settings["progress"],
        runs=runs,
        sets=sets,
        relative=protocol.reduce is None,
        signals=delivered,
        recording=settings.get("recording"),
        described=lambda k: condition_in_words(protocol, rows[k // replicas], options),
    ) as (evaluate, session):

        def weights(several: ParameterSets) -> np.ndarray:
            """Return means over replicas and starts [sets, conditions, before and after]."""
            measured = evaluate(several)[["w_start", "w_end"]].to_numpy()
            return measured.reshape(several.n, -1, len(conditions), replicas, 2).mean(axis=(1, 3))

        def tables(several: ParameterSets) -> Iterator[pd.DataFrame]:
            if protocol.reduce is None and several.n > 1 and replicas == 1:
                for before, after in np.moveaxis(weights(several), 2, 1):
                    yield conditions.assign(w_start=before, w_end=after, dw=(after - before) / before)
                return
            whole, reduce = evaluate(several), protocol.reduce or relative_change
            if "traces" in whole.attrs:
                settings["info"]["traces"] = by_condition(whole.attrs.pop("traces"), replicas)
            for _, measured in whole.groupby("set", sort=False):
                measured = measured.drop(columns="set").reset_index(drop=True)
                measured = measured.assign(condition=measured["stimulus"] // replicas, replica=measured["stimulus"] % replicas)
                leave_out = lambda each=measured: left_out(each, replicas, lambda some: reduce(conditions, some, options))  # noqa: E731
                settings["info"]["leave_out"] = leave_out
                with blamed(protocol, reduce):
                    table = reduce(conditions, measured, options)
                yield table

        def changes(several: ParameterSets) -> np.ndarray:
            if protocol.reduce is not None:
                return _stacked(tables(several))
            before, after = np.moveaxis(weights(several), 2, 0)
            return (after - before) / before

        settings["info"].update(device=session.device, timings=session.timings)
        yield Prepared(tables, changes, can_share_neurons(rule))


def _stacked(tables: Iterable[pd.DataFrame]) -> np.ndarray:
    return np.array([table["dw"].to_numpy() for table in tables])
