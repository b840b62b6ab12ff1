"""The pathways of a rule: code at the spikes of one side, each with its own delay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

import numpy as np

from brian2chip.core.starts import check_delay
from brian2chip.errors import UserError, unknown


@dataclass(frozen=True)
class Pathway:
    """Code that runs at the spikes of one side, some time after them.

    Attributes
    ----------
    name : str
        Brian2's name of it; those of one side run in the order of their names.
    side : str
        "pre" or "post".
    code : str
    delay : Quantity or None
    """

    name: str
    side: str
    code: str
    delay: Any = None

    @property
    def delay_s(self) -> float:
        """Return the delay in seconds."""
        return 0.0 if self.delay is None else float(np.asarray(self.delay))


def joined(code: Any) -> Any:
    """Return pathways without delays of their own as the one code that does the same; anything but text is left to be refused."""
    parts = [code[name] for name in sorted(code)] if isinstance(code, Mapping) and all(isinstance(n, str) for n in code) else code
    return "\n".join(map(dedent, parts)) if isinstance(parts, list | tuple) and all(isinstance(part, str) for part in parts) else code


def pathways(rule: Any) -> tuple[Pathway, ...]:
    """Return the pathways of a rule in the order in which they run at equal times."""
    given = rule.delay if isinstance(rule.delay, Mapping) else {"pre": rule.delay}
    delays = {name: rule.parameters[delay] if isinstance(delay, str) else delay for name, delay in given.items()}
    found = []
    for side, code in (("pre", rule.on_pre), ("post", rule.on_post)):
        named = code if isinstance(code, Mapping) else {side: code}
        found += [Pathway(name, side, named[name], delays.get(name)) for name in sorted(named) if (named[name] or "").strip()]
    return tuple(found)


def built_with(rule: Any) -> frozenset[str]:
    """Return the parameters that a network is built with, and that are the same for all its synapses: periods of code, and delays."""
    delays = rule.delay.values() if isinstance(rule.delay, Mapping) else [rule.delay]
    return frozenset(period for _, period in rule.regular) | {delay for delay in delays if isinstance(delay, str)}


def check_delays(rule: Any) -> None:
    """Check the delays of a rule.

    Raises
    ------
    UserError
        For anything but times that are not negative, and for a delay of no pathway.
    """
    owner = f"rule {rule.name!r}"
    if not isinstance(rule.delay, Mapping):
        return check_delay(owner, _delay(rule, rule.delay))
    named = [
        name for side, code in (("pre", rule.on_pre), ("post", rule.on_post)) for name in (code if isinstance(code, Mapping) else [side])
    ]
    double = next((name for name in named if named.count(name) > 1), None)
    if double is not None:
        raise UserError(f"{owner} has two pathways called {double!r}, one on each side; give each a name of its own.")
    for name, delay in rule.delay.items():
        if name not in named:
            raise unknown(f"pathway of {owner}, for a delay, called", name, named)
        check_delay(f"pathway {name!r} of {owner}", _delay(rule, delay))


def _delay(rule: Any, given: Any) -> Any:
    """Return a delay, or the value of the parameter that it names."""
    if isinstance(given, str) and given not in rule.parameters:
        raise unknown(f"parameter of rule {rule.name!r}, for a delay, called", given, rule.parameters)
    return rule.parameters[given] if isinstance(given, str) else given
