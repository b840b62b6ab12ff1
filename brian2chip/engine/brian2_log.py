"""Brian2's temporary log files: those of a process that was killed are removed by the next one.

Brian2 removes them itself when a process ends, unless an exception ended it: then they are kept, here too.
"""

from __future__ import annotations

import atexit
import os
import re
import tempfile
from contextlib import suppress
from pathlib import Path

from brian2chip.core import brian2_internals as internals
from brian2chip.core.temporary import claim, fcntl

#: Lines in a log: it goes when its process was killed, with another file that is named; it shall be kept.
OURS, KEPT = "brian2chip removes this file when its process was killed, with", "brian2chip keeps this file"
#: Bytes at the beginning of a log in which the first line is found.
HEAD = 1 << 16

_held: list[int] = []


def hold() -> None:
    """Mark Brian2's log files as this process's, for as long as it lives."""
    files, _ = internals.log_files()
    if fcntl is None or not files or _held:
        return
    with suppress(OSError):
        descriptor = claim(files[0])
        if descriptor is not None:
            _held.append(descriptor)
            _append(files[0], f"{OURS} {files[-1].name}")
            atexit.register(_keep_if_wanted)


def _append(path: Path, line: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write(f"{line}\n")


def _keep_if_wanted() -> None:
    files, kept = internals.log_files()
    if kept and files and files[0].exists():
        _append(files[0], KEPT)


def remove_abandoned() -> None:
    """Remove the log files of processes that were killed."""
    if fcntl is None:
        return
    folder = Path(tempfile.gettempdir())
    for log in folder.glob("brian_debug_*.log"):
        with suppress(OSError):
            if log.is_symlink() or not log.is_file() or log.stat().st_uid != os.geteuid():
                continue
            with open(log, "rb") as file:
                found = re.search(rf"{OURS} (brian_\w+\.(?:py|log))".encode(), file.read(HEAD))
                file.seek(max(0, log.stat().st_size - 2 * len(KEPT)))
                if not found or KEPT.encode() in file.read():
                    continue
            descriptor = claim(log)
            if descriptor is not None:
                for path in (log, folder / found.group(1).decode()):
                    path.unlink(missing_ok=True)
                os.close(descriptor)
