"""Programs that this process starts, compiler and compiled program: none of them goes on when this one stops or is stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

#: The variable that tells a compiled program whose child it is.
PARENT = "BRIAN2CHIP_PARENT"


def run(
    command: Sequence[str | Path],
    folder: Path,
    output: IO | int,
    *,
    environment: Mapping[str, str] | None = None,
    wait: Callable[[subprocess.Popen], Any] = subprocess.Popen.wait,
) -> int:
    """Return the exit code of a command that ran in a folder; an exception meanwhile ends it, with all that it started.

    Parameters
    ----------
    command : sequence of str
    folder : Path
    output : file or ``subprocess.PIPE``
        Takes what it prints.
    environment : mapping, optional
        Changes to the variables of this process.
    wait : callable
        Returns when the process has ended.

    Raises
    ------
    OSError
        When it cannot be started.
    """
    process = subprocess.Popen(
        [str(word) for word in command],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env={**os.environ, PARENT: str(os.getpid()), **(environment or {})},
        start_new_session=True,
    )
    try:
        wait(process)
    except BaseException:
        with suppress(ProcessLookupError, PermissionError):
            _end(process)
        process.wait()
        raise
    return process.returncode


def _end(process: subprocess.Popen) -> None:
    """End a process with all that it started, or alone where the system has no groups of processes."""
    end_group = getattr(os, "killpg", None)
    process.kill() if end_group is None else end_group(process.pid, signal.SIGKILL)
