"""Starts that are expressions: of parameters (``"w_max/2"``), or drawn (``"uniform(0, 1)"``, ``"0.5 + 0.1*randn()"``)."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.core.expressions import UnknownName, functions, value_of
from brian2chip.core.starts import check_starts
from brian2chip.errors import UserError

#: How many starts are drawn where an expression draws; a protocol runs every condition from each of them.
DRAWS = 32
#: Distributions in the words of Brian2, which has two of them.
DISTRIBUTIONS = {"uniform": "({0} + ({1} - ({0}))*rand())", "normal": "({0} + ({1})*randn())"}


def in_brian2_words(expression: str) -> str:
    """Return an expression with ``uniform(low, high)`` and ``normal(mean, deviation)`` written with Brian2's random numbers."""

    class Written(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.AST:
            self.generic_visit(node)
            form = DISTRIBUTIONS.get(node.func.id) if isinstance(node.func, ast.Name) else None
            if form is None:
                return node
            if len(node.args) != 2:
                raise UserError(
                    f"{ast.unparse(node)!r} in {expression!r} takes two numbers; write uniform(low, high), normal(mean, deviation)."
                )
            return ast.parse(form.format(*map(ast.unparse, node.args)), mode="eval").body

    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError) as error:
        raise UserError(f"the start {expression!r} cannot be read as an expression.") from error
    return ast.unparse(Written().visit(tree))


def with_numbers(rule: Any, seed: int, draws: int = DRAWS) -> Any:
    """Return the rule with every start that is an expression replaced by its value, or by ``draws`` values where it draws.

    Parameters
    ----------
    rule : Rule
    seed : int
        Of the draws, which so are the same on every device.
    draws : int

    Raises
    ------
    UserError
        For an expression that cannot be read, names something unknown, or has another unit than its variable.
    """
    texts = {name: value for name, value in rule.initial.items() if isinstance(value, str)}
    if not texts:
        return rule
    others = {name: value for name, value in rule.initial.items() if name not in texts}
    shares = max((np.size(value) for value in others.values()), default=1)
    n, rng = shares * -(-draws // shares), np.random.default_rng([seed, 2])
    random = {
        "rand": lambda: rng.random(n),
        "randn": lambda: rng.standard_normal(n),
        "uniform": lambda low, high: low + (high - low) * rng.random(n),
        "normal": lambda mean, deviation: mean + deviation * rng.standard_normal(n),
    }
    found = {}
    for name, text in texts.items():
        try:
            found[name] = value_of(text, rule.parameters.__getitem__, functions=lambda: functions() | random)
        except UnknownName as error:
            raise UserError(
                f"rule {rule.name!r} starts {name} at {text!r}, in which {error.unknown!r} is no parameter of it; name one of "
                f"{', '.join(rule.parameters) or 'none'}, or rand(), randn(), uniform(low, high), normal(mean, deviation)."
            ) from None
    if any(np.ndim(value) for value in found.values()):
        others = {name: np.tile(value, n // np.size(value)) if np.ndim(value) else value for name, value in others.items()}
    check_starts(f"rule {rule.name!r}", rule.model, found)
    return replace(rule, initial={name: found.get(name, others.get(name)) for name in rule.initial})
