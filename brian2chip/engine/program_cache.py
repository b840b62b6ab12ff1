"""The cache of compiled programs: found by their generated source, verified before they start, otherwise compiled."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import stat
from contextlib import suppress
from pathlib import Path

import brian2

from brian2chip.core import brian2_internals as internals
from brian2chip.core.disk import reason
from brian2chip.core.temporary import whole_file
from brian2chip.engine import cache_folder, compiler


def _machine() -> tuple[str, ...]:
    """Return what a compiled program depends on besides its source: compiler, processor (``-march=native``), Brian2."""
    program = compiler.compiler() or "g++"
    return (brian2.__version__, os.environ.get("CXX", ""), program, compiler.version(program), platform.machine(), _processor())


@functools.cache
def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    flags = re.search(r"^flags.*$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    return flags.group() if flags else platform.processor()


def key(directory: Path, make_args: list[str]) -> str:
    """Return the hash of the generated source, the flags and the machine."""
    digest = hashlib.sha256(repr((_machine(), make_args)).encode())
    for path in sorted(directory.rglob("*")):
        if path.suffix in (".cpp", ".h") or path.name == "makefile":
            digest.update(str(path.relative_to(directory)).encode())
            digest.update(internals.without_clock_order(path.read_bytes()))
    return digest.hexdigest()[:32]


def find_or_compile(directory: Path, make_args: list[str]) -> tuple[Path, bool]:
    """Return the program of the source in a folder, and whether the cache had it.

    What the cache holds is taken when its digest fits, and otherwise compiled anew. Where the cache cannot be written, the program stays
    in a temporary folder or beside its source.

    Raises
    ------
    UserError
        When it does not compile.
    """
    name = key(directory, make_args)
    program = cache_folder.programs() / name
    if is_whole(program):
        return program, True
    from filelock import FileLock  # it brings asyncio along, and most runs find their program

    try:
        # Two processes that want the same program: the second waits for the first instead of compiling it again.
        with FileLock(program.with_suffix(".lock")):
            if is_whole(program):
                return program, True
            return _kept(compiler.compile_in(directory, make_args), program), False
    except (OSError, NotImplementedError) as error:  # the latter where a file system has no locks
        why = reason(error) if isinstance(error, OSError) else "its file system has no locks"
        cache_folder.say_once(f"compiled programs are not kept ({program.parent}: {why}); set BRIAN2CHIP_CACHE to another folder.")
        return _compiled_beside(directory, name, make_args)


def _compiled_beside(directory: Path, name: str, make_args: list[str]) -> tuple[Path, bool]:
    """Return a program that the cache does not take: in this process's temporary cache or, when that is full, where it was compiled."""
    program = cache_folder.temporary_programs() / name
    if is_whole(program):
        return program, True
    compiled = directory / "main" if (directory / "main").exists() else compiler.compile_in(directory, make_args)
    try:
        return _kept(compiled, program), False
    except OSError:
        return compiled, False


def is_whole(program: Path) -> bool:
    """Return whether a kept program is this user's own, can be started, and is what its digest says."""
    try:
        found = program.lstat()
        mine = stat.S_ISREG(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & cache_folder.WRITABLE_BY_OTHERS
        return mine and os.access(program, os.X_OK) and _digest_file(program).read_text() == _digest(program)
    except (OSError, ValueError):
        return False


def state(program: Path) -> tuple[int, ...]:
    """Return what changes when a verified program is replaced, touched or removed."""
    with suppress(OSError):
        found = program.lstat()
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return ()


def _digest_file(program: Path) -> Path:
    return program.with_suffix(".sha256")


def _digest(program: Path) -> str:
    """Return the digest of a program and of the source that it stands for, so that no program can stand in another's place."""
    with open(program, "rb") as file:
        return hashlib.sha256(program.name.encode() + hashlib.file_digest(file, "sha256").digest()).hexdigest()


def _kept(compiled: Path, program: Path) -> Path:
    """Put a compiled program into the cache, with its digest, in the place of what is there; return where it can be started."""
    for old in (program, _digest_file(program)):
        if old.is_dir() and not old.is_symlink():
            shutil.rmtree(old)
        else:
            old.unlink(missing_ok=True)
    with whole_file(program) as temporary:
        shutil.copyfile(compiled, temporary)
        temporary.chmod(0o700)
    with whole_file(_digest_file(program)) as temporary:
        temporary.write_text(_digest(program))
    if not is_whole(program):
        raise OSError(f"a program cannot be started from {program.parent}")
    return program
