"""Frames of the serial bridge: how they are put together and taken apart; docs/bench.md is their specification."""

from __future__ import annotations

import struct
from binascii import crc_hqx
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

MARK, VERSION = 0xB2, 1
#: Set in the command of an answer; the command of an answer that is an error.
ANSWER, ERROR = 0x80, 0xFF
#: Bytes before the payload, after it, and that a payload may have.
HEAD, TAIL, LONGEST = 6, 2, 2048


class Command(IntEnum):
    """What a frame asks for."""

    HELLO = 1
    RESET = 2
    TRANSFER = 3
    PLAY = 4


class Fault(IntEnum):
    """First byte of an error's payload."""

    CHECKSUM = 1
    VERSION = 2
    COMMAND = 3
    PAYLOAD = 4
    TIMEOUT = 5


@dataclass(frozen=True)
class Frame:
    """One frame: version, command, number, payload."""

    version: int
    command: int
    number: int
    payload: bytes


def crc16(data: bytes) -> int:
    """Return the CRC-16 with polynomial 0x1021 and start 0xFFFF (CCITT-FALSE) of bytes."""
    return crc_hqx(data, 0xFFFF)


def packed(command: int, number: int, payload: bytes) -> bytes:
    """Return the bytes of a frame: mark, version, command, number, length, payload, checksum of all but the mark."""
    body = struct.pack("<BBBH", VERSION, command, number, len(payload)) + payload
    return bytes([MARK]) + body + struct.pack("<H", crc16(body))


def unpacked(read: Callable[[int], bytes]) -> Frame | None:
    """Return the next frame from a source of bytes, None when it ends early or its checksum is wrong.

    Parameters
    ----------
    read : callable
        ``n -> bytes``, fewer than n when there are no more.
    """
    for _ in range(LONGEST + HEAD + TAIL):
        if (byte := read(1)) in (b"", bytes([MARK])):
            break
    body = read(HEAD - 1)
    if byte != bytes([MARK]) or len(body) < HEAD - 1:
        return None
    version, command, number, length = struct.unpack("<BBBH", body)
    rest = read(length + TAIL) if length <= LONGEST else b""
    if len(rest) < length + TAIL or crc16(body + rest[:length]) != int.from_bytes(rest[length:], "little"):
        return None
    return Frame(version, command, number, rest[:length])
