"""Traces over time: any variable of the rule or of its neuron, at every synapse of a protocol."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from brian2chip.analysis import trace_plots
from brian2chip.core.equations import equations
from brian2chip.core.later import brian2, internals
from brian2chip.core.model import Model
from brian2chip.core.resolve import model as resolve_model
from brian2chip.core.rule import Rule
from brian2chip.core.time_step import checked_step
from brian2chip.core.units import second
from brian2chip.errors import UserError, unknown

if TYPE_CHECKING:
    from brian2 import StateMonitor

#: Values that a step chosen here keeps below, and that a given one may reach.
ENOUGH, MOST = 1_000_000, 20_000_000


@dataclass(frozen=True)
class Recording:
    """What is recorded.

    Attributes
    ----------
    names : tuple of str
        Variables of the rule, or of the neuron (``v`` or ``v_post``).
    dt : Quantity, float (s) or None
        How often; by default every step, or less often where that would be more than a million values.
    """

    names: tuple[str, ...]
    dt: Any = None


class Traces:
    """What was recorded, as a run's table carries it along without copying it."""

    def __init__(self, table: pd.DataFrame):
        self.table = table

    def __deepcopy__(self, memo: Any) -> Traces:
        return self


def checked_names(record: str | Sequence[str], rule: Rule) -> tuple[str, ...]:
    """Return the names of variables to record, each once.

    Raises
    ------
    UserError
        For a name that neither the rule nor its neuron has.
    """
    names = tuple(dict.fromkeys([record] if isinstance(record, str) else record))
    neuron = set() if rule.post is None else set(equations(resolve_model(rule.post).equations))
    own = set(equations(rule.model))
    for name in names:
        if name not in own and str(name).removesuffix("_post") not in neuron:
            raise unknown(f"variable of rule {rule.name!r} or of its neuron called", name, [*own, *sorted(neuron)])
    return names


def all_clock_driven(rule: Rule, recording: Recording | None) -> Rule:
    """Return the rule with event-driven variables integrated at every step, where one is recorded; the solution is the exact one still."""
    recorded = {} if recording is None else {e.varname: e for e in equations(rule.model).values() if e.varname in recording.names}
    if not any("event-driven" in e.flags for e in recorded.values()):
        return rule
    return replace(rule, model=re.sub(r"\bevent-driven\b", "clock-driven", rule.model))


def step(recording: Recording, n: int, duration: float, dt: float) -> float:
    """Return the seconds between recorded values, a whole number of steps.

    Raises
    ------
    UserError
        For a time that is no whole number of steps, or so many values that they do not fit into memory.
    """
    values = len(recording.names) * n * duration / dt
    if recording.dt is None:
        return dt * max(1, int(np.ceil(values / ENOUGH)))
    given = checked_step(recording.dt)
    if abs(given / dt - round(given / dt)) > 1e-6 or given < dt / 2:
        raise UserError(f"record_dt = {1e3 * given:g} ms is no whole number of steps of dt = {1e3 * dt:g} ms; give a multiple of it.")
    if values * dt / given > MOST:
        raise UserError(f"{values * dt / given:.3g} values would be recorded, {MOST} fit; give a longer record_dt, or fewer conditions.")
    return dt * round(given / dt)


def monitors(
    recording: Recording,
    rule: Rule,
    neuron: Model | None,
    plastic: Any,
    post: Any,
    holders: Mapping[str, Any],
    n: int,
    every: float,
    dt: float,
) -> dict[str, StateMonitor]:
    """Return a monitor for each name; ``rule`` and ``neuron`` are those whose variables were kept apart."""
    found, period = {}, None if every <= dt * 1.5 else every * second
    own = set(equations(rule.model))
    with internals.order_is_meant():
        for k, name in enumerate(recording.names):
            if name in holders:
                group, variable = holders[name], "held"
            elif name in own:
                group, variable = plastic, name
            else:
                bare = name.removesuffix("_post")
                renamed = f"{bare}_of_neuron"
                group, variable = post, renamed if renamed in equations(neuron.equations) else bare
            found[name] = brian2.StateMonitor(group, variable, record=np.arange(min(n, len(group))), dt=period, name=f"trace_{k}")
    return found


def table(found: Mapping[str, StateMonitor], n: int, n_stimuli: int) -> pd.DataFrame:
    """Return what was recorded, one row a time and synapse: ``time_ms``, ``stimulus``, ``start``, ``variable``, ``value`` (SI)."""
    parts = []
    for name, monitor in found.items():
        every = {variable: np.asarray(getattr(monitor, f"{variable}_")) for variable in monitor.record_variables}
        values = next(iter(every.values()))
        values = np.broadcast_to(values, (n, values.shape[1]))
        time, k = np.asarray(monitor.t_), np.repeat(np.arange(n), values.shape[1])
        parts.append(
            pd.DataFrame(
                {
                    "time_ms": np.tile(np.round(1e3 * time, 9), n),
                    "stimulus": k % n_stimuli,
                    "start": k // n_stimuli,
                    "variable": pd.Categorical.from_codes(np.zeros(len(k), int), [name]),
                    "value": values.ravel(),
                }
            )
        )
    whole = pd.concat(parts, ignore_index=True)
    return whole.assign(variable=pd.Categorical(whole["variable"], list(found)))


def by_condition(recorded: pd.DataFrame, replicas: int) -> Traces:
    """Return the traces with the condition (and where there are several, replica and start) in the place of the stimulus."""
    stimulus = recorded["stimulus"]
    found = recorded[["time_ms"]].assign(condition=stimulus // replicas)
    if replicas > 1:
        found["replica"] = stimulus % replicas
    if recorded["start"].any():
        found["start"] = recorded["start"]
    return Traces(found.assign(variable=recorded["variable"], value=recorded["value"]))


def traces(run: pd.DataFrame) -> pd.DataFrame:
    """Return what :func:`brian2chip.run` recorded: ``time_ms``, ``condition``, ``variable``, ``value`` (SI), one row each.

    Raises
    ------
    UserError
        For a table of a run that recorded nothing.
    """
    if not isinstance(run.attrs.get("traces"), Traces):
        raise UserError("this table holds no traces; give the table of brian2chip.run(..., record=['w']).")
    return run.attrs["traces"].table


def plot_traces(run: pd.DataFrame, figure: Any = None) -> Any:
    """Return a matplotlib figure of what :func:`brian2chip.run` recorded, a panel a variable and a line a condition."""
    if figure is None:
        from matplotlib import pyplot as plt  # not needed to run

        figure = plt.figure(figsize=(7, 5), layout="constrained")
    return trace_plots.draw(traces(run), figure)
