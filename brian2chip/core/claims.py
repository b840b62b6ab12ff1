"""Outputs that one process at a time writes: a file beside each says who does, and since when."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import platform
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path

from brian2chip.core import temporary
from brian2chip.core.disk import explained_disk
from brian2chip.errors import UserError

#: What a file system answers that has no locks.
NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EBADF)
#: Seconds that a process may take to write down who it is.
PATIENCE = 2.0

_mine: set[tuple[Path, int, int]] = set()


@contextmanager
def claimed(out: str | os.PathLike) -> Iterator[None]:
    """Hold an output file or folder while it is made; inside, the same thread may claim it again.

    The lock goes with the process: one that was killed holds nothing.

    Raises
    ------
    UserError
        When another process, or another thread of this one, writes there, with its number, its machine and since when.
    """
    if "\0" in os.fspath(out):
        raise UserError(f"the output was given as {os.fspath(out)!r:.60}, and no name of a file holds a zero byte; give another.")
    path = Path(os.path.realpath(out))
    me = (path, os.getpid(), threading.get_ident())
    if me in _mine or temporary.fcntl is None:
        yield
        return
    made = [folder for folder in path.parents if not folder.exists()]
    try:
        with explained_disk(out):
            path.parent.mkdir(parents=True, exist_ok=True)
            lock = path.parent / f"{temporary.PREFIX}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}.lock"
            held = _held(lock, path)
        _mine.add(me)
        try:
            yield
        finally:
            _mine.discard(me)
            if held is not None and os.getpid() == me[1]:
                with suppress(OSError):
                    os.unlink(lock)
                os.close(held)
    finally:
        for folder in made:  # those that stayed empty
            with suppress(OSError):
                folder.rmdir()


def _held(lock: Path, out: Path) -> int | None:
    """Return the descriptor that holds a lock file, None where the file system has no locks."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            held = temporary.claim(lock, os.O_RDWR | os.O_CREAT)
        except OSError as error:
            if error.errno in NO_LOCKS:
                return None
            raise
        if held is not None:
            now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
            with suppress(OSError):  # on a full disk the lock holds, without a word
                os.ftruncate(held, 0)
                os.pwrite(held, json.dumps({"pid": os.getpid(), "host": platform.node(), "since": now}).encode(), 0)
            return held
        who = _who(lock)
        if who is None and time.monotonic() < end:  # it was just given back, or is just being written
            time.sleep(0.02)
            continue
        said = f"process {who['pid']} on {who['host']} since {who['since']}" if who else "another process"
        raise UserError(f"{str(out)[:300]} is being written by {said}; wait until it ends, or choose another folder.")


def _who(lock: Path) -> dict | None:
    try:
        found = json.loads(lock.read_text())
        return {name: str(found[name])[:100] for name in ("pid", "host", "since")}
    except (OSError, ValueError, KeyError, TypeError):
        return None
