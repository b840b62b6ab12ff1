"""What the cache holds, how old and large it is; it shrinks by itself, and is cleared when it is asked to be."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from brian2chip.core.cache_folder import cache_directory

#: Kinds of entries: compiled programs, what starts them without Brian2, what Brian2 read in equations, cells of the atlas, headers of the
#: compiler.
KINDS = ("programs", "recipes", "readings", "cells", "headers")
#: What bears no such name is not ours.
NAME = re.compile(r"([0-9a-f]{32})(\.sha256|\.lock|\.gch)?")
#: Entries that were not used for so many days go, and the longest unused ones while all together are larger.
DAYS, BYTES = 90, 2 * 2**30


@dataclass(frozen=True)
class Entry:
    """One entry: its files, their bytes, and when it was last used (seconds since 1970)."""

    kind: str
    files: tuple[Path, ...]
    size: int
    used: float


def entries() -> list[Entry]:
    """Return the entries of the cache, the longest unused first."""
    found: dict[tuple[str, str], list[Path]] = {}
    for kind in KINDS:
        folder = cache_directory() / kind
        with suppress(OSError):
            for path in folder.iterdir():
                if (match := NAME.fullmatch(path.name)) and not folder.is_symlink():
                    found.setdefault((kind, match[1]), []).append(path)
    made = []
    for (kind, _), files in found.items():
        with suppress(OSError):  # another process removes it
            about = [path.lstat() for path in files]
            made.append(Entry(kind, tuple(files), sum(each.st_size for each in about), max(each.st_mtime for each in about)))
    return sorted(made, key=lambda entry: entry.used)


def remove(gone: Iterable[Entry]) -> int:
    """Remove entries and return how many bytes that freed; what runs meanwhile makes its program anew."""
    freed = 0
    for entry in gone:
        with suppress(OSError):
            for path in entry.files:
                path.unlink(missing_ok=True)
            freed += entry.size
    return freed


def trim(days: float = DAYS, most: int = BYTES) -> int:
    """Remove what was not used for some days, then the longest unused entries while all together are larger; return the bytes freed."""
    old = time.time() - days * 86400
    found, gone = entries(), []
    size = sum(entry.size for entry in found)
    for entry in found:
        if entry.used < old or size > most:
            gone.append(entry)
            size -= entry.size
    return remove(gone)
