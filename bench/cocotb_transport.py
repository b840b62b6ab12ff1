"""A chip's RTL in a simulator, driven by cocotb, behind the transport of a bench."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from cocotb.triggers import First, RisingEdge, Timer  # this file runs inside a simulator alone
from cocotb.utils import get_sim_time

from brian2chip.bench.cocotb_versions import ValueChange, resume
from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.handshakes import Get, Request, Set, Until, Wait, play
from brian2chip.bench.transport import Instruction, Output
from brian2chip.errors import UserError

#: Nanoseconds of a clock cycle.
CYCLE = 10
#: Bits that the stream of SPI (verilog/spi_stream.v) takes at once: whole transactions; Verilator reads 2,048 at most.
MOST_BITS = 1920
#: Nanoseconds by which half a period of SCK is longer than it must be, so that edges do not fall together.
SLACK = 3


class CocotbTransport:
    """The simulated chip behind :class:`brian2chip.bench.transport.Transport`; its methods are called from a thread of cocotb's.

    Parameters
    ----------
    dut : object
        The top of ``verilog/bench_*.v``.
    folder : BenchFolder
    """

    def __init__(self, dut: Any, folder: BenchFolder):
        self._dut, self._chip, self._bits = dut, folder.chip, folder.word_bits
        self._low = [pin for pin in folder.document["reset"]["low"] if pin not in ("SCK", "MOSI", "CLK_INT_EN")]
        self._writing, self._reading = folder.document["spi"]["clock_ratio"], folder.document["spi"]["read_clock_ratio"]

    @resume
    async def reset(self, hold: int, wait: int) -> None:
        """See :class:`brian2chip.bench.transport.Transport`."""
        for pin in self._low:
            getattr(self._dut, pin).value = 0
        self._dut.RST.value = 0
        await Timer(CYCLE * hold, "ns")
        self._dut.RST.value = 1
        await Timer(CYCLE * hold, "ns")
        self._dut.RST.value = 0
        await Timer(CYCLE * wait, "ns")

    @resume
    async def transfer(self, words: Sequence[int]) -> list[int]:
        """See :class:`brian2chip.bench.transport.Transport`."""
        out: list[int] = []
        spi, most = self._dut.spi, MOST_BITS // self._bits
        for k in range(0, len(words), most):
            some = words[k : k + most]
            stream = 0
            for word in some:
                stream = stream << self._bits | word
            reads = some[0] >> self._bits - 1  # the first bit of a transaction
            spi.half_ns.value = CYCLE * (self._reading if reads else self._writing) // 2 + SLACK
            spi.sent.value = stream
            spi.count.value = len(some) * self._bits
            spi.go.value = 1
            await RisingEdge(spi.done)
            spi.go.value = 0
            await Timer(CYCLE, "ns")
            got = _bits(spi.got, len(some) * self._bits)
            out += [int(got[b : b + self._bits], 2) for b in range(0, len(got), self._bits)]
        return out

    @resume
    async def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """See :class:`brian2chip.bench.transport.Transport`."""
        return await self._carried_out(play(self._chip, instructions))

    def close(self) -> None:
        """The simulation ends with its test."""

    async def _carried_out(self, requests: Generator[Request, object, list[Output]]) -> list[Output]:
        answer: object = None
        while True:
            try:
                request = requests.send(answer)
            except StopIteration as end:
                return end.value
            answer = await self._answer(request)

    async def _answer(self, request: Request) -> object:
        if isinstance(request, Set):
            getattr(self._dut, request.pin).value = request.value
            return None
        if isinstance(request, Wait):
            await Timer(CYCLE * max(1, request.cycles), "ns")
            return None
        if isinstance(request, Get):
            value = _text(getattr(self._dut, request.pin))
            if set(value) - set("01"):
                raise UserError(f"the simulated {request.pin} is {value}, not a number: the RTL reads something that was never written.")
            return int(value, 2)
        return await self._until(request)

    async def _until(self, request: Until) -> tuple[str | None, int]:
        """Wait for a level; looked at once a cycle at least, so that what was set is seen."""
        pins = {pin: (getattr(self._dut, pin), str(value)) for pin, value in request.levels.items()}
        gone = 0
        while True:
            for pin, (signal, value) in pins.items():
                if _text(signal) == value:
                    return pin, gone
            if gone >= request.cycles:
                return None, gone
            began = int(get_sim_time("ns"))
            await First(Timer(CYCLE * (request.cycles - gone), "ns"), *(ValueChange(signal) for signal, _ in pins.values()))
            gone += max(1, (int(get_sim_time("ns")) - began) // CYCLE)


def _text(signal: Any) -> str:
    return str(signal.value)


def _bits(signal: Any, count: int) -> str:
    """Return the low bits of a signal as zeros and ones; what the RTL leaves undefined counts as zero."""
    return "".join(bit if bit in "01" else "0" for bit in str(signal.value)[-count:])
