"""What a presynaptic spike does to the neuron, among the pathways of a rule."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import dedent

from brian2chip.core.short_term import PATHWAY, changed_before, reads_release
from brian2chip.errors import UserError

#: The pathway of transmission, where it is not a line of the only one.
TRANSMIT = "Transmit"


def with_transmission(pre: Mapping[str, str], transmit: str) -> dict[str, str]:
    """Return presynaptic pathways and what a spike does to the neuron, before weights change and after ``release`` is set.

    Parameters
    ----------
    pre : mapping of str to str
        Code by pathway; pathways run in the order of their names.
    transmit : str

    Raises
    ------
    UserError
        When a spike would act after the weight has changed.
    """
    if set(pre) <= {"pre"}:
        own = dedent(pre.get("pre", ""))
        if not reads_release(transmit):
            return {"pre": f"{transmit}\n{own}"}
        if late := changed_before(own, transmit):
            raise UserError(
                f"transmit={transmit!r} would read {late[0]} after the rule has changed it; "
                "give the rule alone with short_term=, or transmit= to with_short_term."
            )
        return {"pre": f"{own}\n{transmit}"}
    if early := sorted(name for name in pre if name <= TRANSMIT and name != PATHWAY):
        raise UserError(
            f"pathway {early[0]!r} would run before {TRANSMIT!r}, so spikes would act after the weight has changed; "
            "pathways run in the order of their names: rename it, lower case will do."
        )
    return {**pre, TRANSMIT: transmit}
