"""The postsynaptic neurons of a protocol, and what makes them depolarise before, and fire at, the prescribed times."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from brian2chip.core.drives import CurrentPulse, Drive, PrescribedSpike, VoltageStep, parse_drive
from brian2chip.core.equations import PARAMETER, equations
from brian2chip.core.later import brian2
from brian2chip.core.model import Model
from brian2chip.core.protocol import Protocol, Stimulus
from brian2chip.core.quantities import unit_name
from brian2chip.core.resolve import model as resolve_model
from brian2chip.core.rule import Rule
from brian2chip.core.starts import variables
from brian2chip.core.units import Quantity, have_same_dimensions, second
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.protocols.network_objects import FORCED, NAMESPACE, neurons, si, spike_source

if TYPE_CHECKING:
    from brian2 import NeuronGroup

#: Seconds at rest before the trial of a pulse, and after it.
REST, AFTER = 0.1, 0.05
#: The neuron's parameter that says how strong a drive is, and its variable that says whether its voltage is held.
LEVEL, HELD = "drive_level", "voltage_held"


@dataclass(frozen=True)
class _Act:
    """Something done to neurons at some times: code, and for each time the neuron."""

    name: str
    code: str
    i: np.ndarray
    t: np.ndarray


def with_neuron(rule: Rule, protocol: Protocol, post: Any = None, drive: Drive | str | None = None, dt: float | None = None) -> Rule:
    """Return the rule with the neuron and the drive that a run asks for, both checked; the run's drive comes first, then the protocol's.

    Raises
    ------
    UserError
        For a drive without a neuron, and a neuron that cannot be driven so.
    """
    rule = rule if post is None else replace(rule, post=post)
    drive = parse_drive(drive) if isinstance(drive, str) else drive
    if protocol.simulate is not None:
        if drive is not None:
            raise UserError(f"protocol {protocol.name!r} is a network of its own, in which inputs drive the neuron; leave drive out.")
        return rule
    if rule.post is None:
        if drive is not None:
            raise UserError(
                f"a drive was given, and rule {rule.name!r} has no neuron to drive; give post=..., a Model, its name or a file."
            )
        return rule
    neuron = resolve_model(rule.post)
    drive = drive or protocol.drive or neuron.drive
    if drive is None:
        return rule
    if isinstance(drive, PrescribedSpike):
        return replace(rule, post=replace(neuron, drive=None, teacher=None))
    neuron = replace(neuron, teacher=None)
    if isinstance(drive, VoltageStep):
        _check_variable(neuron, drive.variable, drive.level, "voltage step", 'VoltageStep(level, duration, variable="u")')
    else:
        drive = _with_latency(neuron, replace(drive, variable=_current(neuron, drive)), dt)
    return replace(rule, post=replace(neuron, drive=drive))


def _check_variable(neuron: Model, name: str, value: Any, what: str, instead: str) -> None:
    known = variables(neuron.equations)
    if name not in known:
        raise UserError(
            f"model {neuron.name!r} has no variable {name!r} that a {what} could change; name one of {', '.join(known)}, {instead}, or "
            'let its spikes happen, drive="prescribed".'
        )
    needed = Quantity(1.0, dim=known[name].dim)
    if not have_same_dimensions(value, needed):
        raise UserError(f"a {what} of {value} was given for {name} of model {neuron.name!r}; it needs the unit {unit_name(needed)}.")


def _current(neuron: Model, drive: CurrentPulse) -> str:
    """Return the variable that takes the current."""
    if drive.variable is None:
        inputs = {name: e for name, e in variables(neuron.equations).items() if e.type == PARAMETER}
        fitting = [name for name, e in inputs.items() if have_same_dimensions(drive.amplitude, Quantity(1.0, dim=e.dim))]
        name = "I" if "I" in inputs or len(fitting) != 1 else fitting[0]
    else:
        name = drive.variable
    _check_variable(neuron, name, drive.amplitude, "current pulse", 'CurrentPulse(amplitude, duration, variable="I_e")')
    return name


def _with_latency(neuron: Model, drive: CurrentPulse, dt: float | None) -> CurrentPulse:
    """Return the pulse with the time from its beginning to the spike of a neuron at rest, where it was not given."""
    if drive.latency is not None:
        return drive
    step = neuron.dt if dt is None else min(dt, neuron.dt)
    onset = round(REST / step) * step
    with session("numpy", dt=step, seed=1) as s:
        post = neurons(s, replace(neuron, parameters={**neuron.parameters, LEVEL: drive.amplitude}), 1)
        pulse = _pulses(drive.variable, np.zeros(1, int), np.array([onset]), np.array([onset + _rounded(drive.duration, step)]))
        spikes, trace = brian2.SpikeMonitor(post), brian2.StateMonitor(post, _watched(neuron), record=True)
        s.run(brian2.Network(post, spikes, trace, *_acted(post, pulse, 1, step)), onset + si(drive.duration) + AFTER)
        times = np.asarray(spikes.t_)
        name = trace.record_variables[0]
        most = Quantity(np.max(getattr(trace, f"{name}_")), dim=equations(neuron.equations)[name].dim)
    made = times[times > onset]
    said = f"a current pulse of {drive.amplitude} for {drive.duration} in {drive.variable}"
    if not made.size:
        raise UserError(f"{said} does not make neuron {neuron.name!r} fire, {name} reaches {most}; give a stronger or a longer one.")
    if made.size > 1 or times.size > made.size:
        raise UserError(
            f"{said} makes neuron {neuron.name!r}, at rest, fire {times.size} times where one spike is wanted; give a shorter one."
        )
    return replace(drive, latency=float(made[0] - onset) * second)


def _watched(neuron: Model) -> str:
    """Return the variable that the threshold is about."""
    names = equations(neuron.equations)
    return next((word for word in re.findall(r"[A-Za-z_]\w*", neuron.threshold) if word in names), next(iter(names)))


def _rounded(time: Any, dt: float) -> float:
    return max(1, round(si(time) / dt)) * dt


def _pulses(variable: str, i: np.ndarray, start: np.ndarray, end: np.ndarray) -> list[_Act]:
    return [_Act("onset", f"{variable}_post += {LEVEL}_post", i, start), _Act("offset", f"{variable}_post -= {LEVEL}_post", i, end)]


def _acted(post: NeuronGroup, acts: list[_Act], n: int, dt: float) -> list:
    """Return the sources and synapses that do things to neurons."""
    objects = []
    for act in acts:
        if not act.code:
            continue
        source = spike_source(n, act.i, act.t, dt, act.name)
        link = brian2.Synapses(source, post, on_pre=act.code, name=f"{act.name}_to_post", namespace=NAMESPACE)
        link.connect(i=np.arange(n), j=np.arange(n))
        objects += [source, link]
    return objects


def driven(s: Session, model: Model, stimulus: Stimulus, n: int, dt: float) -> list:
    """Return the postsynaptic neurons and what makes them depolarise before, and fire at, the prescribed times."""
    order = np.lexsort((stimulus.post_t, stimulus.post_i))
    i, t = stimulus.post_i[order], stimulus.post_t[order]
    previous = np.where(np.r_[True, i[1:] != i[:-1]], -np.inf, np.r_[-np.inf, t[:-1]])
    match model.drive:
        case CurrentPulse() as drive:
            variable = _name(model, drive.variable)
            start = np.maximum(t - si(drive.latency), 0.0)
            post = neurons(s, replace(model, parameters={**model.parameters, LEVEL: drive.amplitude}), n)
            acts = _pulses(variable, i, start, start + _rounded(drive.duration, dt))
        case VoltageStep() as drive:
            post, acts = _clamped(s, model, drive, n), []
            start = np.maximum(np.maximum(t - _rounded(drive.duration, dt), previous + dt), 0.0)
            held = f"{_name(model, drive.variable)}_post = {LEVEL}_post; {HELD}_post = 1"
            acts = [_Act("onset", held, i[start < t - dt / 2], start[start < t - dt / 2]), _Act("fire", f"{FORCED}_post = t", i, t - dt)]
        case _:
            forced = model.teacher is None
            post = neurons(s, model, n, forced=forced)
            onset, fire = ("", f"{FORCED}_post = t") if forced else model.teacher
            pulse = 0.0 if forced else si(model.parameters["pulse"])
            start = np.maximum(np.maximum(t - pulse, previous + dt), 0.0)
            # A spike that the teacher causes in one step is emitted in the next, hence one step earlier; it must not be undone in that.
            early = start < t - 1.5 * dt
            acts = [_Act("onset", onset, i[early], start[early]), _Act("fire", fire, i, t - dt)]
    return [post, *_acted(post, acts, n, dt)]


def _name(model: Model, variable: str) -> str:
    """Return the variable as the model calls it once its names are kept apart from the rule's."""
    return variable if variable in equations(model.equations) else f"{variable}_of_neuron"


def _clamped(s: Session, model: Model, drive: VoltageStep, n: int) -> NeuronGroup:
    """Return neurons that hold their voltage while told to and fire when told to, not because of where they are held."""
    clamp = replace(
        model,
        equations=f"{model.equations}\n{HELD} : 1",
        threshold=f"({model.threshold}) and {HELD} == 0",
        reset=f"{model.reset}\n{HELD} = 0",
        parameters={**model.parameters, LEVEL: drive.level},
    )
    post = neurons(s, clamp, n, forced=True)
    variable = _name(model, drive.variable)
    post.run_regularly(f"{variable} = {variable} + ({LEVEL} - {variable})*{HELD}", when="after_groups", name="hold")
    return post
