"""A chip on an SPI bus of this Linux machine, for programming and reading back; events need the pins of a bridge."""

from __future__ import annotations

import re
from collections.abc import Sequence

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.transport import Instruction, Output
from brian2chip.errors import UserError

#: Bytes that the driver of Linux takes at once unless it is told otherwise; a whole number of words in pairs of 20 and of 32 bits.
MOST_BYTES = 4000


class SpidevTransport:
    """SPI words through ``/dev/spidevBUS.DEVICE`` behind :class:`brian2chip.bench.transport.Transport`.

    The chips count bits and take no chip select, so words of 20 bits are sent in pairs, five bytes each.

    Parameters
    ----------
    where : str
        ``"BUS.DEVICE"``.
    folder : BenchFolder
        Says how long words are, and for which clock its times are stated.

    Raises
    ------
    UserError
        Without spidev, and for a device that cannot be opened.
    """

    def __init__(self, where: str, folder: BenchFolder):
        if not re.fullmatch(r"[0-9]{1,3}\.[0-9]{1,3}", where):
            raise UserError(f"an SPI device of Linux is BUS.DEVICE, e.g. spidev:0.0, not {where!r:.40}.")
        try:
            import spidev  # an optional package, on Linux alone
        except ImportError:
            raise UserError("an SPI device needs spidev and Linux; pip install 'brian2chip[bench]'.") from None
        self._bits, self._spi, self._where = folder.word_bits, spidev.SpiDev(), where
        try:
            self._spi.open(*map(int, where.split(".")))
        except OSError as error:
            raise UserError(f"/dev/spidev{where} cannot be opened ({error.strerror or error}).") from None
        self._spi.mode, self._spi.max_speed_hz, self._spi.bits_per_word = 0, int(folder.document["spi_hz"]), 8

    def reset(self, hold: int, wait: int) -> None:
        """RST is no pin of SPI: the chip must have been reset by hand, and no bit been sent since."""

    def transfer(self, words: Sequence[int]) -> list[int]:
        """See :class:`brian2chip.bench.transport.Transport`."""
        if len(words) * self._bits % 8:
            raise UserError(f"{len(words)} words of {self._bits} bits are no whole bytes; send transactions of two words.")
        out: list[int] = []
        most = MOST_BYTES * 8 // self._bits
        for k in range(0, len(words), most):
            some = words[k : k + most]
            stream, size = 0, len(some) * self._bits // 8
            for word in some:
                stream = stream << self._bits | word
            try:
                back = int.from_bytes(bytes(self._spi.xfer2(list(stream.to_bytes(size, "big")))), "big")
            except OSError as error:
                raise UserError(f"/dev/spidev{self._where} failed ({error.strerror or error}).") from None
            out += [back >> self._bits * (len(some) - 1 - w) & (1 << self._bits) - 1 for w in range(len(some))]
        return out

    def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """Refuse: SPI has no pins for events."""
        raise UserError(
            "spidev reaches SPI alone, no events and ticks; use a serial bridge to play, or program and read back with --no-play."
        )

    def close(self) -> None:
        """Close the device."""
        self._spi.close()
