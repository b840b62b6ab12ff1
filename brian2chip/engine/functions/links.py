"""Let a Brian2 group use a variable of another group at an index of its own, which may change from step to step."""

from __future__ import annotations

from brian2chip.core.later import internals


def refer(group, source, variable: str, index: str, name: str | None = None) -> None:
    """Make a variable of ``source`` one of ``group``, found at the group's own integer variable ``index``.

    ``linked_var`` does this for neurons from Brian2 2.6 on; this also serves synapses and older versions.

    Parameters
    ----------
    group, source : NeuronGroup or Synapses
    variable : str
        Of the source.
    index : str
        Integer variable of the group.
    name : str, optional
        What the group calls it; the same name by default.
    """
    internals.add_link(group, name or variable, source, variable, index)


def refer_all(group, source, variables) -> None:
    """Make variables of the first element of ``source`` ones of every element of ``group``, under the same names."""
    for variable in variables:
        refer(group, source, variable, "0")
