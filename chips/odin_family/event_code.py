"""Registers as event code: what the code of ODIN's and tinyODIN's neurons and controllers assigns, and how it is stored."""

from __future__ import annotations

from collections.abc import Iterable


def wires(code: str) -> tuple[str, ...]:
    """Return the names that event code assigns, in order; declared as variables they stay 32-bit integers in compiled code."""
    return tuple(dict.fromkeys(line.split(" = ")[0] for line in code.strip().splitlines() if " = " in line))


def commit(registers: tuple[str, ...], enable: str = "") -> str:
    """Return the code that stores the ``_next`` values, where ``enable`` is 1 or everywhere."""
    if enable:
        return "\n".join(f"{r} = {r} + {enable} * ({r}_next - {r})" for r in registers)
    return "\n".join(f"{r} = {r}_next" for r in registers)


def integers(names: Iterable[str]) -> str:
    """Return Brian2 equations that declare 32-bit integers."""
    return "\n".join(f"{name} : integer" for name in names)
