"""Files of the cache, each with a digest beside it: taken when it is this user's own and whole, replaced otherwise."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from contextlib import suppress
from pathlib import Path

from brian2chip.core.ownership import is_closed, is_mine
from brian2chip.core.temporary import whole_file


def is_whole(path: Path, permission: int = os.X_OK) -> bool:
    """Return whether a kept file is this user's own, allows what it is for (to be started), and is what its digest says."""
    try:
        found = path.lstat()
        mine = stat.S_ISREG(found.st_mode) and is_mine(found) and is_closed(found)
        whole = mine and os.access(path, permission) and _digest_file(path).read_text() == _digest(path)
        if whole:
            with suppress(OSError):
                os.utime(_digest_file(path))  # the longest unused go first
        return whole
    except (OSError, ValueError):
        return False


def state(path: Path) -> tuple[int, ...]:
    """Return what changes when a verified file is replaced, touched or removed."""
    with suppress(OSError):
        found = path.lstat()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return ()


def _digest_file(path: Path) -> Path:
    return path.with_suffix(".sha256")


def _digest(path: Path) -> str:
    """Return the digest of a file and of the name under which it is kept, so that none can stand in another's place."""
    with open(path, "rb") as file:
        return hashlib.sha256(path.name.encode() + hashlib.file_digest(file, "sha256").digest()).hexdigest()


def keep(made: Path, path: Path, permission: int = os.X_OK) -> Path:
    """Put a file into the cache, with its digest, in the place of what is there; return its path.

    Raises
    ------
    OSError
        When it cannot be written, or not be used there.
    """
    for old in (path, _digest_file(path)):
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    with whole_file(path) as temporary:
        shutil.copyfile(made, temporary)
        temporary.chmod(0o700)
    with whole_file(_digest_file(path)) as temporary:
        temporary.write_text(_digest(path))
        temporary.chmod(0o600)
    if not is_whole(path, permission):
        raise OSError(f"{path.name} cannot be used in {path.parent}")
    return path
