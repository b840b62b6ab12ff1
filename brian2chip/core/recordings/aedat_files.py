"""Recordings of event cameras in the AEDAT formats 2.0 and 3.1 (iniVation's documentation of its file formats)."""

from __future__ import annotations

import logging
import os
import re
from typing import NamedTuple

import numpy as np

from brian2chip.core.files import read_bytes, shown
from brian2chip.core.recordings.pixels import EVENT
from brian2chip.errors import UserError

logger = logging.getLogger(__name__)

#: Bytes that a recording may have.
LARGEST = 1 << 30
VERSION = re.compile(rb"#!AER-DAT([0-9]\.[0-9])\r?\n")
#: Size of the sensor by what the header calls it.
SENSORS = {"dvs128": (128, 128), "davis240": (240, 180), "davis346": (346, 260), "davis640": (640, 480)}
#: Head of a packet, the type of a packet of polarity events, and where the header ends (AEDAT 3.1).
PACKET = np.dtype(
    [(n, "<i2") for n in ("type", "source")] + [(n, "<i4") for n in ("size", "offset", "round", "capacity", "number", "valid")]
)
POLARITY, END = 1, b"#!END-HEADER\r\n"


class Recorded(NamedTuple):
    """Events with fields ``x``, ``y``, ``t`` (microseconds, as the file has them), ``p``, and the sensor's columns and rows."""

    events: np.ndarray
    width: int
    height: int


def read_aedat(path: str | os.PathLike, *, size: tuple[int, int] | None = None, inside: str | os.PathLike | None = None) -> Recorded:
    """Return the polarity events of an AEDAT file of version 2.0 (of a DVS128 or a DAVIS) or 3.1; rows are counted as the file does.

    Parameters
    ----------
    path : path
    size : (width, height), optional
        Of the sensor; by default what the header calls it, or a DVS128 where every address is one of its.
    inside : path, optional
        A folder that the file must be in, after all links are followed.

    Raises
    ------
    UserError
        For a file that is missing, too large, of another version or damaged, for events beside the sensor, and times that go back.
    """
    data = read_bytes(path, "AEDAT", largest=LARGEST, inside=inside)
    version = VERSION.match(data)
    if version is None or version[1] not in (b"2.0", b"3.1"):
        given = "no AEDAT file" if version is None else f"an AEDAT file of version {version[1].decode()}"
        raise UserError(f"{shown(path)} is {given}; AEDAT 2.0 and 3.1 are read, so convert it, or give its events as arrays.")
    size = _named(data) if size is None else size
    events, size = (_version_2 if version[1] == b"2.0" else _version_3)(data, path, size)
    if (np.diff(events["t"]) < 0).any():
        k = int(np.argmax(np.diff(events["t"]) < 0)) + 1
        raise UserError(f"{shown(path)}: the time goes back at event {k}; cut the recording there, where its clock was reset.")
    beside = (events["x"] >= size[0]) | (events["y"] >= size[1])
    if beside.any():
        x, y = events[["x", "y"]][np.argmax(beside)]
        raise UserError(f"{shown(path)}: an event is at pixel ({x}, {y}); a sensor of {size[0]} x {size[1]} was given, give its own size.")
    return Recorded(events, *size)


def _named(data: bytes) -> tuple[int, int] | None:
    """Return the size of the sensor that the header names."""
    for line in data[: 1 << 16].split(b"\n"):
        if not line.startswith(b"#"):
            break
        if line.startswith((b"# AEChip:", b"#Source ")):
            return next((size for name, size in SENSORS.items() if name.encode() in line.lower()), None)
    return None


def _version_2(data: bytes, path: str | os.PathLike, size: tuple[int, int] | None) -> tuple[np.ndarray, tuple[int, int]]:
    """Return events of pairs of address and microseconds, high byte first."""
    start = 0
    while data[start : start + 1] == b"#":
        start = data.find(b"\n", start) + 1 or len(data)
    if (len(data) - start) % 8:
        raise UserError(f"{shown(path)}: its {len(data) - start} bytes are no whole number of events of 8 bytes; fetch it again.")
    address, t = np.frombuffer(data, ">i4", offset=start).reshape(-1, 2).T.astype(np.int64)
    address &= 0xFFFFFFFF
    if size is None and (address > 0xFFFF).any():
        raise UserError(
            f"{shown(path)} does not say which camera it is of ({', '.join(SENSORS)}); give sensor=(width, height, polarities)."
        )
    size = SENSORS["dvs128"] if size is None else size
    if size == SENSORS["dvs128"]:  # bit 15 external, 14 to 8 row, 7 to 1 column, 0 polarity
        change, x, y, p = (address >> 15) == 0, address >> 1 & 127, address >> 8 & 127, address & 1
    else:  # bit 31 frames and inertial measurements, 30 to 22 row, 21 to 12 column, 11 polarity, 10 external
        change, x, y, p = (address >> 31 | address >> 10 & 1) == 0, address >> 12 & 1023, address >> 22 & 511, address >> 11 & 1
    return _events(path, change, x, y, t, p), size


def _version_3(data: bytes, path: str | os.PathLike, size: tuple[int, int] | None) -> tuple[np.ndarray, tuple[int, int]]:
    """Return events of packets, low byte first."""
    start = data.find(END) + len(END)
    if start < len(END):
        raise UserError(f"{shown(path)} has no end of its header; fetch it again.")
    if size is None:
        raise UserError(
            f"{shown(path)} does not say which camera it is of ({', '.join(SENSORS)}); give sensor=(width, height, polarities)."
        )
    words, clocks = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.int64)]
    while start < len(data):
        head = np.frombuffer(data[start : start + PACKET.itemsize].ljust(PACKET.itemsize, b"\xff"), PACKET)[0]
        body, start = start + PACKET.itemsize, start + PACKET.itemsize + int(head["size"]) * int(head["capacity"])
        sound = head["size"] > 0 and 0 <= head["number"] <= head["capacity"] and start <= len(data)
        if not sound or head["type"] == POLARITY and (head["size"] != 8 or head["round"] < 0):
            raise UserError(f"{shown(path)}: the packet at byte {body - PACKET.itemsize} is cut off or damaged; fetch it again.")
        if head["type"] == POLARITY:
            words.append(np.frombuffer(data, "<u4", 2 * int(head["number"]), body).reshape(-1, 2).astype(np.int64))
            clocks.append(np.full(int(head["number"]), int(head["round"]) << 31))
    (word, t), clock = np.concatenate(words).T, np.concatenate(clocks)
    # bit 0 validity, 1 polarity, 2 to 16 row, 17 to 31 column
    return _events(path, word & 1 == 1, word >> 17, word >> 2 & 0x7FFF, t + clock, word >> 1 & 1), size


def _events(path: str | os.PathLike, change: np.ndarray, x, y, t, p) -> np.ndarray:
    """Return those that are changes of brightness; what else there is is logged."""
    if not change.all():
        logger.warning("%s: %d of %d events are no changes of brightness and are left out.", shown(path), np.sum(~change), len(change))
    events = np.zeros(int(np.sum(change)), EVENT)
    for name, values in zip("xytp", (x, y, t, p)):
        events[name] = values[change]
    return events
