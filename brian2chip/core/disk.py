"""What a disk refuses, as one sentence that names the disk and nothing else."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from brian2chip.errors import UserError

FULL = (errno.ENOSPC, errno.EDQUOT)

REMEDY = "make room, or set TMPDIR to another folder"


def reason(error: OSError) -> str:
    """Return why the disk refused, in words."""
    if error.errno in FULL or (error.errno is None and "requested and" in str(error)):  # the words of NumPy's tofile
        return "the disk is full"
    return error.strerror or " ".join(str(error).split())[:160] or type(error).__name__


@contextmanager
def explained_disk(path: str | os.PathLike, remedy: str = "make room, or choose another place") -> Iterator[None]:
    """Turn errors of the system while something is written into one sentence.

    Parameters
    ----------
    path : path
        What is being written.
    remedy : str
        What to do about it.
    """
    try:
        yield
    except (BrokenPipeError, InterruptedError):
        raise
    except OSError as error:
        raise UserError(f"cannot write {str(path)[:300]}: {reason(error)}; {remedy}.") from error
