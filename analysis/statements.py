"""The statements of a rule: what its equations and its code at spikes assign, and what each assignment reads."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from brian2 import DEFAULT_FUNCTIONS, Equations

from brian2chip.core.brian2_internals import DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION, SingleEquation
from brian2chip.core.equations import assignments
from brian2chip.core.model import Model
from brian2chip.core.rule import Rule

#: Read in place of a random function: every synapse draws its own number.
RANDOM = "a random number"


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


def names(expression: str) -> set[str]:
    """Return the variables, units and constants of an expression; random functions appear as ``RANDOM``, other functions do not."""
    tree = ast.parse(expression.strip(), mode="eval")
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    found = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - called
    found |= {name for name in called if name not in DEFAULT_FUNCTIONS}
    drawn = any(not DEFAULT_FUNCTIONS[name].stateless for name in called & DEFAULT_FUNCTIONS.keys())
    noise = {name for name in found if name == "xi" or name.startswith("xi_")}
    return (found - noise) | ({RANDOM} if drawn or noise else set())


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


def statements(rule: Rule, equations: Equations, post: Model | None) -> tuple[Statement, ...]:
    """Return all statements of a rule; ``post`` is the neuron whose variables it may name without a suffix."""
    found = _equation_statements(equations)
    for block, where, code in _blocks(rule):
        found += _code_statements(equations, post, block, where, code)
    return tuple(found)


def _blocks(rule: Rule):
    for path in rule.pathways:
        yield f"on_{path.name}", path.side, path.code
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
