"""Run a rule at independent synapses, one for every condition, replica, starting state and parameter set, all in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.pathways import built_with
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.signal import Signal
from brian2chip.core.start_expressions import with_numbers
from brian2chip.core.third_factors import signals_as_factors
from brian2chip.core.time_step import checked_step
from brian2chip.core.user_rules import explained
from brian2chip.engine.devices import COMPILED
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.protocols import third_factors, trains
from brian2chip.protocols.efficacy import efficacy, starts, state_names
from brian2chip.protocols.firing import check_fired
from brian2chip.protocols.independence import can_share_neurons
from brian2chip.protocols.network_objects import COPIES, pairs, si
from brian2chip.protocols.parameter_sets import ParameterSets, check_sets, each_with_numbers, state_before
from brian2chip.protocols.recording import Recording
from brian2chip.protocols.recording import table as traces_table
from brian2chip.protocols.starting_weights import check_start
from brian2chip.protocols.synapse_network import Network, build, laid

#: Synapses of one start of a program: 6 MB of values; more of them gain nothing, fewer pay for more starts.
MOST_AT_ONCE = 65_536


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
    sets: int = 1,
    relative: bool = False,
    signals: Sequence[Mapping[str, Signal]] | None = None,
    recording: Recording | None = None,
    described: Callable[[int], str] = "synapse {}".format,
) -> Iterator[tuple[Callable[..., pd.DataFrame], Session]]:
    """Build the network and yield ``evaluate(**changes)`` (and the session), which runs it with some parameters or starts changed.

    ``evaluate(sets)`` runs it with several parameter sets, many of them in one start of the program. Where a set needs a network of its own
    (the rule acts on its neuron, draws random numbers, or has variables that its synapses share) one runs after the other.

    Parameters
    ----------
    rule : Rule
    stimuli : list of (pre, post)
        Spike times in seconds of each synapse, on the grid of ``dt``.
    duration, dt : float
        Seconds.
    seed : int
        Of Brian2; every run draws the same random numbers.
    runs : int
        How often it will run, for the choice of the device.
    sets : int
        Parameter sets at once, for the same.
    relative : bool
        Whether changes will be measured relative to the starting weight, which must then not be zero.
    signals : list of mapping, optional
        What is delivered with each stimulus, by names of third factors.
    recording : Recording, optional
        What is recorded; the traces stand in ``attrs["traces"]`` of what ``evaluate`` returns.
    described : callable
        Says in words what a stimulus, by its number, stands for.

    Yields
    ------
    evaluate : callable
        Returns a table with the columns ``set``, ``stimulus``, ``start``, ``w_start``, ``w_end``, one row a synapse.
    session : Session

    Raises
    ------
    UserError
        For spikes off the grid, starts that cannot be, and a rule that Brian2 cannot run.
    """
    seed, dt = checked_seed(seed), checked_step(dt)
    with explained(rule):
        rule, given, before = third_factors.collected(signals_as_factors(rule), signals or [{}] * len(stimuli))
        third_factors.check(given, dt, duration, described)
        check_start(with_numbers(rule, seed), relative)
    _check_delay(rule, dt)
    # A prescribed spike of a driven neuron is caused in the step before it.
    trains.check(trains.laid_out(stimuli, len(stimuli), duration), dt, described, first=0.0 if rule.post is None else dt)
    how = {"device": device, "dt": dt, "seed": seed, "progress": progress, "signals": given, "before": before, "recording": recording}
    with explained(rule):
        together = can_share_neurons(rule) and device != "genn" and not given and recording is None
    with ExitStack() as stack:
        work = (runs if together else runs * sets, sets if together else 1)
        numbered = with_numbers(rule, seed)
        first = ParameterSets(numbered, n=min(sets, _at_once(ParameterSets(numbered), len(stimuli), together)))
        built = build(stack, first, stimuli, duration, work, together, how)

        def run(part: ParameterSets) -> pd.DataFrame:
            nonlocal built
            _check_delay(part.rule, dt)
            small = part.n > built.sets and built.session.device not in COMPILED
            if small or _fixed(part.rule) != _fixed(built.rule):  # one session at a time
                stack.close()
                built = build(stack, part, stimuli, duration, work, together, how)
            return _measured(built, part, stimuli, described)

        def evaluate(several: ParameterSets | None = None, /, **changes) -> pd.DataFrame:
            several = ParameterSets(rule.with_parameters(**changes)) if several is None else several
            if given:
                several = replace(
                    several, rule=third_factors.collected(signals_as_factors(several.rule), signals or [{}] * len(stimuli))[0]
                )
            with explained(rule):
                each = each_with_numbers(several, seed)
                for one in each:
                    check_sets(one, relative)
            parts, first = [], 0
            for one in each:
                size = _at_once(one, len(stimuli), together)
                for begin in range(0, one.n, size):
                    part = run(one.part(begin, begin + size))
                    parts.append(part.assign(set=part["set"] + first + begin))
                first += one.n
            return parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)

        yield evaluate, built.session


def _at_once(several: ParameterSets, n_stimuli: int, together: bool) -> int:
    """Return how many sets run in one start."""
    if not together or built_with(several.rule) & several.values.keys():
        return 1
    return max(1, MOST_AT_ONCE // (n_stimuli * len(starts(several.rule))))


def _fixed(rule: Rule) -> tuple:
    """Return what a network is built with: it cannot be changed by running it again."""
    return [si(rule.parameters[name]) for name in sorted(built_with(rule))], len(starts(rule)), set(rule.initial)


def _measured(built: Network, sets: ParameterSets, stimuli: list, described: Callable[[int], str]) -> pd.DataFrame:
    """Run the network with the values of some sets and return the weight of every synapse before and after."""
    rule, s, together = sets.rule, built.session, built.together
    n_sets = sets.n if s.device in COMPILED else built.sets  # elsewhere synapses are made once; idle ones learn with the last set
    shape, values = (n_sets, len(starts(rule)), len(stimuli)), sets.values_of(len(stimuli))
    values = {name: value[np.minimum(np.arange(n_sets), sets.n - 1)] for name, value in values.items()}
    given: dict[str, Any] = laid(rule, values, built)
    if built.own and s.device in COMPILED:
        given[COPIES] = pairs(np.repeat(np.arange(shape[2]), shape[0] * shape[1]) if together else np.arange(shape[1] * shape[2]))
    n = len(stimuli) * (1 if together else shape[1])
    with explained(rule):
        s.execute(given if s.device != "genn" else None, [built.duration])
        after = {name: _back(s.read(f"plastic.{name}"), shape, together) for name in state_names(rule)}
    if rule.post is not None:
        check_fired(rule, (s.read("post_spikes.i"), s.read("post_spikes.t")), stimuli, n, built.dt, described)
    parameters = {name: values[name] for name in rule.parameters}
    before, after = state_before(rule, values), parameters | after
    index = np.indices((sets.n, *shape[1:])).reshape(3, -1)
    weights = [np.broadcast_to(efficacy(rule, state), shape)[: sets.n].ravel() for state in (before, after)]
    measured = pd.DataFrame({"set": index[0], "stimulus": index[2], "start": index[1], "w_start": weights[0], "w_end": weights[1]})
    if built.traces:
        measured.attrs["traces"] = traces_table(built.traces, n, len(stimuli))
    return measured


def _back(value: np.ndarray, shape: tuple[int, int, int], together: bool) -> np.ndarray:
    """Return values of the synapses as [sets, starts, stimuli]."""
    if np.ndim(value) == 0 or np.size(value) == 1:
        return np.broadcast_to(value, shape)
    return value.reshape(shape[2], *shape[:2]).transpose(1, 2, 0) if together else value.reshape(shape)


def _check_delay(rule: Rule, dt: float) -> None:
    for path in rule.pathways:
        if abs(path.delay_s / dt - round(path.delay_s / dt)) > trains.OFF_GRID:
            raise UserError(
                f"the delay of rule {rule.name!r}, {path.delay}, lies off the grid of dt = {1e3 * dt:g} ms; "
                f"{trains.holding(np.array([path.delay_s]), dt).replace('every spike', 'it').replace('the times', 'it')}."
            )
