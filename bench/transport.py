"""What carries a bench's words and pins to a chip: a small typed protocol with an implementation a medium."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import Protocol


class Op(IntEnum):
    """What one instruction does; the number is what the serial protocol sends.

    ``EVENT``: an address over the input link, by its four phases. ``TARGET``: the same with AERIN_TAR_EN high. ``IDLE``: wait until the
    chip is idle, see :func:`idle`. ``WAIT``: so many cycles of the chip's clock. ``LEVELS``: bits of :class:`Level` to the pins.
    ``TICK``: raise TIME_TICK. ``READY``: wait for TIMING_ERROR_RDY, then lower TIME_TICK. Output that comes during any of them is taken.
    """

    EVENT = 1
    TARGET = 2
    IDLE = 3
    WAIT = 4
    LEVELS = 5
    TICK = 6
    READY = 7


class Level(IntEnum):
    """Bits of the value of :attr:`Op.LEVELS`."""

    SAMPLE = 1
    TARGET_VALID = 2
    INFER_ACC = 4


#: An instruction with its value, a whole number of 32 bits; a byte that came out, and the instruction during which it did.
Instruction = tuple[Op, int]
Output = tuple[int, int]


def idle(after_ack: int, per_output: int) -> Instruction:
    """Return the instruction that waits until the chip is idle, as far as the pins can tell.

    That is so ``after_ack`` cycles after the last event was acknowledged, and ``per_output`` later for each byte that came since its
    request.
    """
    return Op.IDLE, after_ack | per_output << 16


class Transport(Protocol):
    """A chip within reach. What does not answer, or not as agreed, raises :class:`brian2chip.errors.UserError`."""

    def reset(self, hold: int, wait: int) -> None:
        """Hold all inputs low and RST high for so many cycles of the chip's clock, then RST low, and wait."""

    def transfer(self, words: Sequence[int]) -> list[int]:
        """Send SPI words, the most significant bit first, and return the words that came meanwhile."""

    def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """Carry out instructions in order and return what came out; the index of an output is that of its instruction."""

    def close(self) -> None:
        """Let go of the medium."""
