"""Where the code of a session is generated and its program runs: a private folder that ends with its process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from brian2chip.core.cache_folder import PREFIX
from brian2chip.core.disk import REMEDY, explained_disk
from brian2chip.core.temporary import folder_of_process, remove_abandoned, temporary_folder

#: Linux's folder in memory, and the bytes that must be free there for a run to keep its files in it.
IN_MEMORY, ROOM = "/dev/shm", 2 * 2**30


@contextmanager
def build_folder(directory: str | os.PathLike | None) -> Iterator[Path]:
    """Yield the folder of generated code: the given one, or a temporary one that is removed at the end; removes what was left by others."""
    for parent in {IN_MEMORY, tempfile.gettempdir()}:
        remove_abandoned(parent, PREFIX)
    with ExitStack() as stack:
        with explained_disk(directory or "a temporary folder", REMEDY):
            if directory is not None:
                folder = Path(directory).resolve()
                folder.mkdir(parents=True, exist_ok=True)
            else:
                folder = stack.enter_context(temporary_folder(_parent(), PREFIX, 0o700))
        yield folder


def folder_after_fork(move: Callable[[Path], None]) -> Path:
    """Return a folder for a process that was forked while a session was open, after ``move`` has taken what it needs there."""
    with explained_disk("a temporary folder", REMEDY):
        folder = folder_of_process(_parent(), PREFIX)
        move(folder)
    return folder


def _parent() -> Path:
    """Return where the folder is made: in memory where there is room, as a program writes and we remove hundreds of files.

    Who sets TMPDIR has chosen a place.
    """
    usable = os.path.isdir(IN_MEMORY) and os.access(IN_MEMORY, os.W_OK) and "TMPDIR" not in os.environ
    return Path(IN_MEMORY if usable and shutil.disk_usage(IN_MEMORY).free >= ROOM else tempfile.gettempdir()).resolve()
