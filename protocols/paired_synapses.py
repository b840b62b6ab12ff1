"""Run a rule at independent synapses, one for every condition, replica, starting state and parameter set, all in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from brian2 import Network, SpikeMonitor, Synapses

from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.starts import variables
from brian2chip.core.time_step import checked_step
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.protocols import trains
from brian2chip.protocols.efficacy import efficacy, starts, state_names
from brian2chip.protocols.independence import can_share_neurons, takes_values_per_synapse
from brian2chip.protocols.kept_apart import kept_apart
from brian2chip.protocols.network_objects import COPIES, driven, pairs, plastic_synapses, si, spike_source
from brian2chip.protocols.parameter_sets import ParameterSets, check_sets, state_before
from brian2chip.protocols.starting_weights import check_start

#: Synapses of one start of a program: 6 MB of values; more of them gain nothing, fewer pay for more starts.
MOST_AT_ONCE = 65_536


@dataclass(frozen=True)
class _Network:
    """A network that stands ready in a session, the rule that it was built for, and how many parameter sets it has room for."""

    session: Session
    rule: Rule
    plastic: Synapses
    spikes: SpikeMonitor | None
    sets: int


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
        check_start(rule, relative)
    _check_delay(rule, dt)
    # A prescribed spike of a driven neuron is caused in the step before it.
    trains.check(trains.laid_out(stimuli, len(stimuli), duration), dt, described, first=0.0 if rule.post is None else dt)
    how = {"device": device, "dt": dt, "seed": seed, "progress": progress}
    with explained(rule):
        together = can_share_neurons(rule) and device != "genn"
    with ExitStack() as stack:
        work = (runs if together else runs * sets, sets if together else 1)
        first = ParameterSets(rule, n=min(sets, _at_once(ParameterSets(rule), len(stimuli), together)))
        built = _build(stack, first, stimuli, duration, work, together, how)

        def run(part: ParameterSets) -> pd.DataFrame:
            nonlocal built
            small = part.n > built.sets and built.session.device != "cpp_standalone"
            if small or _fixed(part.rule) != _fixed(built.rule):  # one session at a time
                stack.close()
                built = _build(stack, part, stimuli, duration, work, together, how)
            return _measured(built, part, stimuli, together, described)

        def evaluate(several: ParameterSets | None = None, /, **changes) -> pd.DataFrame:
            several = ParameterSets(rule.with_parameters(**changes)) if several is None else several
            with explained(rule):
                check_sets(several, relative)
            size = _at_once(several, len(stimuli), together)
            parts = [(first, run(several.part(first, first + size))) for first in range(0, several.n, size)]
            return pd.concat([part.assign(set=part["set"] + first) for first, part in parts], ignore_index=True)

        yield evaluate, built.session


def _at_once(several: ParameterSets, n_stimuli: int, together: bool) -> int:
    """Return how many sets run in one start."""
    periods = {period for _, period in several.rule.regular}
    if not together or periods & several.values.keys():
        return 1
    return max(1, MOST_AT_ONCE // (n_stimuli * len(starts(several.rule))))


def _fixed(rule: Rule) -> tuple:
    """Return what a network is built with: it cannot be changed by running it again."""
    return [si(rule.parameters[period]) for _, period in rule.regular], len(starts(rule)), set(rule.initial)


def _build(
    stack: ExitStack, sets: ParameterSets, stimuli: list, duration: float, work: tuple[int, int], together: bool, how: Mapping[str, Any]
) -> _Network:
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
    s = stack.enter_context(session(work=work[0] * (steps + events / 8), **how))
    neuron, ours = (None, rule) if rule.post is None else kept_apart(model(rule.post), rule)
    own = s.device != "genn" and takes_values_per_synapse(rule)
    values = _laid(rule, sets.values_of(len(stimuli)), together, own)
    index = np.repeat(np.arange(n), sets.n * len(starts(rule)) if together else 1)
    with explained(rule):
        pre = spike_source(room, stimulus.pre_i, stimulus.pre_t, dt, "pre")
        if rule.post is None:
            post, spikes = [spike_source(room, stimulus.post_i, stimulus.post_t, dt, "post")], None
        else:
            post = driven(s, neuron, stimulus, room, dt)
            spikes = SpikeMonitor(post[0], name="post_spikes")
        start = {name: values[f"initial.{name}"] for name in rule.initial}
        plastic = plastic_synapses(s, ours, pre, post[0], index, index, start, own=values if own else None)
        s.queue(Network(pre, *post, plastic, *([] if spikes is None else [spikes])), duration)
    return _Network(s, rule, plastic, spikes, sets.n)


def _laid(rule: Rule, values: Mapping[str, np.ndarray], together: bool, own: bool) -> dict[str, Any]:
    """Return values [sets, starts, stimuli] in the order of the synapses; a number for what they share."""
    shared = {f"initial.{name}" for name, equation in variables(rule.model).items() if "shared" in equation.flags}
    shared |= set() if own else set(rule.parameters)
    order = lambda value: (value.transpose(2, 0, 1) if together else value[0]).ravel()  # noqa: E731
    return {name: value.flat[0] if name in shared else order(value) for name, value in values.items()}


def _measured(built: _Network, sets: ParameterSets, stimuli: list, together: bool, described: Callable[[int], str]) -> pd.DataFrame:
    """Run the network with the values of some sets and return the weight of every synapse before and after."""
    rule, plastic, s = sets.rule, built.plastic, built.session
    n_sets = sets.n if s.device == "cpp_standalone" else built.sets  # elsewhere synapses are made once; idle ones learn with the last set
    shape, values = (n_sets, len(starts(rule)), len(stimuli)), sets.values_of(len(stimuli))
    values = {name: value[np.minimum(np.arange(n_sets), sets.n - 1)] for name, value in values.items()}
    own = s.device != "genn" and takes_values_per_synapse(rule)
    given: dict[str, Any] = _laid(rule, values, together, own)
    if own and s.device == "cpp_standalone":
        given[COPIES] = pairs(np.repeat(np.arange(shape[2]), shape[0] * shape[1]) if together else np.arange(shape[1] * shape[2]))
    with explained(rule):
        s.execute(given if s.device != "genn" else None)
        after = {name: _back(value, shape, together) for name, value in plastic.get_states(state_names(rule), units=False).items()}
    if built.spikes is not None:
        _check_fired(rule, built.spikes, stimuli, len(stimuli) * (1 if together else shape[1]), described)
    parameters = {name: values[name] for name in rule.parameters}
    before, after = state_before(rule, values), parameters | after
    index = np.indices((sets.n, *shape[1:])).reshape(3, -1)
    weights = [np.broadcast_to(efficacy(rule, state), shape)[: sets.n].ravel() for state in (before, after)]
    return pd.DataFrame({"set": index[0], "stimulus": index[2], "start": index[1], "w_start": weights[0], "w_end": weights[1]})


def _back(value: np.ndarray, shape: tuple[int, int, int], together: bool) -> np.ndarray:
    """Return values of the synapses as [sets, starts, stimuli]."""
    if np.ndim(value) == 0 or np.size(value) == 1:
        return np.broadcast_to(value, shape)
    return value.reshape(shape[2], *shape[:2]).transpose(1, 2, 0) if together else value.reshape(shape)


def _check_delay(rule: Rule, dt: float) -> None:
    if rule.delay is not None and abs(si(rule.delay) / dt - round(si(rule.delay) / dt)) > trains.OFF_GRID:
        raise UserError(
            f"the delay of rule {rule.name!r}, {rule.delay}, lies off the grid of dt = {1e3 * dt:g} ms; "
            f"{trains.holding(np.array([si(rule.delay)]), dt).replace('every spike', 'it').replace('the times', 'it')}."
        )


def _check_fired(rule: Rule, spikes: SpikeMonitor, stimuli: list, n: int, described: Callable[[int], str]) -> None:
    """Refuse what was measured when a neuron did not fire where it was prescribed, refractory or not driven hard enough."""
    prescribed, dt = trains.laid_out(stimuli, n, 0.0), float(spikes.clock.dt_)
    steps = lambda t: np.rint(np.asarray(t) / dt).astype(np.int64)  # noqa: E731
    wanted, made = steps(prescribed.post_t), steps(spikes.t_[:])
    most = 1 + max(np.max(wanted, initial=0), np.max(made, initial=0))
    lost = ~np.isin(prescribed.post_i * most + wanted, np.asarray(spikes.i[:], np.int64) * most + made)
    if lost.any():
        k = int(np.argmax(lost))
        raise UserError(
            f"{described(int(prescribed.post_i[k]) % len(stimuli))} prescribes a postsynaptic spike at {1e3 * wanted[k] * dt:g} ms, where "
            f"neuron {model(rule.post).name!r} of rule {rule.name!r} did not fire; space them wider than its refractory time and the step, "
            "or give its Model a stronger teacher."
        )
