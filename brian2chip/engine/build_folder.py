"""Where the code of a session is generated and its program runs: a private folder that ends with its process."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from brian2chip.core.disk import explained_disk
from brian2chip.core.temporary import folder_of_process, temporary_folder
from brian2chip.engine import brian2_log
from brian2chip.engine.cache_folder import PREFIX

REMEDY = "make room, or set TMPDIR to another folder"


@contextmanager
def build_folder(directory: str | os.PathLike | None) -> Iterator[Path]:
    """Yield the folder of generated code: the given one, or a temporary one that is removed at the end; removes what was left by others."""
    brian2_log.remove_abandoned()
    with ExitStack() as stack:
        with explained_disk(directory or "a temporary folder", REMEDY):
            if directory is not None:
                folder = Path(directory).resolve()
                folder.mkdir(parents=True, exist_ok=True)
            else:
                folder = stack.enter_context(temporary_folder(Path(tempfile.gettempdir()).resolve(), PREFIX, 0o700))
        yield folder


def folder_after_fork(move: Callable[[Path], None]) -> Path:
    """Return a folder for a process that was forked while a session was open, after ``move`` has taken what it needs there."""
    with explained_disk("a temporary folder", REMEDY):
        folder = folder_of_process(Path(tempfile.gettempdir()).resolve(), PREFIX)
        move(folder)
    return folder
