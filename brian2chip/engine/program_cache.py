"""Compiled standalone programs: found in the cache by their generated source or compiled once, and started."""

from __future__ import annotations

import functools
import hashlib
import os
import platform
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import brian2
from platformdirs import user_cache_path

from brian2chip.engine import generated_source

LOADER = r"""
#ifndef B2C_LOADER
#define B2C_LOADER
#include <fstream>
#include <string>
#include <cstdlib>
#include <cstdio>
template <typename T> inline void b2c_load(const char* name, T* target, size_t n)
{
    std::ifstream file((std::string("inputs/") + name).c_str(), std::ios::binary);
    file.read(reinterpret_cast<char*>(target), n * sizeof(T));
    if (!file || (size_t)file.gcount() != n * sizeof(T) || file.peek() != EOF)
    {
        std::fprintf(stderr, "input %s is missing or has the wrong size\n", name);
        std::exit(3);
    }
}
inline double b2c_number(const char* name) { double x; b2c_load(name, &x, 1); return x; }
#endif
"""

#: What a compiled program does to say how far it is; :func:`_watch` reads it.
REPORT = r"""
    std::ofstream progress("results/progress");
    progress << completed;
"""


def cache_directory() -> Path:
    """Return the folder of compiled programs: ``$BRIAN2CHIP_CACHE`` or the user's cache of this system (``~/.cache/brian2chip``)."""
    return Path(os.environ.get("BRIAN2CHIP_CACHE") or user_cache_path("brian2chip", appauthor=False))


def compiler() -> str | None:
    """Return the C++ compiler that the standalone and Cython devices would use, or None."""
    return shutil.which(os.environ.get("CXX", "g++").split()[0])


@functools.cache
def _machine() -> tuple[str, ...]:
    """Return what a compiled program depends on besides its source: compiler, processor (``-march=native``), Brian2."""
    version = subprocess.run([compiler() or "g++", "-dumpfullversion"], capture_output=True, text=True).stdout.strip()
    cpuinfo = Path("/proc/cpuinfo")
    flags = re.search(r"^flags.*$", cpuinfo.read_text(), re.M) if cpuinfo.exists() else None
    return (brian2.__version__, str(compiler()), version, platform.machine(), flags.group() if flags else platform.processor())


def key(directory: Path, make_args: list[str]) -> str:
    """Return the hash of the generated source, the flags and the machine."""
    digest = hashlib.sha256(repr((_machine(), make_args)).encode())
    for path in sorted(directory.rglob("*")):
        if path.suffix in (".cpp", ".h") or path.name == "makefile":
            digest.update(str(path.relative_to(directory)).encode())
            digest.update(generated_source.same_everywhere(path.read_bytes()))
    return digest.hexdigest()[:32]


def find_or_compile(directory: Path, make_args: list[str]) -> tuple[Path, bool]:
    """Return the program of the source in a folder, and whether the cache had it.

    Raises
    ------
    RuntimeError
        When it does not compile, with the compiler's errors.
    """
    program = cache_directory() / "programs" / key(directory, make_args)
    if program.exists():
        return program, True
    from filelock import FileLock  # it brings asyncio along, and most runs find their program

    program.parent.mkdir(parents=True, exist_ok=True)
    # Two processes that want the same program: the second waits for the first instead of compiling it again.
    with FileLock(program.with_suffix(".lock")):
        if not program.exists():
            _compile(directory, program, make_args)
    return program, False


def _compile(directory: Path, program: Path, make_args: list[str]) -> None:
    _add_prefix(directory)
    log = subprocess.run(["make", *make_args, f"-j{os.cpu_count() or 1}"], cwd=directory, capture_output=True, text=True, errors="replace")
    if log.returncode or not (directory / "main").exists():
        tail = "\n".join(line for line in log.stderr.splitlines() if "error" in line)[:2000]
        raise RuntimeError(f"the generated program in {directory} did not compile:\n{tail or log.stderr[-2000:]}")
    _publish(directory / "main", program, 0o755)


def _add_prefix(directory: Path) -> None:
    """Put the prefix header into a folder, and a link to its compiled form, which is made once for a machine and its flags."""
    text = "".join(f"#include <{name}>\n" for name in generated_source.HEADERS.split())
    header = directory / generated_source.PREFIX
    header.write_text(text)
    flags = generated_source.optimisations((directory / "makefile").read_text())
    name = hashlib.sha256(repr((_machine(), flags, text)).encode()).hexdigest()[:32]
    compiled = cache_directory() / "headers" / f"{name}.gch"
    if not compiled.exists():
        compiled.parent.mkdir(parents=True, exist_ok=True)
        part = header.with_suffix(".part")
        subprocess.run([compiler() or "g++", *flags, "-x", "c++-header", str(header), "-o", str(part)], capture_output=True)
        if not part.exists():
            return  # the compiler reads the header itself
        _publish(part, compiled, 0o644)
    header.with_name(header.name + ".gch").symlink_to(compiled.resolve())


def _publish(file: Path, target: Path, mode: int) -> None:
    """Copy a file to a place that other processes read: they see either nothing or the whole of it."""
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    os.close(handle)
    shutil.copy2(file, temporary)
    os.chmod(temporary, mode)
    os.replace(temporary, target)


def start(program: Path, directory: Path, arguments: Sequence[str], threads: int, progress: Callable[[float], None] | None) -> None:
    """Run a program with arguments in its folder, where it reads ``inputs`` and writes ``results``.

    Raises
    ------
    RuntimeError
        When it ends with an error, with what it said.
    """
    results = directory / "results"
    # New files: rewriting the old ones makes some file systems wait for the disk at each of a few hundred.
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads or 1))
    with open(results / "stdout.txt", "w+") as out:
        process = subprocess.Popen([str(program), *arguments], cwd=directory, stdout=out, stderr=subprocess.STDOUT, env=environment)
        try:
            _watch(process, results / "progress", progress)
        except BaseException:
            process.kill()
            process.wait()
            raise
        if process.returncode:
            out.seek(0)
            raise RuntimeError(f"the compiled program ended with code {process.returncode}: {out.read()[-2000:]}")


def _watch(process: subprocess.Popen, path: Path, progress: Callable[[float], None] | None) -> None:
    """Wait for the end and report the fraction that the program writes down (:data:`REPORT`)."""
    if progress is None:
        process.wait()
        return
    while True:
        try:
            process.wait(timeout=0.5)
            progress(1.0)
            return
        except subprocess.TimeoutExpired:
            text = path.read_text().split() if path.exists() else []
            if text:
                progress(float(text[-1]))
