"""ReckOn's thirteen shift registers: how a register holds the first bits of its sequence, and what it holds later on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from brian2chip.chips.field import Field
from brian2chip.chips.reckon.fields import BY_NAME
from brian2chip.engine.functions.lfsr import Trinomial, stream_bits
from brian2chip.errors import UserError


class ShiftRegister(NamedTuple):
    """One linear-feedback shift register: its sequence, and the bits that one advance consumes."""

    trinomial: Trinomial
    jump: int


#: The thirteen shift registers; in the equations a register is its place in this table.
SHIFT_REGISTERS = {
    "winp": ShiftRegister(Trinomial(25, 3), 512),
    "wrec": ShiftRegister(Trinomial(25, 3), 512),
    "wout": ShiftRegister(Trinomial(22, 1), 448),
    "noise": ShiftRegister(Trinomial(17, 3), 32),
    "neur0": ShiftRegister(Trinomial(15, 1), 15),
    "neur1": ShiftRegister(Trinomial(15, 1), 15),
    "tinp0": ShiftRegister(Trinomial(15, 1), 15),
    "tinp1": ShiftRegister(Trinomial(15, 1), 15),
    "trec0": ShiftRegister(Trinomial(15, 1), 15),
    "trec1": ShiftRegister(Trinomial(15, 1), 15),
    "tout0": ShiftRegister(Trinomial(15, 1), 7),
    "tout1": ShiftRegister(Trinomial(15, 1), 7),
    "oneur": ShiftRegister(Trinomial(15, 1), 7),
}

#: Which seed register loads a shift register, and from which bit on.
SEEDS = {
    "winp": ("SEED_INP", 0),
    "wrec": ("SEED_REC", 0),
    "wout": ("SEED_OUT", 0),
    "noise": ("SEED_NOISE_NEUR", 0),
    "oneur": ("SEED_STRND_ONEUR", 0),
    **{f"{name}{half}": (f"SEED_STRND_{name.upper()}", 15 * half) for name in ("neur", "tinp", "trec", "tout") for half in (0, 1)},
}
INTERLEAVED = (*range(1, 15, 2), *range(2, 15, 2), 0)


def layout(name: str) -> tuple[int, ...]:
    """Return the register bits in the order of the sequence, oldest first."""
    (length, near), jump = SHIFT_REGISTERS[name]
    return INTERLEAVED if jump == 7 else (*range(near, length), *range(near))


def window(name: str, register: int) -> int:
    """Return the first bits of the sequence, the oldest in bit 0, for the content of a register."""
    return sum(((register >> bit) & 1) << place for place, bit in enumerate(layout(name)))


def register(name: str, first_bits: int) -> int:
    """Return the content of a register for the first bits of its sequence; the inverse of :func:`window`."""
    return sum(((first_bits >> place) & 1) << bit for place, bit in enumerate(layout(name)))


def advanced(name: str, content: int, advances: int) -> int:
    """Return the content of a register after a number of advances."""
    trinomial, jump = SHIFT_REGISTERS[name]
    return register(name, int(stream_bits(trinomial, window(name, content), advances * jump, trinomial.length)))


def output_window(name: str, content: int) -> int:
    """Return the first bits of the sequence that starts with the register's first output bit (the last ``near`` bits it holds)."""
    trinomial, _ = SHIFT_REGISTERS[name]
    return int(stream_bits(trinomial, window(name, content), trinomial.length - trinomial.near, trinomial.length))


def content_field(name: str) -> Field:
    """Return the field of a shift register's content, which is never zero."""
    return Field(f"the shift register {name}", SHIFT_REGISTERS[name].trinomial.length, low=1)


def seeds_of(contents: Mapping[str, int]) -> dict[str, int]:
    """Return the seed registers that load these contents into the shift registers; the inverse of :func:`seeded`."""
    seeds = dict.fromkeys((seed for seed, _ in SEEDS.values()), 0)
    for name, (seed, lsb) in SEEDS.items():
        seeds[seed] |= contents[name] << lsb
    return seeds


def seeded(registers: Mapping[str, int]) -> dict[str, int]:
    """Return the content of all shift registers after their seed registers were written.

    Raises
    ------
    UserError
        For a seed of zero, which locks the register.
    """
    contents = {}
    for name, (seed, lsb) in SEEDS.items():
        length = SHIFT_REGISTERS[name].trinomial.length
        contents[name] = (registers.get(seed, BY_NAME[seed].default) >> lsb) & ((1 << length) - 1)
        if contents[name] == 0:
            where = f"{seed} of ReckOn is zero in bits {lsb} to {lsb + length - 1}"
            raise UserError(f"{where}, which locks the shift register {name}; use another seed.")
    return contents
