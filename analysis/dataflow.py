"""What the equations of a rule read and write, and which side of the synapse each of its values depends on."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS, DEFAULT_UNITS
from brian2.equations.equations import DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION, EquationError, Equations, SingleEquation
from brian2.parsing.statements import parse_statement

from brian2chip import registry
from brian2chip.errors import UserError
from brian2chip.things import Model, Rule

PRE, POST = frozenset({"pre"}), frozenset({"post"})
BOTH, NEITHER = PRE | POST, frozenset()
#: Read in place of a random function: every synapse draws its own number.
RANDOM = "a random number"
#: Names that Brian2 gives to every synapse.
BUILT_IN = {
    **dict.fromkeys(("t", "dt", "t_in_timesteps", "N", "N_pre", "N_post"), NEITHER),
    **dict.fromkeys(("i", "N_outgoing", "N_outgoing_pre"), PRE),
    **dict.fromkeys(("j", "N_incoming", "N_incoming_post"), POST),
    **dict.fromkeys(("lastupdate", "delay", RANDOM), BOTH),
}


@dataclass(frozen=True)
class Statement:
    """One assignment, or one differential equation (operation ``"d/dt"``).

    ``where`` is "pre", "post" (at spikes), "drift" (event-driven: made up for at the next event), "clock" (every time step) or
    "regular" (at a period). ``reads`` names every variable that the new value depends on, the own old value included, with
    subexpressions replaced by what they read; local variables are written ``block:name``.
    """

    where: str
    target: str
    operation: str
    expression: str
    reads: frozenset[str]


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


def names(expression: str) -> set[str]:
    """Return the variables, units and constants of an expression; random functions appear as ``RANDOM``, other functions do not."""
    tree = ast.parse(expression.strip(), mode="eval")
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called
    found |= {name for name in called if name not in DEFAULT_FUNCTIONS}
    drawn = any(not DEFAULT_FUNCTIONS[name].stateless for name in called & DEFAULT_FUNCTIONS.keys())
    noise = {name for name in found if name == "xi" or name.startswith("xi_")}
    return (found - noise) | ({RANDOM} if drawn or noise else set())


def assignments(code: str) -> list[tuple[str, str, str]]:
    """Return (target, operation, expression) of each statement of Brian2 code."""
    lines = (line.split("#")[0].strip() for line in re.split(r"[;\n]", code))
    return [parse_statement(line)[:3] for line in lines if line]


def substituted(found: Iterable[str], equations: Equations) -> set[str]:
    """Return the names with subexpressions replaced, again and again, by the names that they read."""
    result, open_names = set(), set(found)
    while open_names:
        name = open_names.pop()
        if name in equations and is_alias(equations[name]):
            open_names |= names(equations[name].expr.code) - result
        else:
            result.add(name)
    return result


def is_alias(equation: SingleEquation) -> bool:
    """Return whether an equation is a name for an expression, neither stored nor summed."""
    return equation.type == SUBEXPRESSION and not {"summed", "constant over dt"} & set(equation.flags)


def read(rule: Rule) -> Flow:
    """Take a rule apart.

    Raises
    ------
    UserError
        For code that cannot be read, a name that is defined nowhere, or a ``weight`` without a variable of the model.
    """
    post = registry.get("model", rule.post) if rule.post else None
    try:
        equations = Equations(rule.model)
        statements = _equation_statements(equations)
        for block, where, code in _blocks(rule):
            statements += _code_statements(equations, post, block, where, code)
    except (EquationError, SyntaxError, ValueError) as error:
        raise UserError(f"rule {rule.name!r} cannot be read: {' '.join(str(error).split())}") from error
    stored = {e.varname: e for e in equations.values() if not is_alias(e) and "summed" not in e.flags}
    flow = Flow(rule, post, equations, stored, tuple(statements))
    for name in {n for s in statements for n in s.reads} - {s.target for s in statements}:
        fixed_side(name, flow)
    if not efficacy(flow):
        raise UserError(f"rule {rule.name!r} measures {rule.weight!r}, which holds no variable of its model; name one in weight.")
    return flow


def _blocks(rule: Rule):
    yield "on_pre", "pre", rule.on_pre
    yield "on_post", "post", rule.on_post or ""
    for k, (code, _) in enumerate(rule.regular):
        yield f"regular {k}", "regular", code


def _equation_statements(equations: Equations) -> list[Statement]:
    found = []
    for e in equations.values():
        if e.type == PARAMETER or is_alias(e):
            continue
        reads = substituted(names(e.expr.code), equations)
        if e.type == DIFFERENTIAL_EQUATION:
            where = "drift" if "event-driven" in e.flags else "clock"
            found.append(Statement(where, e.varname, "d/dt", e.expr.code, frozenset(reads | {e.varname})))
        else:
            found.append(Statement("clock", e.varname, "=", e.expr.code, frozenset(reads)))
    return found


def _code_statements(equations: Equations, post: Model | None, block: str, where: str, code: str) -> list[Statement]:
    neuron = set(Equations(post.equations).names) if post else set()
    lines = assignments(code)
    outside = lambda name: name in equations or name in neuron or name.endswith(("_pre", "_post"))  # noqa: E731
    local = {target: f"{block}:{target}" for target, _, _ in lines if not outside(target)}
    found = []
    for target, operation, expression in lines:
        reads = substituted(names(expression), equations) | ({target} if operation != "=" else set())
        reads = frozenset(local.get(name, name) for name in reads)
        found.append(Statement(where, local.get(target, target), operation, expression, reads))
    return found


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
