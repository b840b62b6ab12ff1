"""Run a rule at independent synapses, one for every condition, replica and starting state, all in one network."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.later import brian2, internals
from brian2chip.core.protocol import Stimulus
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.signal import Signal
from brian2chip.core.start_expressions import with_numbers
from brian2chip.core.starts import variables
from brian2chip.core.third_factors import signals_as_factors
from brian2chip.core.time_step import checked_step
from brian2chip.core.units import get_dimensions
from brian2chip.core.user_rules import explained
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.protocols import third_factors, trains
from brian2chip.protocols.driving import driven
from brian2chip.protocols.efficacy import efficacy, starts, state_names
from brian2chip.protocols.firing import check_fired
from brian2chip.protocols.kept_apart import kept_apart
from brian2chip.protocols.network_objects import plastic_synapses, si, spike_source
from brian2chip.protocols.recording import Recording, all_clock_driven, monitors, step
from brian2chip.protocols.recording import table as traces_table
from brian2chip.protocols.starting_weights import check_start

#: Fields of a rule that do not reach its network, which is given parameters and starts anew for every run.
NOT_BUILT = ("name", "source", "file", "parameters", "initial", "bounds", "presets", "weight", "convention", "devices", "oracle")


@dataclass(frozen=True)
class _Network:
    """A network that stands ready in a session, the rule that it was built for, its synapses, step and duration in seconds."""

    session: Session
    rule: Rule
    room: int
    dt: float
    duration: float
    traces: dict[str, Any]


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
    relative: bool = False,
    signals: Sequence[Mapping[str, Signal]] | None = None,
    recording: Recording | None = None,
    described: Callable[[int], str] = "synapse {}".format,
) -> Iterator[tuple[Callable[..., pd.DataFrame], Session]]:
    """Build the network and yield ``evaluate(**changes)`` (and the session), which runs it with some parameters or starts changed.

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
        Returns a table with the columns ``stimulus``, ``start``, ``w_start``, ``w_end``, one row a synapse.
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
    with ExitStack() as stack:
        built = _build(stack, with_numbers(rule, seed), stimuli, duration, runs, how)

        def evaluate(**changes) -> pd.DataFrame:
            nonlocal built
            changed = with_numbers(rule.with_parameters(**changes), seed)
            with explained(rule):
                check_start(changed, relative)
            if _fixed(changed) != _fixed(built.rule):  # one session at a time
                stack.close()
                built = _build(stack, changed, stimuli, duration, runs, how)
            return _measured(built, changed, stimuli, described)

        yield evaluate, built.session


def _fixed(rule: Rule) -> tuple:
    """Return what a network is built with: it cannot be changed by running it again."""
    return [si(rule.parameters[period]) for _, period in rule.regular], len(starts(rule)), set(rule.initial)


def _build(stack: ExitStack, rule: Rule, stimuli: list, duration: float, runs: int, how: Mapping[str, Any]) -> _Network:
    """Return the network in a session that the stack will close."""
    dt, n = how["dt"], len(stimuli) * len(starts(rule))
    # Rounded up, the number of synapses lets protocols share one compiled program; idle neurons with a membrane cost time.
    room = max(128 if rule.post is None else 32, 1 << (n - 1).bit_length())
    stimulus = trains.laid_out(stimuli, n, duration)
    # Spikes cost numpy little; neurons are updated at every step, some 2000 of them in the time that an object takes anyway.
    work = runs * duration / dt * (4 if rule.post is None else 12 * (1 + n / 2000))
    # What signals and traces add to a network is not part of what a program is known by.
    known = None if how["signals"] or how["recording"] else known_by(rule, stimulus, room)
    opened = {key: how[key] for key in ("device", "dt", "seed", "progress")}
    s = stack.enter_context(session(work=work, known_by=known, **opened))
    if s.recalled:
        return _Network(s, rule, room, dt, duration, {})
    neuron, ours = (None, rule) if rule.post is None else kept_apart(model(rule.post), rule)
    recording = how["recording"]
    ours = all_clock_driven(ours, recording)
    with explained(rule):
        pre = spike_source(room, stimulus.pre_i, stimulus.pre_t, dt, "pre")
        if rule.post is None:
            post, spikes = [spike_source(room, stimulus.post_i, stimulus.post_t, dt, "post")], None
        else:
            post = driven(s, neuron, stimulus, room, dt)
            spikes = brian2.SpikeMonitor(post[0], name="post_spikes")
            s.result(spikes, "i", "t")
        plastic = plastic_synapses(s, ours, pre, post[0], np.arange(room), np.arange(room), _start(rule, len(stimuli), room))
        s.result(plastic, *state_names(rule))
        if how["signals"]:
            stack.enter_context(internals.order_is_meant())  # no two changes of a signal come in one step
        held, holders = third_factors.deliver(s, plastic, how["signals"], how["before"], n, dt)
        traces = {}
        if recording is not None:
            every = step(recording, n, duration, dt)
            traces = monitors(recording, ours, neuron, plastic, post[0], holders, n, every, dt)
            for monitor in traces.values():
                s.result(monitor, "t", *monitor.record_variables)
        s.queue(brian2.Network(pre, *post, plastic, *held, *traces.values(), *([] if spikes is None else [spikes])), duration)
    return _Network(s, rule, room, dt, duration, traces)


def known_by(rule: Rule, stimulus: Stimulus, room: int) -> tuple:
    """Return what determines the program of a rule beside the parameters and starts that every run is given."""
    return (
        "independent synapses",
        {field.name: getattr(rule, field.name) for field in fields(rule) if field.name not in NOT_BUILT},
        {name: repr(get_dimensions(value)) for name, value in rule.parameters.items()},
        [si(rule.parameters[period]) for _, period in rule.regular],
        list(rule.initial),
        None if rule.post is None else replace(model(rule.post), source="", presets={}, bounds={}),
        [np.asarray(column) for column in (stimulus.pre_i, stimulus.pre_t, stimulus.post_i, stimulus.post_t)],
        room,
    )


def _start(rule: Rule, n_stimuli: int, room: int) -> dict[str, np.ndarray]:
    """Return the initial state of every synapse, the idle ones at the end; a number for a variable that they share."""
    states, start = starts(rule), {}
    for name in rule.initial:
        value = np.repeat([state[name] for state in states], n_stimuli)
        shared = "shared" in variables(rule.model)[name].flags
        start[name] = value[0] if shared else np.r_[value, np.full(room - len(value), value[0])]
    return start


def _measured(built: _Network, rule: Rule, stimuli: list, described: Callable[[int], str]) -> pd.DataFrame:
    """Run the network with the values of a rule and return the weight of every synapse before and after."""
    names, n_starts, s = state_names(rule), len(starts(rule)), built.session
    n = len(stimuli) * n_starts
    start = _start(rule, len(stimuli), built.room)
    values = {key: si(value) for key, value in rule.parameters.items()} | {f"initial.{key}": value for key, value in start.items()}
    with explained(rule):
        s.execute(values if s.device != "genn" else None, [built.duration])
        after = {key: np.broadcast_to(s.read(f"plastic.{key}"), built.room)[:n] for key in names}
    if rule.post is not None:
        check_fired(rule, (s.read("post_spikes.i"), s.read("post_spikes.t")), stimuli, n, built.dt, described)
    before = {key: np.zeros(n) for key in names} | {key: np.broadcast_to(value, built.room)[:n] for key, value in start.items()}
    measured = pd.DataFrame(
        {
            "stimulus": np.tile(np.arange(len(stimuli)), n_starts),
            "start": np.repeat(np.arange(n_starts), len(stimuli)),
            "w_start": np.broadcast_to(efficacy(rule, before), (n,)),
            "w_end": np.broadcast_to(efficacy(rule, after), (n,)),
        }
    )
    if built.traces:
        measured.attrs["traces"] = traces_table(built.traces, n, len(stimuli))
    return measured


def _check_delay(rule: Rule, dt: float) -> None:
    for path in rule.pathways:
        if abs(path.delay_s / dt - round(path.delay_s / dt)) > trains.OFF_GRID:
            raise UserError(
                f"the delay of rule {rule.name!r}, {path.delay}, lies off the grid of dt = {1e3 * dt:g} ms; "
                f"{trains.holding(np.array([path.delay_s]), dt).replace('every spike', 'it').replace('the times', 'it')}."
            )
