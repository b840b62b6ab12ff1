"""The cache of compiled programs: found by their generated source, verified before they start, otherwise compiled."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
from pathlib import Path

from brian2chip.core import cache_contents, cache_folder, kept_files
from brian2chip.core.disk import reason
from brian2chip.engine import compiler, generated_source, precompiled_header


def machine() -> tuple[str, ...]:
    """Return what a compiled program depends on besides its source: compiler and processor (``-march=native``)."""
    program = compiler.compiler() or "g++"
    return (os.environ.get("CXX", ""), program, compiler.version(program), platform.machine(), _processor())


@functools.cache
def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    flags = re.search(r"^flags.*$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    return flags.group() if flags else platform.processor()


def key(directory: Path, make_args: list[str]) -> str:
    """Return the hash of the generated source, the flags and the machine."""
    digest = hashlib.sha256(repr((machine(), make_args)).encode())
    for path in sorted(directory.rglob("*")):
        if (path.suffix in (".cpp", ".cu", ".h") and path.name != generated_source.PREFIX) or path.name == "makefile":
            digest.update(str(path.relative_to(directory)).encode())
            digest.update(generated_source.same_everywhere(path.read_bytes()))
    return digest.hexdigest()[:32]


def find_or_compile(directory: Path, make_args: list[str], called: str = compiler.CALLED) -> tuple[Path, bool]:
    """Return the program of the source in a folder, and whether the cache had it; ``called`` is what a message calls the compiler.

    What the cache holds is taken when its digest fits, and otherwise compiled anew. Where the cache cannot be written, the program stays
    in a temporary folder or beside its source.

    Raises
    ------
    UserError
        When it does not compile.
    """
    name = key(directory, make_args)
    program = cache_folder.kept("programs") / name
    if kept_files.is_whole(program):
        return program, True
    from filelock import FileLock  # it brings asyncio along, and most runs find their program

    try:
        # Two processes that want the same program: the second waits for the first instead of compiling it again.
        with FileLock(program.with_suffix(".lock")):
            if kept_files.is_whole(program):
                return program, True
            made = kept_files.keep(_compiled(directory, make_args, called), program)
        cache_contents.trim()
        return made, False
    except (OSError, NotImplementedError) as error:  # the latter where a file system has no locks
        why = reason(error) if isinstance(error, OSError) else "its file system has no locks"
        cache_folder.say_not_kept(f"{program.parent}: {why}")
        return _compiled_beside(directory, name, make_args, called)


def _compiled_beside(directory: Path, name: str, make_args: list[str], called: str) -> tuple[Path, bool]:
    """Return a program that the cache does not take: in this process's temporary cache or, when that is full, where it was compiled."""
    program = cache_folder.kept_for_now("programs") / name
    if kept_files.is_whole(program):
        return program, True
    compiled = directory / "main" if (directory / "main").exists() else _compiled(directory, make_args, called)
    try:
        return kept_files.keep(compiled, program), False
    except OSError:
        return compiled, False


def _compiled(directory: Path, make_args: list[str], called: str) -> Path:
    precompiled_header.add(directory, machine())
    return compiler.compile_in(directory, make_args, called)


def put_back(copy: Path, name: str) -> Path:
    """Return a program that the cache has lost, there again from a copy of it."""
    program = cache_folder.kept("programs") / name
    try:
        return kept_files.keep(copy, program)
    except OSError as error:
        cache_folder.say_not_kept(f"{program.parent}: {reason(error)}")
        return kept_files.keep(copy, cache_folder.kept_for_now("programs") / name)
