"""Where compiled programs are kept: a folder that is this user's and private, or a temporary one when there is none."""

from __future__ import annotations

import functools
import logging
import os
import stat
import tempfile
from pathlib import Path

from platformdirs import user_cache_path

from brian2chip.core.disk import reason
from brian2chip.core.ownership import is_closed, is_mine, is_mine_or_roots
from brian2chip.core.temporary import folder_of_process

logger = logging.getLogger(__name__)

#: How temporary folders of this package begin.
PREFIX = "brian2chip-run."
_said: list[str] = []


def cache_directory() -> Path:
    """Return the folder of compiled programs: ``$BRIAN2CHIP_CACHE`` or the user's cache of this system (``~/.cache/brian2chip``)."""
    return Path(os.path.abspath(os.environ.get("BRIAN2CHIP_CACHE") or user_cache_path("brian2chip", appauthor=False)))


def kept(kind: str) -> Path:
    """Return the cache's folder for ``programs`` or ``headers``, made and private; a temporary one where it cannot be used or trusted.

    Whoever may write there, or rename a folder above it, could have a program of his own started in the place of ours. One warning says so.
    """
    wrong = why_not_kept(kind)
    if not wrong:
        return cache_directory() / kind
    say_not_kept(wrong)
    return kept_for_now(kind)


def why_not_kept(kind: str) -> str:
    """Return why the cache's folder for a kind, which is made and closed to others, cannot be used; nothing when it can."""
    folder = cache_directory() / kind
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        wrong = _distrust(folder)
        if not wrong and stat.S_IMODE(folder.stat().st_mode) != 0o700:
            folder.chmod(0o700)
    except OSError as error:
        wrong = f"{error.filename or folder}: {reason(error)}"
    return wrong


def kept_for_now(kind: str) -> Path:
    """Return a folder of a kind that is removed when this process ends."""
    folder = _temporary(os.getpid()) / kind
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder


@functools.cache
def _temporary(process: int) -> Path:
    return folder_of_process(tempfile.gettempdir(), PREFIX)


def say_not_kept(why: str) -> None:
    """Warn, the first time in this process alone, that what is compiled is not kept."""
    if not _said:
        _said.append(why)
        logger.warning(
            "compiled programs are not kept after this process (%s); set BRIAN2CHIP_CACHE to a folder that is yours and that nobody else "
            "may write to.",
            why,
        )


def _distrust(folder: Path) -> str:
    """Return why a folder, or one above it, is not safe from other users; nothing when it is."""
    real = Path(os.path.realpath(folder))
    if not is_mine(real.stat()):
        return f"{real} belongs to another user"
    if not is_closed(real.stat()):
        return f"others may write to {real}"
    for parent in real.parents:
        found = parent.stat()
        if not is_mine_or_roots(found):
            return f"{parent} belongs to another user"
        if not is_closed(found) and not found.st_mode & stat.S_ISVTX:
            return f"others may write to {parent}"
    return ""
