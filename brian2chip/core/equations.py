"""What Brian2 reads in equations: names, kinds, dimensions, flags; without Brian2 where it has read the same before."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Any

from brian2chip.core.later import brian2, internals
from brian2chip.core.remembered import remembered
from brian2chip.core.units import DIMENSIONS, Dimension, get_or_create_dimension

#: Brian2's words for what an equation is and what its variable holds.
DIFFERENTIAL_EQUATION, PARAMETER, SUBEXPRESSION, FLOAT = "differential equation", "parameter", "subexpression", "float"


@dataclass(frozen=True)
class Equation:
    """One equation, as Brian2's ``SingleEquation`` names its parts; ``code`` is the expression, None for a parameter."""

    varname: str
    type: str
    var_type: str
    dim: Dimension
    flags: tuple[str, ...]
    code: str | None


@functools.cache
def equations(text: str) -> dict[str, Equation]:
    """Return the equations of a text by the names of their variables, in Brian2's order.

    Raises
    ------
    EquationError
        Of Brian2, when it cannot read them.
    """
    found = {}
    for name, kind, var_type, powers, flags, code in remembered(_read, text):
        found[name] = Equation(name, kind, var_type, get_or_create_dimension(powers), tuple(flags), code)
    return found


def _read(text: str) -> list[tuple[Any, ...]]:
    """Return the parts of each equation."""
    return [
        (e.varname, e.type, e.var_type, [float(e.dim.get_dimension(d)) for d in DIMENSIONS], list(e.flags), e.expr.code if e.expr else None)
        for e in brian2.Equations(text).values()
    ]


def assignments(code: str) -> list[tuple[str, str, str]]:
    """Return (target, operation, expression) of each line of Brian2 code, comments left out."""
    return [(target, operation, expression) for target, operation, expression in remembered(_assignments, code)]


def _assignments(code: str) -> list[tuple[str, str, str]]:
    lines = (line.split("#")[0].strip() for part in code.split(";") for line in part.split("\n"))
    return [internals.parse_statement(line)[:3] for line in lines if line]
