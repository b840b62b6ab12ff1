"""What information the update of a rule needs: which neuron variables, which memory of past spikes, which signals from outside."""

from __future__ import annotations

import re
from collections.abc import Iterable

from brian2 import Equations

from brian2chip.analysis.dataflow import NEITHER, Flow, behind, efficacy, neuron_variable
from brian2chip.analysis.statements import Statement, assignments, is_alias, names, substituted
from brian2chip.core.brian2_internals import DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION, str_to_sympy, sympy_to_str
from brian2chip.core.model import Model


def learned(flow: Flow) -> tuple[str, ...]:
    """Return what the rule's own code changes: the efficacy or, where that is changed from outside, all that the synapse keeps for it."""
    written = {s.target for s in flow.statements}
    return tuple(n for n in efficacy(flow) if n in written) or tuple(n for n in flow.stored if n in written)


def update(flow: Flow) -> list[Statement]:
    """Return the statements that the change of the efficacy depends on, directly or through other variables."""
    wanted, found = set(learned(flow)), []
    while True:
        more = [s for s in flow.statements if s.target in wanted and s not in found]
        if not more:
            return found
        found += more
        wanted |= {name for s in more for name in s.reads}


def neuron_reads(statements: Iterable[Statement], flow: Flow) -> dict[str, set[str]]:
    """Return ``{"pre": variables, "post": variables}`` of the two neurons that statements read."""
    found: dict[str, set[str]] = {"pre": set(), "post": set()}
    for name in {n for s in statements for n in s.reads if ":" not in n and n not in flow.stored}:
        variable = neuron_variable(name, flow)
        if variable and _is_neuron(name, flow):
            found[variable[0]].add(variable[1])
    return found


def _is_neuron(name: str, flow: Flow) -> bool:
    from_model = flow.post is not None and name in Equations(flow.post.equations).names
    return from_model or (name.endswith(("_pre", "_post")) and name not in ("N_pre", "N_post"))


def time_marks(flow: Flow) -> set[str]:
    """Return the variables that only hold the time of the last event so that a drift can be made up for, and remember nothing else.

    Such a variable is only ever set to ``t``, is set at every kind of event at which it is read, and what reads it changes nothing
    when no time has passed.
    """
    marks = set()
    for name in flow.stored:
        writes = [s for s in flow.statements if s.target == name]
        readers = [s for s in flow.statements if ":" not in s.target and s.target != name and name in behind(s.reads, flow)]
        if writes and all(s.operation == "=" and s.expression == "t" for s in writes):
            if all(s.where in {w.where for w in writes} and _idle(s, name, flow) for s in readers):
                marks.add(name)
    return marks


def _idle(statement: Statement, mark: str, flow: Flow) -> bool:
    """Return whether a statement leaves its target as it is when the mark holds the present time."""
    expression = statement.expression
    local = {s.target.split(":")[1]: s.expression for s in flow.statements if ":" in s.target and s.where == statement.where}
    local |= {e.varname: e.expr.code for e in flow.equations.values() if is_alias(e)}
    for _ in local:  # one may be computed from another
        for name, value in local.items():
            expression = re.sub(rf"\b{name}\b", f"({value})", expression)
    result = str_to_sympy(re.sub(rf"\b{mark}\b", "t", expression))
    if getattr(result.func, "__name__", "") == "clip":
        result = result.args[0]
    unchanged = {"=": statement.target, "+=": "0", "-=": "0", "*=": "1"}.get(statement.operation)
    return sympy_to_str(result) == unchanged


def traces(flow: Flow, levels: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the stored variables that remember past spikes for the update."""
    needed = update(flow)
    written = {s.target for s in needed}
    read = {n for s in needed for n in s.reads}
    own = set(efficacy(flow)) | time_marks(flow)
    return tuple(
        n
        for n, e in flow.stored.items()
        if n in written and n in read and n not in own and e.type != SUBEXPRESSION and levels[n] != NEITHER
    )


def third_factors(flow: Flow, levels: dict[str, frozenset[str]]) -> tuple[str, ...]:
    """Return the signals from outside that the update reads, as the rule names them."""
    needed = update(flow)
    written = {s.target for s in flow.statements if s.operation != "d/dt"}
    found = {n for s in needed for n in s.reads if callable(flow.rule.parameters.get(n)) or n in flow.rule.third_factors}
    unset = {n for s in needed for n in s.reads if n in flow.stored} - written - set(efficacy(flow)) - set(flow.rule.parameters)
    found |= {n for n in unset if {"shared", "linked"} & set(flow.stored[n].flags) and "constant" not in flow.stored[n].flags}
    for name in unset:
        # A variable that decays, but that neither a spike nor a neuron drives, must be driven from outside, if not by what is found.
        undriven = flow.stored[name].type == DIFFERENTIAL_EQUATION and levels[name] == NEITHER
        if undriven and not found & {n for s in flow.statements if s.target == name for n in s.reads}:
            found.add(name)
    if flow.post:
        for side, variables in neuron_reads(needed, flow).items():
            found |= {f"{name}_{side}" for name in _beyond_spiking(flow.post, variables)[1]}
    return tuple(sorted(found))


def neuron_memory(flow: Flow) -> tuple[str, ...]:
    """Return the variables of the neuron model that the update reads and no spike depends on."""
    if not flow.post:
        return ()
    reads = neuron_reads(update(flow), flow)
    return tuple(sorted(_beyond_spiking(flow.post, reads["pre"] | reads["post"])[0]))


def _beyond_spiking(model: Model, variables: Iterable[str]) -> tuple[set[str], set[str]]:
    """Return (state, signals): what the variables need and no spike depends on, kept by the neuron or set from outside it."""
    equations = Equations(model.equations)
    sources: dict[str, set[str]] = {e.varname: substituted(names(e.expr.code), equations) for e in equations.values() if e.expr is not None}
    for code in (model.reset, *(code for code, _ in model.regular)):
        for target, _, expression in assignments(code):
            sources[target] = sources.get(target, set()) | names(expression)

    def closure(start: Iterable[str]) -> set[str]:
        found, open_names = set(), set(start)
        while open_names:
            name = open_names.pop()
            found.add(name)
            open_names |= sources.get(name, set()) - found
        return found

    refractory = names(model.refractory) if isinstance(model.refractory, str) else set()
    extra = closure(set(variables) & set(equations.names)) - closure(names(model.threshold) | refractory)
    extra = {n for n in extra if n in equations and not is_alias(equations[n])}  # held over a step is stored
    outside = {n for n in extra if equations[n].type == PARAMETER and n not in sources}
    signals = {n for n in outside if "constant" not in equations[n].flags}
    return extra - outside, signals
