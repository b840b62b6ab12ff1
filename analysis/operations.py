"""How many arithmetic operations a rule makes at a spike and at a time step, counted in the code that Brian2 executes."""

from __future__ import annotations

import ast
import re
from collections import Counter

from brian2 import Equations

from brian2chip.analysis.dataflow import Flow
from brian2chip.analysis.statements import assignments, is_alias, names
from brian2chip.core.brian2_internals import DIFFERENTIAL_EQUATION, UnsupportedEquationsException, state_update
from brian2chip.errors import UserError

KINDS = ("additions", "multiplications", "divisions", "comparisons", "exponentials", "random_numbers")
OPERATORS = {ast.Add: "additions", ast.Sub: "additions", ast.Mult: "multiplications"}
OPERATORS |= dict.fromkeys((ast.Div, ast.FloorDiv, ast.Mod), "divisions")
ASSIGNMENTS = {"+=": "additions", "-=": "additions", "*=": "multiplications", "/=": "divisions", "//=": "divisions", "%=": "divisions"}
ASSIGNMENTS |= {"**=": "exponentials"}
COMPARING = {"clip": 2, "sign": 2}
DRAWING = ("rand", "randn", "poisson", "binomial")
FREE = ("int", "abs", "floor", "ceil")
#: Tried in this order, as Brian2 does for synapses.
METHODS = ("exact", "euler", "heun")


def count(expression: str) -> Counter:
    """Return the number of operations of each kind in an expression as it is written.

    ``clip`` is two comparisons; an integer power n is n - 1 multiplications; any other power, ``exp``, ``log`` and every other
    function is one of ``exponentials``. Signs, logic, conversions, ``abs`` and rounding are free.
    """
    found: Counter = Counter()
    for node in ast.walk(ast.parse(expression.strip(), mode="eval")):
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
            power = node.right.value if isinstance(node.right, ast.Constant) else None
            whole = isinstance(power, int) and power > 0
            found["multiplications" if whole else "exponentials"] += power - 1 if whole else 1
        elif isinstance(node, ast.BinOp):
            found[OPERATORS[type(node.op)]] += 1
        elif isinstance(node, ast.Compare):
            found["comparisons"] += len(node.ops)
        elif isinstance(node, ast.Call) and node.func.id in COMPARING:
            found["comparisons"] += COMPARING[node.func.id]
        elif isinstance(node, ast.Call) and node.func.id not in FREE:
            found["random_numbers" if node.func.id in DRAWING else "exponentials"] += 1
    return +found


def count_code(flow: Flow, lines: list[tuple[str, str, str]]) -> list[tuple[str, Counter]]:
    """Return (target, operations) of each statement; a subexpression is counted once, where it is first used."""
    done: set[str] = set()

    def with_subexpressions(expression: str) -> Counter:
        total = count(expression)
        for name in sorted(names(expression)):
            if name not in done and name in flow.equations and is_alias(flow.equations[name]):
                done.add(name)
                total += with_subexpressions(flow.equations[name].expr.code)
        return total

    result = []
    for target, operation, expression in lines:
        total = with_subexpressions(expression)
        if operation in ASSIGNMENTS:
            total[ASSIGNMENTS[operation]] += 1
        result.append((target, total))
    return result


def _integrated(flow: Flow, where: str, methods: tuple[str, ...]) -> list[tuple[str, Counter]]:
    """Return (variable, operations) of one integration of the differential equations that are evaluated there."""
    chosen = {s.target for s in flow.statements if s.where == where and s.operation == "d/dt"}
    if not chosen:
        return []
    equations = Equations([e for e in flow.equations.values() if e.type != DIFFERENTIAL_EQUATION or e.varname in chosen])
    for method in methods:
        try:
            code = state_update(method, equations)
        except UnsupportedEquationsException:
            continue
        if where == "drift":
            code = re.sub(r"\bdt\b", "(t - lastupdate)", code)
        # The exact integration writes the new value of x to _x first.
        return [(target[1:] if target[1:] in chosen else target, operations) for target, operations in count_code(flow, assignments(code))]
    when = "between events; use (clock-driven) instead of (event-driven)." if where == "drift" else "at time steps; simplify the equations."
    raise UserError(f"rule {flow.rule.name!r}: Brian2 cannot integrate {', '.join(sorted(chosen))} {when}")


def at_event(flow: Flow, side: str) -> list[tuple[str, Counter]]:
    """Return (target, operations) of what Brian2 executes for each synapse at a spike of one side, the event-driven decay first.

    Parameters
    ----------
    side : {"pre", "post"}
    """
    found = []
    for path in flow.rule.pathways:  # each makes up for the drift before its own code
        if path.side == side:
            found += _integrated(flow, "drift", ("exact",)) + count_code(flow, assignments(path.code))
    return found


def at_step(flow: Flow) -> list[tuple[str, Counter]]:
    """Return (target, operations) of what every synapse does at every time step: clock-driven equations, constants over it, sums."""
    found = []
    for s in flow.statements:
        if s.where == "clock" and s.operation == "=":
            summed = "summed" in flow.equations[s.target].flags
            found.append((s.target, "+=" if summed else "=", s.expression))
    return _integrated(flow, "clock", METHODS) + count_code(flow, found)


def regularly(flow: Flow) -> list[tuple[str, Counter]]:
    """Return (target, operations) of what every synapse does at each period of ``rule.regular``."""
    return [entry for code, _ in flow.rule.regular for entry in count_code(flow, assignments(code))]


def total(entries: list[tuple[str, Counter]]) -> dict[str, int]:
    """Return the sum over statements as ``{kind: number}`` with every kind."""
    summed: Counter = Counter()
    for _, operations in entries:
        summed += operations
    return {kind: int(summed[kind]) for kind in KINDS}
