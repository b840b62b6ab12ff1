"""A compiled standalone program: the C++ with which it reads its inputs and ends with its parent, and how it is started."""

from __future__ import annotations

import errno
import shutil
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

from brian2chip.core.disk import explained_disk
from brian2chip.engine import child
from brian2chip.engine.generated_source import NOT_WRITTEN
from brian2chip.errors import UserError

LOADER = r"""
#ifndef B2C_LOADER
#define B2C_LOADER
#include <fstream>
#include <string>
#include <cstdlib>
#include <cstdio>
#ifdef __linux__
#include <csignal>
#include <sys/prctl.h>
#include <unistd.h>
static const bool b2c_ends_with_parent = []
{
    const char* parent = std::getenv("BRIAN2CHIP_PARENT");
    if (parent)
    {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != std::atol(parent)) std::_Exit(5);
    }
    return true;
}();
#endif
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
inline void b2c_write(const std::string& folder, const char* name, const void* data, size_t size)
{
    std::FILE* file = std::fopen((folder + name).c_str(), "wb");
    const bool written = file && std::fwrite(data, 1, size, file) == size;
    if (!file || std::fclose(file) || !written) std::_Exit(NOT_WRITTEN);
}
inline double b2c_number(const char* name) { double x; b2c_load(name, &x, 1); return x; }
#endif
"""

#: What a compiled program does to say how far it is; :func:`_watched` reads it.
REPORT = r"""
    std::ofstream progress("results/progress");
    progress << completed;
"""
#: What the system answers when it does not start a file.
NOT_STARTED = (errno.EACCES, errno.EPERM, errno.ENOEXEC, errno.ENOENT)


def start(program: Path, directory: Path, arguments: Sequence[str], threads: int, progress: Callable[[float], None] | None) -> None:
    """Run a program with arguments in its folder, where it reads ``inputs`` and writes ``results``.

    Raises
    ------
    UserError
        When it cannot be started, a result could not be written, or the program was killed.
    RuntimeError
        When it ends with another error, with what it said.
    """
    results = directory / "results"
    # New files: rewriting the old ones makes some file systems wait for the disk at each of a few hundred.
    shutil.rmtree(results, ignore_errors=True)
    results.mkdir()
    with open(results / "stdout.txt", "w+") as out:
        environment = {"OMP_NUM_THREADS": str(threads or 1)}
        wait = subprocess.Popen.wait if progress is None else lambda process: _watched(process, results / "progress", progress)
        try:
            code = child.run([program, *arguments], directory, out, environment=environment, wait=wait)
        except OSError as error:
            if error.errno not in NOT_STARTED:
                raise
            raise UserError(
                f"the compiled program {program} could not be started ({error.strerror}); set BRIAN2CHIP_CACHE and TMPDIR to folders from "
                "which programs may be started."
            ) from error
        if code == NOT_WRITTEN:
            raise UserError(
                f"the results of a simulation could not be written below {directory.parent}: the disk is full; make room, or set TMPDIR "
                "to a folder with more."
            )
        if code < 0:
            raise UserError(
                f"the simulation was ended by {signal.Signals(-code).name}; when the machine ran out of memory, make it smaller."
            )
        if code:
            out.seek(0)
            raise RuntimeError(f"the compiled program ended with code {code}: {out.read()[-2000:]}")


def write_loader(folder: Path) -> None:
    """Put the C++ that every program includes into the folder of its source, with a folder for its inputs."""
    with explained_disk(folder, "make room, or set TMPDIR to another folder"):
        (folder / "b2c_loader.h").write_text(LOADER.replace("NOT_WRITTEN", str(NOT_WRITTEN)))
        (folder / "inputs").mkdir(exist_ok=True)


def _watched(process: subprocess.Popen, path: Path, progress: Callable[[float], None]) -> None:
    """Wait for the end and report the fraction that the program writes down (:data:`REPORT`)."""
    while True:
        try:
            process.wait(timeout=0.5)
            progress(1.0)
            return
        except subprocess.TimeoutExpired:
            text = path.read_text().split() if path.exists() else []
            if text:
                progress(float(text[-1]))
