"""A question to the data that is checked: which rule, which parameters are free in which protocol, what was observed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.starts import variables
from brian2chip.errors import UserError
from brian2chip.inference.observation import Observation, observation
from brian2chip.inference.prior import Prior, check_place, prior_of, split
from brian2chip.protocols.joint import WHOSE, joint
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.prepare import checked_changes, conditions_of, grid_dt, prepared, resolve_protocol, resolve_rule
from brian2chip.protocols.replicas import draws
from brian2chip.protocols.run import checked_run


@dataclass(frozen=True)
class Problem:
    """What a posterior is of.

    Attributes
    ----------
    protocol : Protocol
        Of all conditions.
    rule : Rule
    prior : Prior
    held : mapping of str to float
        SI values that hold for one protocol, ``{"A2_plus[wang_2005]": 0.005}``.
    observation : Observation
    of : tuple of str
        The protocol of each condition.
    options, settings : mapping
        As :func:`~brian2chip.protocols.prepare.prepared` takes them.
    """

    protocol: Protocol
    rule: Rule
    prior: Prior
    held: Mapping[str, float]
    observation: Observation
    of: tuple[str, ...]
    options: Mapping[str, Any]
    settings: Mapping[str, Any]

    def sets(self, values: np.ndarray) -> ParameterSets:
        """Return SI values [sets, free parameters] as parameter sets of all conditions.

        What is said of one protocol goes before what is said of all, and that before the rule's own value.
        """
        parts = [split(name) for name in (*self.prior.names, *self.held)]
        columns = np.concatenate([values, np.tile(list(self.held.values()), (len(values), 1))], axis=1)
        found: dict[str, np.ndarray] = {}
        for parameter in dict.fromkeys(parameter for parameter, _ in parts):
            every = next((columns[:, k] for k, part in enumerate(parts) if part == (parameter, None)), None)
            own = {protocol: columns[:, k] for k, (name, protocol) in enumerate(parts) if name == parameter and protocol is not None}
            every = np.full(len(values), si(self.rule.parameters[parameter])) if every is None else every
            found[parameter] = np.stack([own.get(name, every) for name in self.of], axis=1) if own else every[:, None]
        return ParameterSets(self.rule, found, len(values))

    @contextmanager
    def ready(self, n: int, total: int | None = None) -> Iterator[Callable[[np.ndarray], np.ndarray]]:
        """Yield the changes at the data points, [sets, points], as a function of SI values [sets, free parameters], of ``n`` at once.

        Where they are a part of more, ``total`` says of how many, so that the device is chosen as for all of them.
        """
        settings = {**self.settings, "progress": None, "info": {}}
        with prepared(self.rule, self.protocol, self.options, settings, runs=-(-(total or n) // n), sets=n) as network:
            yield lambda values: network.changes(self.sets(values))[:, self.observation.index]


def problem(
    protocols: Protocol | str | Sequence[Protocol | str],
    rule: Rule | str,
    prior: Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None,
    sigma: float | None,
    device: str,
    seed: int,
    dt: Any,
    options: Mapping[str, Any],
) -> Problem:
    """Return the problem after checking all that can be known to be wrong before anything runs.

    Raises
    ------
    UserError
        For what :func:`~brian2chip.inference.prior.prior_of` and :func:`~brian2chip.inference.observation.observation` refuse, values that
        are both free and held, and rules that draw random numbers, whose changes their parameters do not determine.
    """
    each = [resolve_protocol(one) for one in (protocols if isinstance(protocols, list | tuple) else [protocols])]
    if not each:
        raise UserError("there is no protocol to take data from; name at least one.")
    if len(each) > 1 and options:
        raise UserError(f"option {next(iter(options))} was given with several protocols, which take none; take one of them alone.")
    names = [one.name for one in each]
    protocol = each[0] if len(each) == 1 else joint(each)
    rule, changes = resolve_rule(rule), checked_changes(parameters)
    rule = rule.with_parameters(**{name: value for name, value in changes.items() if split(name)[1] is None})
    if draws(rule):
        raise UserError(
            f"rule {rule.name!r} draws random numbers, so that its parameters do not determine a change; a posterior needs that."
        )
    made = prior_of(rule, prior, names)
    if both := [name for name in changes if name in made.names]:
        raise UserError(f"{both[0]} has a prior and was given a value too; give it one of them.")
    held = {name: _held(rule, name, value, names) for name, value in changes.items() if split(name)[1] is not None}
    driven, seed, chosen = checked_run(protocol, rule, device, seed, options, dt)
    if device == "genn":
        raise UserError("parameter sets do not run together on genn, which takes them as constants; choose another device.")
    if int(chosen.get("replicas", 1)) > 1:
        raise UserError(
            f"protocol {protocol.name!r} measures means over replicas, whose own errors are not those of the data; give replicas=1."
        )
    conditions = conditions_of(protocol, chosen)
    of = tuple(conditions[WHOSE]) if len(each) > 1 else (protocol.name,) * len(conditions)
    settings = {"device": device, "seed": seed, "dt": grid_dt(rule, protocol, dt)}
    return Problem(protocol, driven, made, held, observation(protocol, conditions, sigma), of, chosen, settings)


def _held(rule: Rule, name: str, value: Any, protocols: Sequence[str]) -> float:
    """Return the value that one protocol has, in SI."""
    parameter, protocol = split(name)
    if parameter in variables(rule.model):
        raise UserError(f"{name} is where a variable starts, which is the same in all protocols; give {parameter} one value.")
    check_place(rule, parameter, protocol, protocols)
    return si(rule.with_parameters(**{parameter: value}).parameters[parameter])
