"""Instructions as changes and waits at a chip's pins: the four phases of both links, ticks, and when the chip is idle.

:func:`play` is a generator and touches no pins itself; who drives it carries out what it yields (:class:`Set`, :class:`Wait`,
:class:`Until`, :class:`Get`) and sends back what came of it.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from brian2chip.bench.transport import Instruction, Level, Op, Output
from brian2chip.errors import UserError

#: Cycles of the chip's clock after which a chip that does not answer is given up.
PATIENCE = 1_000_000
#: Cycles for which an address stands before it is requested.
SETTLED = 2
#: Cycles after an output handshake until the chip goes on.
RELEASED = 4


@dataclass(frozen=True)
class Set:
    """Give a pin, or a bus, a value."""

    pin: str
    value: int


@dataclass(frozen=True)
class Wait:
    """Wait for so many cycles."""

    cycles: int


@dataclass(frozen=True)
class Until:
    """Wait until one of the pins has its value, at most so many cycles; the answer is that pin, or None, and the cycles that went by."""

    levels: Mapping[str, int]
    cycles: int


@dataclass(frozen=True)
class Get:
    """Read a bus; the answer is its value."""

    pin: str


Request = Set | Wait | Until | Get


def link_of(chip: str) -> tuple[str, str, str]:
    """Return data, request and acknowledge of a chip's output link."""
    return ("OUT_DATA", "OUT_REQ", "OUT_ACK") if chip == "reckon" else ("AEROUT_ADDR", "AEROUT_REQ", "AEROUT_ACK")


def play(chip: str, instructions: Sequence[Instruction]) -> Generator[Request, object, list[Output]]:
    """Return what comes out while instructions are carried out.

    Raises
    ------
    UserError
        For a chip that does not answer.
    """
    pins = Pins(chip)
    for k, (op, value) in enumerate(instructions):
        pins.index, pins.doing = k, f"instruction {k}, {op.name} {value:#x}"
        if op in (Op.EVENT, Op.TARGET):
            yield from pins.event(value, op is Op.TARGET)
        elif op is Op.IDLE:
            yield from pins.idle(value & 0xFFFF, value >> 16)
        elif op is Op.WAIT:
            yield Wait(value)
        elif op is Op.LEVELS:
            for level in Level:
                yield Set(level.name, int(value & level > 0))
        elif op is Op.TICK:
            yield Set("TIME_TICK", 1)
        else:
            yield from pins.until("TIMING_ERROR_RDY", 1)
            yield Set("TIME_TICK", 0)
    return pins.outputs


class Pins:
    """The two links of a chip while instructions are carried out."""

    def __init__(self, chip: str):
        self.chip, self.index, self.doing, self.since = chip, 0, "", 0
        self.data, self.request, self.acknowledge = link_of(chip)
        self.outputs: list[Output] = []

    def event(self, address: int, target: bool) -> Generator[Request, object, None]:
        """Send an address by its four phases."""
        yield Set("AERIN_ADDR", address)
        if self.chip == "reckon":
            yield Set("AERIN_TAR_EN", int(target))
        yield Wait(SETTLED)
        yield Set("AERIN_REQ", 1)
        self.since = 0
        yield from self.until("AERIN_ACK", 1)
        yield Set("AERIN_REQ", 0)
        yield from self.until("AERIN_ACK", 0)
        if self.chip == "reckon":
            yield Set("AERIN_TAR_EN", 0)

    def idle(self, after_ack: int, per_output: int) -> Generator[Request, object, None]:
        """Wait until the chip is idle; every byte that comes may have queued more work."""
        left = after_ack + per_output * self.since
        while True:
            pin, gone = yield Until({self.request: 1}, left)
            if pin is None:
                return
            yield from self.take()
            yield Wait(RELEASED)
            left = max(0, left - gone) + per_output

    def until(self, pin: str, value: int) -> Generator[Request, object, None]:
        """Wait for a pin; bytes that come meanwhile are taken."""
        while True:
            seen, _ = yield Until({pin: value, self.request: 1}, PATIENCE)
            if seen == pin:
                return
            if seen is None:
                raise UserError(
                    f"{pin} did not become {value} within {PATIENCE} clock cycles ({self.doing}); look at reset, clock and wiring."
                )
            yield from self.take()

    def take(self) -> Generator[Request, object, None]:
        """Take a byte by its four phases."""
        byte = yield Get(self.data)
        self.outputs.append((byte, self.index))
        self.since += 1
        yield Set(self.acknowledge, 1)
        seen, _ = yield Until({self.request: 0}, PATIENCE)
        if seen is None:
            raise UserError(f"{self.request} did not fall within {PATIENCE} clock cycles ({self.doing}); look at {self.acknowledge}.")
        yield Set(self.acknowledge, 0)
