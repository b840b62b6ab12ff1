"""What the contents of ODIN and tinyODIN are checked for, and how they are read from the arrays of a recorded trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from brian2chip.chips.codec import code, whole
from brian2chip.chips.field import Field
from brian2chip.errors import UserError, unknown

#: Shape and largest code of each memory, ``{name: (shape, largest)}``.
Memories = Mapping[str, tuple[tuple[int, ...], int]]


def checked_registers(registers: Mapping[str, int], fields: Sequence[Field], chip: str) -> dict[str, int]:
    """Return the codes as plain integers, or raise ``UserError`` unless there is one in range for each register."""
    if not isinstance(registers, Mapping):
        raise UserError(f"the registers of {chip} were given as {registers!r:.60}; give a mapping of names to integers.")
    known = {f.name: f for f in fields}
    for name in registers:
        if name not in known:
            raise unknown(f"{chip} configuration register", name, known)
    if missing := [name for name in known if name not in registers]:
        raise UserError(f"the registers of {chip} lack {', '.join(missing)}; give all of {', '.join(known)}.")
    return {name: code(known[name], value, chip) for name, value in registers.items()}


def checked_memories(memories: Mapping[str, np.ndarray], expected: Memories, chip: str) -> dict[str, np.ndarray]:
    """Return the memories as arrays, or raise ``UserError`` unless each has its shape and holds whole numbers in range."""
    found = {}
    for name, (shape, largest) in expected.items():
        given = found[name] = np.asarray(memories[name])
        if given.shape != shape or not whole(given):
            raise UserError(f"{name} of {chip} must be integers of shape {shape}, not {given.dtype} of shape {given.shape}.")
        if np.any((given < 0) | (given > largest)):
            raise UserError(f"{name} of {chip} must lie between 0 and {largest}; it reaches from {given.min()} to {given.max()}.")
    return found


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
    found = checked_memories(trace, memories, f"a trace of {chip}")
    return checked_registers({f.name: trace[f.name] for f in registers}, registers, chip), found
