"""From what is named to the study: protocols are run or fitted, tasks trained, chips translated onto, substrates drawn."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from brian2chip.chips.chip import Chip
from brian2chip.core import registry
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import definitions, is_file, resolve
from brian2chip.core.substrate import Substrate
from brian2chip.core.task import Task
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.prepare import resolve_protocol, resolve_rule
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.study import Study

#: What can be swept, in the order in which a name is looked for.
KINDS = {"protocol": Protocol, "task": Task, "layered_task": LayeredTask, "chip": Chip, "substrate": Substrate}


def study_of(what: Any, second: Any, points: Points, fit: bool, how: Mapping[str, Any], device: str | None, dt: Any) -> Study:
    """Return what a sweep does at its points.

    Parameters
    ----------
    what : Protocol, Task, LayeredTask, Chip, Substrate or str
    second : object, str or None
        What goes with it: a rule, a learning rule, a network.
    points : Points
    fit : bool
        Fit a protocol instead of running it.
    how : mapping
        Settings that are the same at all points.
    device : str or None
    dt : Quantity, float or None

    Raises
    ------
    UserError
        For unknown names, and options of another kind of sweep.
    """
    thing = _thing(what)
    if device is not None and device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if not isinstance(thing, Protocol) and (fit or dt is not None):
        raise UserError(f"{'fit' if fit else 'dt'} is for protocols, and {_name(thing)!r} is none; leave it out.")
    # Each kind loads what it needs: a chip has no business with the training of networks, nor that with the chips.
    match thing:
        case Protocol():
            return _of_protocol(thing, second, points, fit, how, device or "auto", dt)
        case Task() | LayeredTask():
            from brian2chip.sweeps.trainings import trainings

            return trainings(thing, second, points, how, device or "cpp_standalone")
        case Chip():
            from brian2chip.sweeps.translations import translations

            return translations(thing, second, points, how, device or "auto")
        case _:
            from brian2chip.sweeps.robustness_studies import robustness_studies

            return robustness_studies(thing, second, points, how, device or "auto")


def _of_protocol(protocol: Protocol, rule: Any, points: Points, fit: bool, how: Mapping[str, Any], device: str, dt: Any) -> Study:
    from brian2chip.sweeps.protocol_fits import protocol_fits
    from brian2chip.sweeps.protocol_runs import protocol_runs

    rule = resolve_rule("stdp" if rule is None else rule)
    if fit:
        return protocol_fits(protocol, rule, points, how, device, dt)
    if how:
        raise UserError(f"{next(iter(how))} is for fits, and {protocol.name!r} is run; leave it out, or fit (fit=True, --fit).")
    return protocol_runs(protocol, rule, points, device, dt)


def _thing(what: Any) -> Any:
    """Return the definition that was named.

    Raises
    ------
    UserError
        For what is none of those that can be swept.
    """
    if isinstance(what, tuple(KINDS.values())):
        return what
    if isinstance(what, str | Path) and str(what).lower().endswith(".csv"):
        return resolve_protocol(what)
    if isinstance(what, str | Path) and is_file(what):
        return next((thing for kind, thing in definitions(what, "Protocol or Task") if kind in KINDS), None) or resolve(Protocol, what)
    known = {name: kind for kind in KINDS for name in registry.catalogue(kind)}
    if str(what) not in known:
        raise unknown("protocol, task, chip or substrate", str(what), known)
    return registry.get(known[str(what)], str(what))


def _name(thing: Any) -> str:
    return thing.name
