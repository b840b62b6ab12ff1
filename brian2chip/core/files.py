"""Files from outside, opened safely: regular files only, of a bounded size, and never through a link out of their folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from brian2chip.errors import UserError

#: Bytes that a text file may have.
LARGEST_TEXT = 64 << 20


@contextmanager
def open_file(
    path: str | os.PathLike, what: str, *, largest: int | None = None, inside: str | os.PathLike | None = None
) -> Iterator[BinaryIO]:
    """Give a regular file, open for reading bytes; a pipe or a device is refused and not waited for.

    Parameters
    ----------
    path : path
    what : str
        What the file is, for messages, e.g. ``"trace"``.
    largest : int, optional
        Bytes that it may have.
    inside : path, optional
        A folder that the file must be in, after all links are followed.

    Raises
    ------
    UserError
        For a file that is missing, no regular file, not readable, too large, or outside the folder.
    """
    try:
        if inside is not None:
            _check_inside(path, what, inside)
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise UserError(f"{shown(path)} is no file; give a {what} file.")
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except FileNotFoundError:
        raise UserError(f"there is no {what} file {shown(path)}.") from None
    except UserError:
        raise
    except (OSError, ValueError) as error:
        raise UserError(f"the {what} file {shown(path)} cannot be opened ({_reason(error)}).") from None
    with os.fdopen(handle, "rb") as file:
        state = os.fstat(file.fileno())
        if not stat.S_ISREG(state.st_mode):  # exchanged since it was looked at
            raise UserError(f"{shown(path)} is no file; give a {what} file.")
        if largest is not None and state.st_size > largest:
            size = f"{state.st_size / 2**20:.4g} MiB; a {what} file may have {largest / 2**20:.4g} MiB"
            raise UserError(f"{shown(path)} has {size}.")
        yield file


def read_bytes(path: str | os.PathLike, what: str, *, largest: int, inside: str | os.PathLike | None = None) -> bytes:
    """Return the bytes of a file; parameters and errors as :func:`open_file`."""
    with open_file(path, what, largest=largest, inside=inside) as file:
        try:
            return file.read(min(largest, os.fstat(file.fileno()).st_size))  # read() sets aside what it is asked for
        except OSError as error:
            raise UserError(f"the {what} file {shown(path)} cannot be read ({_reason(error)}).") from None


def read_text(
    path: str | os.PathLike,
    what: str,
    *,
    largest: int = LARGEST_TEXT,
    inside: str | os.PathLike | None = None,
    encoding: str = "utf-8",
) -> str:
    """Return the text of a file with line ends as ``"\\n"``.

    Raises
    ------
    UserError
        As :func:`open_file`, and for bytes that are no text in the encoding.
    """
    data = read_bytes(path, what, largest=largest, inside=inside)
    try:
        return data.decode(encoding).replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise UserError(f"{shown(path)} is not a text file in {encoding.upper()} (byte {error.start}); give a {what} file.") from None


def shown(path: str | os.PathLike) -> str:
    """Return a path as messages show it, in quotes."""
    return repr(str(path))[:300]


def _check_inside(path: str | os.PathLike, what: str, folder: str | os.PathLike) -> None:
    real, top = (os.path.realpath(p) for p in (path, folder))
    if Path(top) not in Path(real).parents:
        raise UserError(f"the {what} file {shown(path)} leads out of the folder {shown(folder)}; put the file itself there.")


def _reason(error: BaseException) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())[:120] or type(error).__name__
