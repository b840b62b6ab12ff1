"""What the contents of ODIN and tinyODIN are checked for, and how they are read from the arrays of a recorded trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from brian2chip.chips.codec import check
from brian2chip.chips.field import Field
from brian2chip.errors import UserError, unknown

#: Shape and largest code of each memory, ``{name: (shape, largest)}``.
Memories = Mapping[str, tuple[tuple[int, ...], int]]


def check_registers(registers: Mapping[str, int], fields: Sequence[Field], chip: str) -> None:
    """Raise ``UserError`` unless there is one code in range for each register."""
    known = {f.name: f for f in fields}
    for name, value in registers.items():
        if name not in known:
            raise unknown(f"{chip} configuration register", name, known)
        check(known[name], value, chip)
    if missing := [name for name in known if name not in registers]:
        raise UserError(f"the registers of {chip} lack {', '.join(missing)}; give all of {', '.join(known)}.")


def check_memories(memories: Mapping[str, np.ndarray], expected: Memories, chip: str) -> None:
    """Raise ``UserError`` unless every memory has its shape and holds whole numbers in range."""
    for name, (shape, largest) in expected.items():
        given = np.asarray(memories[name])
        whole = given.dtype.kind in "iub" or (given.dtype == object and all(isinstance(code, int) for code in given.flat))
        if given.shape != shape or not whole:
            raise UserError(f"{name} of {chip} must be integers of shape {shape}, not {given.dtype} of shape {given.shape}.")
        if np.any((given < 0) | (given > largest)):
            raise UserError(f"{name} of {chip} must lie between 0 and {largest}; it reaches from {given.min()} to {given.max()}.")


def contents_of_trace(
    trace: Mapping[str, np.ndarray], chip: str, registers: Sequence[Field], memories: Memories
) -> tuple[dict[str, int], dict[str, np.ndarray]]:
    """Return a recorded trace's configuration registers and memories.

    Raises
    ------
    UserError
        For a missing array, a wrong shape, a value out of range.
    """
    needed = (*(f.name for f in registers), *memories, "stim_addr", "stim_wait_idle")
    if missing := [name for name in needed if name not in trace]:
        raise UserError(f"the {chip} trace lacks {', '.join(missing)}; it needs {', '.join(needed)}.")
    check_memories(trace, memories, f"a trace of {chip}")
    return {f.name: int(check(f, trace[f.name], chip)) for f in registers}, {name: np.asarray(trace[name]) for name in memories}
