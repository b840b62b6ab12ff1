"""Files and folders under a temporary name that end with their process: the next one removes what a killed one left.

What is being written is locked, and the system gives the lock back when its process ends, however it ends. Whatever bears such a name
and is not locked was abandoned.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a Unix: nothing is locked, so nothing is removed either
    fcntl = None

#: How every temporary name beside a result begins.
PREFIX = ".brian2chip."

#: What follows there: a number, and an end for locks.
NAME = r"[0-9a-f]{16}(\.lock)?"

_own: set[tuple[int, Path]] = set()


def claim(path: str | os.PathLike, flags: int = os.O_RDONLY) -> int | None:
    """Return an open descriptor that holds a file or folder for this process, or None when another holds it.

    Parameters
    ----------
    path : path
    flags : int
        Of ``os.open``, e.g. to make the file.

    Raises
    ------
    OSError
        When it cannot be opened, or when its file system has no locks.
    """
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), os.stat(path, follow_symlinks=False)):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def remove_abandoned(parent: str | os.PathLike, prefix: str = PREFIX) -> None:
    """Remove this user's temporary files and folders that no process holds any more."""
    if fcntl is None:
        return
    with suppress(OSError), os.scandir(parent) as entries:
        for entry in [entry for entry in entries if re.fullmatch(re.escape(prefix) + NAME, entry.name)]:
            with suppress(OSError):
                _remove_if_abandoned(entry)


def _remove_if_abandoned(entry: os.DirEntry) -> None:
    if entry.is_symlink() or entry.stat(follow_symlinks=False).st_uid != os.geteuid():
        return
    if not (entry.is_dir() or entry.is_file()):
        return
    held = claim(entry.path)
    if held is None:
        return
    try:
        if entry.is_dir():
            shutil.rmtree(entry.path, ignore_errors=True)
        else:
            os.unlink(entry.path)
    finally:
        os.close(held)


@contextmanager
def temporary_folder(parent: str | os.PathLike, prefix: str = PREFIX, mode: int = 0o777) -> Iterator[Path]:
    """Yield a new folder that is removed at the end by the process that made it, if it still bears this name."""
    remove_abandoned(parent, prefix)
    path, held = _held(lambda path: os.mkdir(path, mode), Path(parent), prefix)
    me = (os.getpid(), path)
    _own.add(me)
    try:
        yield path
    finally:
        _own.discard(me)
        if os.getpid() == me[0]:
            shutil.rmtree(path, ignore_errors=True)
        if held is not None:
            os.close(held)


def remove_own() -> None:
    """Remove the temporary folders of this process, which is about to end without further ado."""
    for process, path in list(_own):
        if process == os.getpid():
            shutil.rmtree(path, ignore_errors=True)


def folder_of_process(parent: str | os.PathLike, prefix: str = PREFIX) -> Path:
    """Return a new private folder that is removed when this process ends."""
    from multiprocessing import util  # what is registered there runs in its processes too, where atexit's does not

    stack = ExitStack()
    folder = stack.enter_context(temporary_folder(parent, prefix, 0o700))
    util.Finalize(None, stack.close, exitpriority=1)
    return folder


@contextmanager
def whole_file(path: str | os.PathLike) -> Iterator[Path]:
    """Yield a new file's path that takes the name ``path`` at the end; an interruption leaves nothing half."""
    path = Path(path)
    remove_abandoned(path.parent)
    temporary, held = _held(lambda new: os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666)), path.parent, PREFIX)
    try:
        yield temporary
        with open(temporary, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        with suppress(OSError):
            os.unlink(temporary)
        if held is not None:
            os.close(held)


def _held(make, parent: Path, prefix: str) -> tuple[Path, int | None]:
    """Return a new path that ``make`` made, and the descriptor that holds it, where the file system has locks."""
    while True:
        path = parent / f"{prefix}{secrets.token_hex(8)}"
        make(path)
        if fcntl is None:
            return path, None
        try:
            held = claim(path)
        except OSError:
            if path.exists():  # a file system without locks
                return path, None
            continue
        if held is not None:  # None: another process took it for abandoned in the moment before
            return path, held
