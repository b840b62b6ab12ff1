"""What the equations of a rule read and write, and which side of the synapse each of its values depends on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from brian2 import DEFAULT_CONSTANTS, DEFAULT_UNITS, Equations

from brian2chip.analysis.statements import RANDOM, Statement, is_alias, names, statements, substituted
from brian2chip.core.brian2_internals import PARAMETER, EquationError, SingleEquation
from brian2chip.core.model import Model
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError

PRE, POST = frozenset({"pre"}), frozenset({"post"})
BOTH, NEITHER = PRE | POST, frozenset()
#: Names that Brian2 gives to every synapse.
BUILT_IN = {
    **dict.fromkeys(("t", "dt", "t_in_timesteps", "N", "N_pre", "N_post"), NEITHER),
    **dict.fromkeys(("i", "N_outgoing", "N_outgoing_pre"), PRE),
    **dict.fromkeys(("j", "N_incoming", "N_incoming_post"), POST),
    **dict.fromkeys(("lastupdate", "delay", RANDOM), BOTH),
}


@dataclass(frozen=True)
class Flow:
    """A rule taken apart.

    Attributes
    ----------
    rule : Rule
    post : Model or None
        The postsynaptic neuron that the rule reads.
    equations : Equations
    stored : mapping of str to SingleEquation
        What a synapse would hold as written: differential equations, parameters, subexpressions constant over a step.
    statements : tuple of Statement
    """

    rule: Rule
    post: Model | None
    equations: Equations
    stored: Mapping[str, SingleEquation]
    statements: tuple[Statement, ...]


def read(rule: Rule, neuron: Model | None = None) -> Flow:
    """Take a rule apart; ``neuron`` is the postsynaptic one, by default the model that ``rule.post`` names.

    Raises
    ------
    UserError
        For code that cannot be read, a name that is defined nowhere, or a ``weight`` without a variable of the model.
    """
    post = neuron or (None if rule.post is None else model(rule.post))
    try:
        equations = Equations(rule.model)
        found = statements(rule, equations, post)
    except (EquationError, SyntaxError, ValueError) as error:
        raise UserError(f"rule {rule.name!r} cannot be read: {' '.join(str(error).split())}") from error
    stored = {e.varname: e for e in equations.values() if not is_alias(e) and "summed" not in e.flags}
    flow = Flow(rule, post, equations, stored, found)
    for name in {n for s in found for n in s.reads} - {s.target for s in found}:
        fixed_side(name, flow)
    if not efficacy(flow):
        raise UserError(f"rule {rule.name!r} measures {rule.weight!r}, which holds no variable of its model; name one in weight.")
    return flow


def neuron_variable(name: str, flow: Flow) -> tuple[str, str] | None:
    """Return (side, variable) when a name means a variable of the pre- or postsynaptic neuron."""
    if name in flow.rule.parameters or (name in flow.stored):
        return None
    side, stem = ("pre", name[:-4]) if name.endswith("_pre") else ("post", name[:-5]) if name.endswith("_post") else ("post", name)
    if stem == name and not (flow.post and name in Equations(flow.post.equations).names):
        return None
    return side, stem


def fixed_side(name: str, flow: Flow) -> frozenset[str] | None:
    """Return the sides that a name stands for, None for a variable that the rule itself stores or a local one.

    Raises
    ------
    UserError
        For a name that is defined nowhere.
    """
    if name in flow.stored:
        return NEITHER if {"shared", "linked"} & set(flow.stored[name].flags) else None
    if ":" in name:
        return None
    if name in flow.rule.parameters or name in DEFAULT_CONSTANTS or name in DEFAULT_UNITS:
        return NEITHER
    if name in BUILT_IN:
        return BUILT_IN[name]
    found = neuron_variable(name, flow)
    if found is None:
        raise UserError(
            f"rule {flow.rule.name!r} uses {name!r}, which is neither in its model nor in its parameters nor a neuron's variable; "
            "define it, or end its name in _pre or _post."
        )
    return frozenset({found[0]})


def efficacy(flow: Flow) -> tuple[str, ...]:
    """Return the stored variables that hold the efficacy: those of ``rule.weight``, and what these are computed from anew."""
    found = [name for name in sorted(substituted(names(flow.rule.weight), flow.equations)) if name in flow.stored]
    for name in found:  # grows while it is walked
        writes = [s for s in flow.statements if s.target == name]
        if writes and all(s.operation == "=" and name not in behind(s.reads, flow) for s in writes):
            own = (n for s in writes for n in sorted(behind(s.reads, flow)) if n in flow.stored and n not in found)
            found += [n for n in dict.fromkeys(own) if any(n in behind(s.reads, flow) for s in flow.statements if s.target == n)]
    return tuple(found)


def behind(reads: Iterable[str], flow: Flow) -> set[str]:
    """Return the names with local variables replaced by what they were computed from."""
    result, open_names = set(), set(reads)
    while open_names:
        name = open_names.pop()
        if name not in result:
            result.add(name)
            open_names |= {n for s in flow.statements if ":" in name and s.target == name for n in s.reads}
    return {name for name in result if ":" not in name}


def levels(flow: Flow) -> dict[str, frozenset[str]]:
    """Return for every stored and local variable the sides that its value depends on.

    A value that depends on one side alone is the same at all synapses of that neuron (which have one delay and start equal), so it
    can be stored there. The result is the least solution of: a value depends on the side at whose spikes it changes, and on
    the sides of all that it is computed from.
    """
    result = {name: NEITHER for name in [*flow.stored, *(s.target for s in flow.statements if ":" in s.target)]}
    written = {s.target for s in flow.statements}
    for name, equation in flow.stored.items():
        if name not in written and equation.type == PARAMETER and fixed_side(name, flow) is None:
            result[name] = BOTH  # set from outside, synapse by synapse
    _propagate(flow, result)
    weight = efficacy(flow)
    if not any(result[name] == BOTH for name in weight):
        # Where the code alone would keep all synapses of a neuron equal, their starting efficacies do not.
        result.update((name, BOTH) for name in weight if fixed_side(name, flow) is None)
        _propagate(flow, result)
    return result


def _propagate(flow: Flow, result: dict[str, frozenset[str]]) -> None:
    changed = True
    while changed:
        changed = False
        for s in flow.statements:
            if s.target not in result or fixed_side(s.target, flow) is not None:
                continue
            sides = {"pre": PRE, "post": POST}.get(s.where, NEITHER)
            sides = sides.union(result[s.target], *(result[n] if fixed_side(n, flow) is None else fixed_side(n, flow) for n in s.reads))
            changed |= sides != result[s.target]
            result[s.target] = sides
