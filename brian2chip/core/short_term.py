"""Short-term plasticity before a rule: the presynaptic spike releases a part of the weight, and the rule learns the weight."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from textwrap import dedent
from typing import Any

from brian2chip.core import registry
from brian2chip.core.equations import equations
from brian2chip.errors import UserError

#: The variable of the synapse that holds what a spike releases, and the pathway that sets it. Pathways run in the order of their names.
RELEASE, PATHWAY = "release", "Release"


def with_short_term(rule: Any, short_term: Any, transmit: str = "") -> Any:
    """Return a rule whose synapses have short-term plasticity too.

    At a presynaptic spike the short-term dynamics act first and set ``release``, then what the spike does to the neuron (``transmit``,
    such as ``"v_post += w*release"``), then the rule, which learns ``w`` as it would alone.

    Parameters
    ----------
    rule : Rule
    short_term : Rule or str
        The dynamics, e.g. ``"tsodyks_markram:facilitating"``: a rule that postsynaptic spikes do not touch, with a variable ``release``.
    transmit : str
        What a presynaptic spike does to the neuron.

    Returns
    -------
    Rule
        With the parameters and starts of both.

    Raises
    ------
    UserError
        For a rule that is no short-term dynamics, one name that both use, and a ``transmit`` that does not read ``release``.
    """
    other = registry.get("rule", short_term) if isinstance(short_term, str) else short_term
    if not isinstance(other, type(rule)) or RELEASE not in equations(other.model) or any(p.side == "post" for p in other.pathways):
        raise UserError(
            f"short_term was given as {getattr(other, 'name', other)!r}; give a rule that only presynaptic spikes drive and that has a "
            f"variable {RELEASE!r}, such as tsodyks_markram or tsodyks_markram:facilitating."
        )
    names = [set(equations(one.model)) | set(one.parameters) for one in (rule, other)]
    if both := sorted(names[0] & names[1]):
        raise UserError(
            f"{' and '.join(both)} {'is a name' if len(both) == 1 else 'are names'} of {rule.name!r} and of {other.name!r} too; "
            "rename in one of them."
        )
    if transmit and not reads_release(transmit):
        raise UserError(f"transmit={transmit!r} does not read {RELEASE}, so spikes would have no short-term plasticity; multiply by it.")
    if any(path.delay is not None for path in other.pathways):
        raise UserError(f"{other.name!r} has a delay, and what is released has that of {rule.name!r}; leave it out.")
    release = "\n".join(dedent(code).strip("\n") for code in (*(path.code for path in other.pathways), transmit))
    if isinstance(rule.on_pre, Mapping):
        if early := sorted(name for name in rule.on_pre if name <= PATHWAY):
            raise UserError(
                f"pathway {early[0]!r} of {rule.name!r} would run before {PATHWAY!r}, which sets what is transmitted; "
                "pathways run in the order of their names: rename it, lower case will do."
            )
        on_pre = {PATHWAY: release, **rule.on_pre}
    else:
        on_pre = release + "\n" + dedent(rule.on_pre)
    return replace(
        rule,
        name=f"{rule.name}+{other.name}",
        source=f"{rule.source}; {other.source}",
        model=dedent(rule.model) + "\n" + dedent(other.model),
        on_pre=on_pre,
        parameters={**rule.parameters, **other.parameters},
        bounds={**rule.bounds, **other.bounds},
        initial={**rule.initial, **other.initial},
        devices=tuple(name for name in rule.devices if name in other.devices),
        presets={},
        tissue="",
    )


def reads_release(code: str) -> bool:
    """Return whether code reads what a spike releases."""
    return RELEASE in _words(code)


def changed_before(code: str, transmit: str) -> list[str]:
    """Return the variables but ``release`` that ``transmit`` reads and that code changes, when it runs before."""
    changed = re.findall(r"([A-Za-z_]\w*)\s*[-+*/]?=(?!=)", re.sub("#.*", "", code))
    return sorted(set(changed) & _words(transmit) - {RELEASE})


def _words(code: str) -> set[str]:
    """Return the names in code."""
    return set(re.findall(r"[A-Za-z_]\w*", re.sub("#.*", "", code)))
