"""Caches that are damaged, planted, foreign or not there: what runs is what was generated, and nothing else ever."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

from chaos_common import Row, left_in

from brian2chip.core import cache_folder
from brian2chip.engine import program_cache

#: A makefile whose "compiler" is a copy: it says how often it was called.
MAKEFILE = "main: program.cpp\n\tcp program.cpp main\n\tchmod 755 main\n\techo made >> made.log\n"
PROGRAM = "#!/bin/sh\necho right\n"


def source(folder: Path) -> Path:
    """Make a folder of source that "compiles" at once."""
    folder.mkdir(parents=True)
    (folder / "makefile").write_text(MAKEFILE)
    (folder / "program.cpp").write_text(f"{PROGRAM}# {folder}\n")
    return folder


def built(folder: Path) -> tuple[str, int]:
    """Return what the program of a source says, and how often it was compiled."""
    program, _ = program_cache.find_or_compile(folder, [])
    said = subprocess.run([program], cwd=folder, capture_output=True, text=True).stdout.strip()
    log = folder / "made.log"
    return said, len(log.read_text().split()) if log.exists() else 0


def _planted(entry: Path, trap: Path) -> None:
    entry.write_text(f"#!/bin/sh\ntouch {trap}\necho wrong\n")
    entry.chmod(0o755)


def _swapped(entry: Path, trap: Path) -> None:
    """Put another whole entry, digest and all, in the place of this one."""
    other = source(entry.parents[2] / "other")
    (other / "program.cpp").write_text(f"#!/bin/sh\ntouch {trap}\necho wrong\n")
    program, _ = program_cache.find_or_compile(other, [])
    shutil.copy2(program, entry)
    shutil.copy2(program.with_suffix(".sha256"), entry.with_suffix(".sha256"))


def _link(entry: Path, trap: Path) -> None:
    _planted(entry.parent / "elsewhere", trap)
    entry.unlink()
    entry.symlink_to(entry.parent / "elsewhere")


def _folder(entry: Path, trap: Path) -> None:
    entry.unlink()
    (entry / "below").mkdir(parents=True)


def _foreign_entry(entry: Path, trap: Path) -> None:
    _planted(entry, trap)
    os.chown(entry, 12345, 12345)


#: What can be wrong with one entry.
ENTRIES: dict[str, Callable[[Path, Path], object]] = {
    "damaged entry": lambda entry, trap: entry.write_bytes(entry.read_bytes()[:-3] + b"xyz"),
    "truncated entry": lambda entry, trap: os.truncate(entry, 5),
    "empty entry": lambda entry, trap: os.truncate(entry, 0),
    "entry that cannot be executed": lambda entry, trap: entry.chmod(0o600),
    "entry without a digest": lambda entry, trap: entry.with_suffix(".sha256").unlink(),
    "digest without an entry": lambda entry, trap: entry.unlink(),
    "digest of something else": lambda entry, trap: entry.with_suffix(".sha256").write_text("0" * 64),
    "entry that others may write": lambda entry, trap: entry.chmod(0o777),
    "planted entry": _planted,
    "entry of another source": _swapped,
    "link": _link,
    "folder for an entry": _folder,
}


def _others_may_write(cache: Path) -> None:
    (cache / "programs").mkdir(parents=True)
    (cache / "programs").chmod(0o777)


def _parent_of_others(cache: Path) -> None:
    cache.mkdir(parents=True)
    cache.chmod(0o775)


def _foreign(cache: Path) -> None:
    (cache / "programs").mkdir(parents=True)
    os.chown(cache / "programs", 12345, 12345)


#: Caches that cannot be trusted or used as a whole.
CACHES: dict[str, Callable[[Path], object]] = {
    "missing cache": lambda cache: None,
    "cache that is a file": lambda cache: cache.write_text("no folder"),
    "cache that others may write": _others_may_write,
    "cache in a folder that others may write": _parent_of_others,
}


@contextlib.contextmanager
def _cache(folder: Path | str) -> Iterator[list[str]]:
    """Set the cache and collect warnings."""
    said: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: said.append(record.getMessage())
    before = os.environ.get("BRIAN2CHIP_CACHE")
    os.environ["BRIAN2CHIP_CACHE"] = str(folder)
    cache_folder.logger.addHandler(handler)
    cache_folder._said.clear()
    try:
        yield said
    finally:
        cache_folder.logger.removeHandler(handler)
        os.environ.pop("BRIAN2CHIP_CACHE") if before is None else os.environ.__setitem__("BRIAN2CHIP_CACHE", before)


def caches(folder: Path) -> Row:
    """Try each kind of cache and of entry."""
    row = Row("caches")
    foreign = {"entry of another user": _foreign_entry} if os.geteuid() == 0 else {}
    for name, harm in (ENTRIES | foreign).items():
        row.tried += 1
        place, trap = folder / name.replace(" ", "_"), folder / "trap"
        with _cache(place / "cache"):
            made = source(place / "source")
            built(made)
            (entry,) = [p for p in (place / "cache" / "programs").iterdir() if not p.suffix]
            harm(entry, trap)
            _judge(row, name, built(made), trap, times=2)
            _judge(row, f"{name}, once more", built(made), trap, times=2)
            known = {p.name for p in (place / "cache" / "programs").iterdir() if not p.name.startswith(".")}
            if left := left_in(place / "cache" / "programs", known=tuple(known)):
                row.fault("left", f"{name}: {left}")
    for name, make in (CACHES | ({"cache of another user": _foreign} if foreign else {})).items():
        row.tried += 1
        place = folder / name.replace(" ", "_")
        place.mkdir()
        make(place / "cache")
        with _cache(place / "cache") as said:
            made = source(place / "source")
            _judge(row, name, built(made), folder / "trap", times=1)
            _judge(row, f"{name}, once more", built(made), folder / "trap", times=1)
            if len(said) != (name != "missing cache"):
                row.fault("wrong", f"{name}: warnings {said}")
    row.tried += 1
    before = Path.cwd()
    os.chdir(folder)
    try:
        with _cache("relative/cache"):
            made = source(folder / "relative_source")
            _judge(row, "relative cache", built(made), folder / "trap", times=1)
            _judge(row, "relative cache, once more", built(made), folder / "trap", times=1)
    finally:
        os.chdir(before)
    return row


def _judge(row: Row, name: str, found: tuple[str, int], trap: Path, times: int) -> None:
    if trap.exists():
        row.fault("wrong", f"{name}: a planted program ran")
        trap.unlink()
    if found != ("right", times):
        row.fault("wrong", f"{name}: the program said {found[0]!r} and was compiled {found[1]} times, not {times}")
