"""A chip behind a bridge on a serial port: a microcontroller that moves SPI words and pins at our command."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence

from brian2chip.bench.folder import BenchFolder
from brian2chip.bench.serial_frames import ANSWER, ERROR, VERSION, Command, Fault, packed, unpacked
from brian2chip.bench.transport import Instruction, Op, Output
from brian2chip.errors import UserError

CHIPS = {"odin": 1, "tinyodin": 2, "reckon": 3}
#: Bits a second, seconds for an answer, and how often a frame is sent before it is given up.
BAUD, SECONDS, TRIES = 921_600, 5.0, 3
SAID = {
    Fault.VERSION: "speaks another version of the protocol",
    Fault.COMMAND: "does not know the command",
    Fault.PAYLOAD: "cannot take what was sent",
}


class SerialTransport:
    """The bridge behind :class:`brian2chip.bench.transport.Transport`.

    Parameters
    ----------
    port : str
        Name of the serial port.
    folder : BenchFolder
        Says which chip it is.
    seconds : float
        To wait for an answer.

    Raises
    ------
    UserError
        Without pyserial, for a port that cannot be opened, and a bridge that does not answer or speaks another version.
    """

    def __init__(self, port: str, folder: BenchFolder, seconds: float = SECONDS):
        try:
            import serial  # an optional package
        except ImportError:
            raise UserError("the serial bridge needs pyserial; pip install 'brian2chip[bench]'.") from None
        try:
            self._line = serial.Serial(port, BAUD, timeout=seconds)
        except (serial.SerialException, ValueError) as error:
            raise UserError(f"the serial port {port!r} cannot be opened ({' '.join(str(error).split())[:120]}).") from None
        self._failure = serial.SerialException
        self._port, self._seconds, self._number = port, seconds, 0
        self._bits, self._pins = folder.word_bits, folder.document["pins"]
        try:
            answer = self._ask(Command.HELLO, bytes([CHIPS[folder.chip]]))
            if len(answer) < 2:
                raise UserError(f"the bridge on {port} did not say how long its frames may be.")
            self._longest = int.from_bytes(answer[:2], "little")
        except BaseException:
            self.close()
            raise

    def reset(self, hold: int, wait: int) -> None:
        """See :class:`brian2chip.bench.transport.Transport`."""
        self._ask(Command.RESET, struct.pack("<HH", hold, wait))

    def transfer(self, words: Sequence[int]) -> list[int]:
        """See :class:`brian2chip.bench.transport.Transport`."""
        out: list[int] = []
        most = (self._longest - 1) // 8 * 2  # an even number, which is whole bytes of SPI
        for k in range(0, len(words), most):
            some = words[k : k + most]
            answer = self._ask(Command.TRANSFER, struct.pack(f"<B{len(some)}I", self._bits, *some))
            if len(answer) != 4 * len(some):
                raise UserError(f"the bridge on {self._port} answered {len(answer)} bytes to {len(some)} SPI words, not {4 * len(some)}.")
            out += struct.unpack(f"<{len(some)}I", answer)
        return out

    def play(self, instructions: Sequence[Instruction]) -> list[Output]:
        """See :class:`brian2chip.bench.transport.Transport`."""
        out: list[Output] = []
        most, done = self._longest // 5, 0
        while done < len(instructions):
            some = instructions[done : done + most]
            answer = self._ask(Command.PLAY, b"".join(struct.pack("<BI", op, value) for op, value in some), some)
            carried_out = int.from_bytes(answer[:2], "little")
            outputs = list(_outputs(answer[2:], done))
            if not 0 < carried_out <= len(some) and not outputs or len(answer) % 3 != 2:
                raise UserError(f"the bridge on {self._port} carried out {carried_out} of {len(some)} instructions and sent no output.")
            out += outputs
            done += carried_out
        return out

    def close(self) -> None:
        """Close the port."""
        self._line.close()

    def _ask(self, command: Command, payload: bytes, instructions: Sequence[Instruction] = ()) -> bytes:
        """Send a frame until it is answered, and return the payload of the answer."""
        self._number = (self._number + 1) % 256
        for _ in range(TRIES):
            try:
                self._line.reset_input_buffer()
                self._line.write(packed(command, self._number, payload))
                frame = unpacked(self._line.read)
            except self._failure as error:
                raise UserError(f"the bridge on {self._port} is gone ({' '.join(str(error).split())[:120]}).") from None
            if frame is None or frame.command == ERROR and frame.payload[:1] == bytes([Fault.CHECKSUM]):
                continue
            if frame.version != VERSION:
                raise UserError(
                    f"the bridge on {self._port} speaks version {frame.version} of the protocol, this is {VERSION}; flash it anew."
                )
            if frame.command == ERROR:
                raise UserError(self._fault(frame.payload, command, instructions))
            if frame.number == self._number and frame.command == command | ANSWER:
                return frame.payload
        raise UserError(
            f"the bridge on {self._port} did not answer {command.name} in {self._seconds:g} s, {TRIES} times; "
            "look at power, port and wiring."
        )

    def _fault(self, payload: bytes, command: Command, instructions: Sequence[Instruction]) -> str:
        """Return the sentence of an error that the bridge reports."""
        code, detail = payload[0] if payload else 0, int.from_bytes(payload[1:3], "little")
        if code == Fault.TIMEOUT and detail < len(instructions):
            op, value = instructions[detail]
            waited = {Op.EVENT: "AERIN_ACK", Op.TARGET: "AERIN_ACK", Op.READY: "TIMING_ERROR_RDY"}.get(Op(op), "the output link")
            return f"the chip behind {self._port} did not answer on {waited} at {Op(op).name} {value:#x}; look at reset, clock and wiring."
        return f"the bridge on {self._port} {SAID.get(code, f'reports error {code}')} ({command.name})."


def _outputs(data: bytes, done: int) -> Iterator[Output]:
    for k in range(0, len(data) - 2, 3):
        yield data[k + 2], done + int.from_bytes(data[k : k + 2], "little")
