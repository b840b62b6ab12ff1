"""Before a rule goes through a protocol: names, options and time step are checked, and the network is built once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import registry
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import definitions, is_file, only, resolve
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError, unknown
from brian2chip.protocols import paired_synapses


def resolve_protocol(protocol: Protocol | str) -> Protocol:
    """Return a Protocol from itself or its name."""
    if not isinstance(protocol, Protocol) and protocol not in registry.catalogue("protocol") and protocol in registry.catalogue("task"):
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
            learns = rule in registry.catalogue("learning_rule") and rule not in registry.catalogue("rule")
            rule = resolve(LearningRule if learns else Rule, rule)
    return rule.as_rule() if isinstance(rule, LearningRule) else rule


def checked_options(protocol: Protocol, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the protocol's options with the given ones, each converted to the type of its default."""
    options = dict(protocol.options) | ({"replicas": protocol.replicas} if protocol.replicas > 1 else {})
    for name, value in given.items():
        if not options:
            raise UserError(f"protocol {protocol.name!r} has no options, {name} was given; leave it out.")
        if name not in options:
            raise unknown(f"option of protocol {protocol.name!r} called", name, options)
        kind = type(options[name])
        try:
            converted = kind(float(value)) if kind is int else kind(value)
        except (TypeError, ValueError):
            raise UserError(f"option {name} of {protocol.name!r} must be {kind.__name__}, not {value!r}.") from None
        if kind in (int, float) and not (np.isfinite(converted) and converted > 0):
            raise UserError(f"option {name} of {protocol.name!r} must be a positive number, not {value!r}.")
        options[name] = converted
    return options


def relative_change(conditions: pd.DataFrame, measured: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the conditions with ``w_start``, ``w_end`` (means over replicas and starting states) and ``dw``, their relative change."""
    mean = measured.groupby("condition")[["w_start", "w_end"]].mean()
    table = conditions.join(mean)
    return table.assign(dw=(table["w_end"] - table["w_start"]) / table["w_start"])


def check_can_be_paired(rule: Rule) -> None:
    """Refuse a rule whose neuron cannot be made to fire at prescribed times, which every protocol does."""
    if rule.post is None:
        return
    if rule.post not in registry.catalogue("model") or registry.get("model", rule.post).teacher is None:
        raise UserError(
            f"rule {rule.name!r} learns with neuron {rule.post!r}, which a protocol cannot make fire at prescribed times; "
            "put it to a learning task instead: brian2chip train."
        )


def grid_dt(rule: Rule, protocol: Protocol, dt: float | None = None) -> float:
    """Return the step: the protocol's grid, or finer where a model's voltage is integrated as well."""
    if dt is not None:
        return dt
    return protocol.dt if rule.post is None else min(protocol.dt, registry.get("model", rule.post).dt)


@contextmanager
def prepared(
    rule: Rule, protocol: Protocol, options: Mapping[str, Any], settings: dict[str, Any], runs: int = 1
) -> Iterator[Callable[..., pd.DataFrame]]:
    """Yield ``evaluate(**changes)``, which returns the protocol's table with some of the rule's parameters changed."""
    conditions = protocol.conditions(options).reset_index(drop=True)
    if protocol.simulate is not None:
        yield lambda **changes: protocol.simulate(rule.with_parameters(**changes), conditions, options, settings)
        return
    rng = np.random.default_rng(settings["seed"])
    replicas = int(options.get("replicas", 1))
    rows = conditions.to_dict("records")
    stimuli = [protocol.stimulate(row, options, rng) for row in rows for _ in range(replicas)]
    last = max(max(np.max(x, initial=0.0) for x in pair) for pair in stimuli)
    with paired_synapses.prepared(
        rule,
        stimuli,
        duration=float(options.get("duration_s", last + 0.1)),
        dt=settings["dt"],
        device=settings["device"],
        seed=settings["seed"],
        progress=settings["progress"],
        runs=runs,
    ) as (evaluate, session):
        reduce = protocol.reduce or relative_change

        def table(**changes):
            measured = evaluate(**changes)
            measured = measured.assign(condition=measured["stimulus"] // replicas, replica=measured["stimulus"] % replicas)
            return reduce(conditions, measured, options)

        settings["info"].update(device=session.device, timings=session.timings)
        yield table
