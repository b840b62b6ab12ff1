"""The value of an arithmetic expression in the words of Brian2, of numbers, quantities or arrays; nothing in it is evaluated as code."""

from __future__ import annotations

import ast
import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from brian2chip.core.later import brian2
from brian2chip.errors import UserError

OPERATORS = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
    ast.Not: np.logical_not,
    ast.And: np.logical_and,
    ast.Or: np.logical_or,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@functools.cache
def functions() -> dict[str, Callable]:
    """Return the functions of Brian2 that draw nothing."""
    return {name: f.pyfunc for name, f in brian2.DEFAULT_FUNCTIONS.items() if f.stateless and f.pyfunc is not None}


@functools.cache
def constants() -> dict[str, Any]:
    """Return the units and constants of Brian2."""
    return {**brian2.DEFAULT_UNITS, "pi": np.pi, "e": np.e, "inf": np.inf}


class UnknownName(UserError):
    """A name in an expression that stands for nothing, ``unknown``."""

    def __init__(self, sentence: str, unknown: str):
        super().__init__(sentence)
        self.unknown = unknown


def value_of(
    expression: str,
    variable: Callable[[str], Any],
    known: Callable[[], Mapping[str, Any]] = constants,
    functions: Callable[[], Mapping[str, Callable]] = functions,
) -> Any:
    """Return the value of an expression such as ``"exp(g)/(1 + w)"``.

    Parameters
    ----------
    expression : str
    variable : callable
        Returns the value of a name; raises ``KeyError`` for one that it does not know.
    known : callable
        Returns the values of the names that are no variables.
    functions : callable
        Returns what may be called, for arrays of another library than NumPy.

    Raises
    ------
    UnknownName
        For a name that stands for nothing.
    UserError
        For a text that is no arithmetic expression.
    """

    def name(word: str) -> Any:
        try:
            return variable(word)
        except KeyError:
            if word in known():
                return known()[word]
            raise UnknownName(f"{word!r} in {expression!r} stands for nothing.", word) from None

    def value(node: ast.expr) -> Any:
        match node:
            case ast.Constant(value=bool() | int() | float() as number):
                return float(number)  # of whole numbers a power could fill the memory
            case ast.Name(id=word):
                return name(word)
            case ast.BinOp(op=op, left=left, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(operand))
            case ast.BoolOp(op=op, values=values):
                return _reduced(OPERATORS[type(op)], [value(one) for one in values])
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in OPERATORS:
                return OPERATORS[type(op)](value(left), value(right))
            case ast.Call(func=ast.Name(id=word), args=arguments, keywords=[]):
                if word not in functions():
                    raise UnknownName(f"the function {word!r} in {expression!r} cannot be used here.", word)
                return functions()[word](*map(value, arguments))
        raise UserError(f"{ast.unparse(node)!r} in {expression!r} is no arithmetic; write numbers, names, functions and + - * / **.")

    try:
        tree = ast.parse(expression.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UserError(f"{expression!r} cannot be read as an expression.") from error
    try:
        return value(tree.body)
    except (ArithmeticError, TypeError) as error:
        raise UserError(f"{expression!r} has no value: {error}.") from error


def _reduced(function: Callable, values: list[Any]) -> Any:
    result = values[0]
    for other in values[1:]:
        result = function(result, other)
    return result
