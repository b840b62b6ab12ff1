"""The prior: independent ranges of parameters, even or even in the logarithm, and the same as shares of the ranges from 0 to 1."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from brian2chip.core.pathways import built_with
from brian2chip.core.quantities import unit_name
from brian2chip.core.rule import Rule
from brian2chip.core.units import Quantity, have_same_dimensions
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.free_parameters import OF_PROTOCOL
from brian2chip.protocols.independence import takes_values_per_synapse
from brian2chip.sweeps.axis import Span, span


@dataclass(frozen=True)
class Prior:
    """Ranges of parameters.

    Attributes
    ----------
    names : tuple of str
        A parameter, or that of one protocol, ``A3_plus[wang_2005]``.
    spans : tuple of Span
        Their ranges in SI, in the same order.
    """

    names: tuple[str, ...]
    spans: tuple[Span, ...]

    def values(self, share: np.ndarray) -> np.ndarray:
        """Return SI values [sets, parameters] at shares from 0 to 1 of the ranges."""
        return np.stack([one.values(share[:, k]) for k, one in enumerate(self.spans)], axis=1)

    def shares(self, values: np.ndarray) -> np.ndarray:
        """Return where SI values [sets, parameters] lie in the ranges, from 0 to 1; of a draw of the prior every share is as likely."""
        return np.stack([_share(one, values[:, k]) for k, one in enumerate(self.spans)], axis=1)

    def ranges(self) -> dict[str, Any]:
        """Return the ranges as :func:`brian2chip.sweep` draws from them, with units."""
        return {name: _ends(one) for name, one in zip(self.names, self.spans)}

    def described(self) -> list[dict[str, Any]]:
        """Return the ranges for a reader: name, ends in SI, unit, and whether the logarithm is even."""
        ends = zip(self.names, self.spans)
        return [
            {"parameter": name, "low": one.low, "high": one.high, "log": one.log, "unit": unit_name(_ends(one)[0])} for name, one in ends
        ]


def _share(one: Span, values: np.ndarray) -> np.ndarray:
    if one.log:
        return np.log(values / one.low) / np.log(one.high / one.low)
    return (values - one.low) / (one.high - one.low)


def _ends(one: Span) -> tuple:
    ends = (one.low, one.high) if one.dimensions is None else tuple(Quantity(end, dim=one.dimensions) for end in (one.low, one.high))
    return (*ends, "log") if one.log else ends


def split(name: str) -> tuple[str, str | None]:
    """Return parameter and protocol of ``A3_plus[wang_2005]``, None for all protocols."""
    found = OF_PROTOCOL.fullmatch(name)
    return (name, None) if found is None else (found[1], found[2])


def prior_of(rule: Rule, given: Mapping[str, Any], protocols: Sequence[str]) -> Prior:
    """Return the prior from ``{"A3_plus": (0, 0.02), "tau_y": (10*ms, 1*second, "log")}``.

    Raises
    ------
    UserError
        For no range at all, what is no range, names that the rule or the protocols lack, wrong units, ends out of the rule's bounds, and
        parameters that synapses of one network cannot have each for itself.
    """
    if not isinstance(given, Mapping) or not given or not all(isinstance(name, str) for name in given):
        raise UserError(f"the prior was given as {given!r:.80}; give a mapping of names to ranges, such as {{'A3_plus': (0, 0.02)}}.")
    spans = []
    for name, ends in given.items():
        parameter, protocol = split(name)
        check_place(rule, parameter, protocol, protocols)
        if not isinstance(ends, tuple | list) or not 2 <= len(ends) <= 3:
            raise UserError(f"the prior of {name} was given as {ends!r:.80}; give a range, (low, high) or (low, high, 'log').")
        one = span(name, tuple(ends))
        for end in ends[:2]:
            if not have_same_dimensions(end, rule.parameters[parameter]):
                needed = unit_name(rule.parameters[parameter])
                raise UserError(f"the prior of {name} was given in the unit {unit_name(end)}; it needs the unit {needed}.")
            rule.with_parameters(**{parameter: end})
        spans.append(one)
    return Prior(tuple(given), tuple(spans))


def check_place(rule: Rule, parameter: str, protocol: str | None, protocols: Sequence[str]) -> None:
    """Refuse a parameter that the rule lacks or cannot give each synapse, and a protocol that is not there.

    Raises
    ------
    UserError
        With the nearest names.
    """
    if parameter not in rule.parameters:
        raise unknown(f"parameter of {rule.name!r} called", parameter, rule.parameters)
    if protocol is not None and protocol not in protocols:
        raise unknown("protocol of this posterior called", protocol, protocols)
    if parameter in built_with(rule):
        raise UserError(f"{parameter} of {rule.name!r} is a delay or a period and the same for all synapses; leave it as it is.")
    if protocol is not None and not takes_values_per_synapse(rule):
        raise UserError(f"rule {rule.name!r} has variables that its synapses share, which no value for each protocol can go into.")
