"""Files of arrays, with or without a JSON head: written whole or not at all; read with every size known before memory is taken."""

from __future__ import annotations

import math
import os
import tokenize
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any, BinaryIO

import numpy as np

from brian2chip.core.disk import explained_disk
from brian2chip.core.files import open_file, shown
from brian2chip.core.json_files import check, parse_json
from brian2chip.core.temporary import whole_file
from brian2chip.errors import UserError

#: Bytes that all arrays of a file may take in memory.
LARGEST = 4 << 30
#: Arrays of a file.
MOST = 10_000
#: Bytes that are read at once.
PIECE = 1 << 20
#: Kinds of numbers that arrays hold, as NumPy's ``dtype.kind``; never Python objects.
KINDS = "biufU"
#: What a damaged or forged file makes of zipfile, zlib and NumPy.
DAMAGE = (
    *(OSError, ValueError, TypeError, KeyError, EOFError, OverflowError, RuntimeError, NotImplementedError, SyntaxError, MemoryError),
    *(zipfile.BadZipFile, zlib.error, tokenize.TokenError),
)


def write_npz(path: str | os.PathLike, arrays: Mapping[str, np.ndarray]) -> Path:
    """Write arrays to a ``.npz`` file, whole or not at all; return its path."""
    path = Path(path)
    with explained_disk(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as temporary, open(temporary, "wb") as file:
            np.savez_compressed(file, **arrays)
    return path


def read_arrays(
    path: str | os.PathLike, what: str, *, largest: int = LARGEST, inside: str | os.PathLike | None = None
) -> dict[str, np.ndarray]:
    """Return the arrays of a ``.npz`` file by name.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, e.g. ``"network"``.
    largest : int
        Bytes that its arrays may take.
    inside : path, optional
        A folder that the file must be in, after all links are followed.

    Raises
    ------
    UserError
        For a file that is missing, no regular file, no ``.npz``, damaged, too large, or holds anything but plain arrays.
    """
    with open_file(path, what, largest=largest + (1 << 20), inside=inside) as file:
        return arrays_of(file, path, what, largest=largest)


def arrays_of(file: BinaryIO, path: str | os.PathLike, what: str, *, largest: int = LARGEST) -> dict[str, np.ndarray]:
    """Return the arrays of an open ``.npz`` file; parameters and errors as :func:`read_arrays`."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _check_members(members, path, what, largest)
            return {member.filename.removesuffix(".npy"): _array(archive, member) for member in members}
    except UserError:
        raise
    except DAMAGE as error:
        raise UserError(
            f"{shown(path)} is not a readable {what} file (damaged, or not an .npz: {_reason(error)}); make it again."
        ) from None


def read_npz(
    path: str | os.PathLike, expected: str, what: str, schema: Mapping[str, Any] | None = None, *, inside: str | os.PathLike | None = None
) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
    """Return the head and the arrays of a ``.npz`` whose ``head`` is JSON with ``format`` equal to ``expected``.

    Parameters
    ----------
    path, what, inside
        As :func:`read_arrays` takes them.
    expected : str
        The format, e.g. ``"brian2chip.SpikingNetwork/1"``.
    schema : mapping, optional
        A JSON Schema that the head must match.

    Raises
    ------
    UserError
        As :func:`read_arrays`, for a file of another format, and for a head that the schema refuses.
    """
    arrays = read_arrays(path, what, inside=inside)
    text = arrays.pop("head", None)
    where = f"the head of {shown(path)}"
    head = parse_json(str(text), where) if text is not None and text.dtype.kind == "U" and text.ndim == 0 else None
    given = head.get("format") if isinstance(head, dict) else None
    if given != expected:
        given = given if isinstance(given, str) else "an unknown format"
        raise UserError(f"{shown(path)} holds {given[:80]}, not {expected}; give a {what} file written by this package.")
    if schema is not None:
        check(head, schema, where)
    return head, arrays


def _check_members(members: list[zipfile.ZipInfo], path: str | os.PathLike, what: str, largest: int) -> None:
    if len(members) > MOST:
        raise UserError(f"{shown(path)} holds {len(members)} arrays; a {what} file may hold {MOST}.")
    names = [member.filename for member in members]
    if strange := next((name for name in names if not name.endswith(".npy")), None):
        raise UserError(f"{shown(path)} holds {strange[:80]!r}, which is no array; give a {what} file (.npz).")
    if len(set(names)) < len(names):
        raise UserError(f"{shown(path)} holds two arrays of one name; make it again.")
    if any(member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for member in members):
        raise UserError(f"{shown(path)} is compressed in a way that NumPy does not write; make it again.")
    if (size := sum(member.file_size for member in members)) > largest:
        raise UserError(f"the arrays of {shown(path)} would take {size / 2**30:.1f} GiB; a {what} file may take {largest / 2**30:.1f} GiB.")


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> np.ndarray:
    """Return one array, of which type and shape are read and compared with the size of the member before its numbers are."""
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, fortran_order, dtype = header(file)
        if dtype.kind not in KINDS:
            raise ValueError(f"{member.filename[:60]} holds {dtype}")
        count = math.prod(shape)
        empty = not dtype.itemsize and count > PIECE  # texts of no length, of which a file may state any number
        if min(shape, default=0) < 0 or empty or file.tell() + count * dtype.itemsize != member.file_size:
            raise ValueError(f"{member.filename[:60]} is not of the size that it states")
        values = np.zeros(count, dtype)
        if count * dtype.itemsize:
            _fill(values.view(np.uint8), file)
    _check_values(values, member.filename)
    return values.reshape(shape, order="F" if fortran_order else "C")


def _fill(raw: np.ndarray, file: IO[bytes]) -> None:
    """Read bytes into their place, a piece at a time; the end of the member, where its checksum is compared, must follow."""
    at = 0
    while at < len(raw):
        piece = np.frombuffer(file.read(min(PIECE, len(raw) - at)), np.uint8)
        if not len(piece):
            raise EOFError("it ends before its last number")
        raw[at : at + len(piece)] = piece
        at += len(piece)
    if file.read(1):
        raise ValueError("it goes on after its last number")


def _check_values(values: np.ndarray, name: str) -> None:
    """Refuse bytes that are no truth values and codes that are no characters."""
    if values.dtype.kind == "b" and np.any(values.view(np.uint8) > 1):
        raise ValueError(f"{name[:60]} holds bytes that are no truth values")
    if values.dtype.kind == "U" and values.size and values.dtype.itemsize:
        codes = values.view(np.dtype(np.uint32).newbyteorder(values.dtype.byteorder))
        if np.any((codes > 0x10FFFF) | ((codes >= 0xD800) & (codes <= 0xDFFF))):
            raise ValueError(f"{name[:60]} holds codes that are no characters")


def _reason(error: BaseException) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__
