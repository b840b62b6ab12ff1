"""Third factors in a protocol: signals over time, the rule's own or the protocol's, held where the synapses read them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from brian2chip.core.later import brian2, internals
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.signal import Signal
from brian2chip.core.third_factors import factors, unit_text, without
from brian2chip.core.units import Quantity, have_same_dimensions
from brian2chip.engine.session import Session
from brian2chip.errors import UserError
from brian2chip.protocols import trains
from brian2chip.protocols.blame import blamed
from brian2chip.protocols.network_objects import NAMESPACE, si, spike_source

if TYPE_CHECKING:
    from brian2 import Synapses

#: Changes of all signals in one network.
MOST_CHANGES = 5_000_000

#: For each third factor the one signal of all stimuli, or one for each, None where it keeps its start.
Signals = Mapping[str, Signal | Sequence[Signal | None]]


def signals_of(protocol: Protocol, conditions: pd.DataFrame, options: Mapping[str, Any], seed: int) -> list[Mapping[str, Signal]]:
    """Return what a protocol delivers with every condition and replica, by the names of third factors.

    Raises
    ------
    UserError
        When it gives anything but a mapping of names to signals.
    """
    replicas, rng = int(options.get("replicas", 1)), np.random.default_rng([seed, 1])
    if protocol.signals is None:
        return [{}] * (len(conditions) * replicas)
    found = []
    for row in conditions.to_dict("records"):
        for _ in range(replicas):
            with blamed(protocol, protocol.signals, f" with condition {row}"):
                given = protocol.signals(row, options, rng)
            if not (isinstance(given, Mapping) and all(isinstance(one, Signal) for one in given.values())):
                raise UserError(f"protocol {protocol.name!r} gave {given!r} as signals; return a mapping of names to Signal.")
            found.append(given)
    return found


def collected(rule: Rule, delivered: Sequence[Mapping[str, Signal]], protocol: str = "") -> tuple[Rule, Signals, dict[str, float]]:
    """Return the rule without the third factors that signals provide, these signals, and what each is before its first change.

    The rule's own signals come before the protocol's.

    Raises
    ------
    UserError
        For a third factor that neither gives, and a signal of another unit.
    """
    found: dict[str, Any] = {}
    for name, equation in factors(rule).items():
        own, theirs = rule.third_factors.get(name), [one.get(name) for one in delivered]
        if own is not None:
            found[name] = own
        elif any(one is not None for one in theirs):
            found[name] = theirs[0] if all(one is theirs[0] for one in theirs) else theirs
        elif name not in rule.initial:
            by = f", and protocol {protocol!r} does not deliver it" if protocol else ""
            raise UserError(
                f"rule {rule.name!r} reads the third factor {name}{by}; give it, parameters={{{name!r}: ...}} with a number or a Signal "
                f"(on the command line --set {name}=... or --signal {name}=FILE.csv), or run a protocol that delivers it."
            )
        for signal in _each(found.get(name)):
            if not have_same_dimensions(signal.unit, Quantity(1.0, dim=equation.dim)):
                raise UserError(
                    f"the signal of third factor {name} of rule {rule.name!r} has the unit {unit_text(signal.unit)}; it needs "
                    f"{unit_text(Quantity(1.0, dim=equation.dim))}."
                )
    return without(rule, set(found)), found, {name: si(rule.initial.get(name, 0.0)) for name in found}


def _each(signals: Signal | Sequence[Signal | None] | None) -> list[Signal]:
    return [one for one in (signals if isinstance(signals, list) else [signals]) if one is not None]


def last_change(rule: Rule, delivered: Sequence[Mapping[str, Signal]]) -> float:
    """Return when the last signal that a rule reads changes last, in seconds."""
    every = [one for name in factors(rule) for one in (rule.third_factors.get(name), *(given.get(name) for given in delivered)) if one]
    return max((float(one.times[-1]) for one in every), default=0.0)


def check(signals: Signals, dt: float, duration: float, described: Callable[[int], str]) -> None:
    """Refuse changes of a signal that lie off the grid or after the end, or are more than fit into memory."""
    if sum(one.times.size for each in signals.values() for one in _each(each)) > MOST_CHANGES:
        raise UserError(f"the signals of the third factors change more than {MOST_CHANGES} times; sample them more coarsely.")
    checked: dict[int, Signal] = {}
    for name, each in signals.items():
        for k, one in enumerate(each if isinstance(each, list) else [each]):
            if one is None or id(one) in checked:
                continue
            checked[id(one)] = one
            where = f" of {described(k)}" if isinstance(each, list) else ""
            off = np.abs(one.times / dt - np.rint(one.times / dt)) > trains.OFF_GRID + np.finfo(float).eps * one.times / dt
            if off.any():
                raise UserError(
                    f"the signal {name}{where} changes at {1e3 * one.times[np.argmax(off)]:.9g} ms, which lies off the grid of dt = "
                    f"{1e3 * dt:g} ms; {trains.holding(one.times, dt).replace('every spike', 'every change')}."
                )
            if one.times[-1] > duration - dt / 2:
                raise UserError(
                    f"the signal {name}{where} changes at {one.times[-1]:g} s, after the end at {duration:g} s; let it last longer "
                    "(duration_s)."
                )


def deliver(s: Session, plastic: Synapses, signals: Signals, before: Mapping[str, float], n: int, dt: float) -> tuple[list, dict]:
    """Return Brian2's objects that hold the signals and change them, and the holder of each name; the synapses read it under that name.

    A change at time t is there from the beginning of the step t on: before equations are integrated and spikes act.
    """
    objects, holders, room = [], {}, len(plastic)
    for name, each in signals.items():
        per_synapse = [each] if isinstance(each, Signal) else [each[k % len(each)] for k in range(n)]
        unit = _each(each)[0].unit
        holder = brian2.NeuronGroup(1 if isinstance(each, Signal) else room, f"held : {unit_text(unit)}", name=f"holder_of_{name}")
        s.input(f"third_factor.{name}", holder, "held", before[name])
        internals.add_link(plastic, name, holder, "held", "0" if isinstance(each, Signal) else "_postsynaptic_idx")
        given = [(k, one) for k, one in enumerate(per_synapse) if one is not None]
        where = np.concatenate([np.full(one.times.size, k) for k, one in given])
        times, values = (np.concatenate([getattr(one, part) for _, one in given]) for part in ("times", "values"))
        spare = (1 << (len(times) - 1).bit_length()) - len(times)  # rounded up, so that others use the same program
        source = spike_source(len(times) + spare, np.arange(len(times)), times, dt, f"changes_of_{name}")
        link = brian2.Synapses(
            source, holder, f"level : {unit_text(unit)}", on_pre="held_post = level", name=f"change_{name}", namespace=NAMESPACE
        )
        link.connect(i=np.arange(len(times) + spare), j=np.r_[where, np.zeros(spare, int)])
        s.input(f"signal.{name}", link, "level", np.r_[values, np.zeros(spare)])
        source.when, source.order, link.pre.when, link.pre.order = "start", -20, "start", -19
        objects += [holder, source, link]
        holders[name] = holder
    return objects, holders
