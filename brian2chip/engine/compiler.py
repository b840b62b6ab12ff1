"""The C++ compiler and make: found, called, and blamed when it is they that fail."""

from __future__ import annotations

import functools
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from brian2chip.core.disk import REMEDY, explained_disk
from brian2chip.engine import child
from brian2chip.errors import UserError

#: What to do without a compiler that works.
INSTEAD = "or use device 'numpy'"
#: What a message calls the compiler.
CALLED = "the C++ compiler"


def words() -> list[str]:
    """Return the compiler as ``$CXX`` names it, with its arguments."""
    try:
        return shlex.split(os.environ.get("CXX", "")) or ["g++"]
    except ValueError:
        return [os.environ["CXX"]]


def compiler() -> str | None:
    """Return the C++ compiler that the standalone device would use, or None; without make there is none either."""
    return shutil.which(words()[0]) if shutil.which("make") else None


def compiles_modules() -> bool:
    """Return whether Cython's modules can be compiled, which takes no make; on Windows setuptools looks for Visual Studio itself."""
    return sys.platform == "win32" or shutil.which(words()[0]) is not None


def missing(make: bool = True) -> str:
    """Return what is not there of compiler and, where it is needed, make, as the subject of a sentence."""
    return "no make" if make and not shutil.which("make") else f"no C++ compiler ({words()[0]}, or what $CXX names)"


@functools.cache
def version(program: str) -> str:
    """Return the version that a compiler says it has, nothing when it does not answer."""
    try:
        return subprocess.run([program, "-dumpfullversion"], capture_output=True, text=True, errors="replace", timeout=30).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""


def compile_in(folder: Path, make_args: Sequence[str], called: str = CALLED) -> Path:
    """Compile the source in a folder by its makefile and return the program; ``called`` is what a message calls the compiler.

    Raises
    ------
    UserError
        When it does not compile: no compiler, a compiler that fails or was stopped, a full disk.
    """
    if compiler() is None:
        raise UserError(f"{missing()} was found; install g++ and make, or name a compiler in CXX, {INSTEAD}.")
    program, heard = folder / "main", []
    # The compiler's own temporary files lie in this folder too, which is removed whatever happens.
    changes = {"CXX": shlex.join(words()), "TMPDIR": str(folder), "LC_ALL": "C"}
    with explained_disk(folder, REMEDY):
        program.unlink(missing_ok=True)
    try:
        command = ["make", *make_args, f"-j{os.cpu_count() or 1}"]
        # Through a pipe, so that make ends when nobody is there to hear it any more.
        code = child.run(command, folder, subprocess.PIPE, environment=changes, wait=lambda make: heard.append(make.communicate()[0]))
    except OSError as error:
        raise UserError(f"make could not be started ({error.strerror}); install it, {INSTEAD}.") from None
    said = b"".join(heard).decode(errors="replace")
    if code == 0 and program.exists():
        return program
    if "No space left on device" in said or "Disk quota exceeded" in said:
        raise UserError(
            f"a program could not be compiled in {folder.parent}: the disk is full; make room, or set TMPDIR to a folder with more."
        )
    raise UserError(f"{called} ({shlex.join(words())}) failed: {_first_error(said)}; try another one in CXX, {INSTEAD}.")


def _first_error(said: str) -> str:
    """Return what of a compiler's output says why it failed."""
    lines = [" ".join(line.split()) for line in said.splitlines() if line.strip()]
    for words in ("error:", "internal compiler error", "Killed", "not found", "Terminated", "Error"):
        if found := next((line for line in lines if words in line), None):
            return found[:300]
    return lines[-1][:300] if lines else "it said nothing"
