"""What ``doctor`` looks at, one function each; nothing is changed but that the cache's folder is made."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from brian2chip import __version__
from brian2chip.core import cache_contents
from brian2chip.core.brian2_version import check_version
from brian2chip.core.cache_folder import cache_directory, why_not_kept
from brian2chip.engine import compiler
from brian2chip.errors import UserError

#: Modules that each extra brings, and what it is for.
EXTRAS = {
    "nir": (("nir",), "networks from and to NIR files"),
    "sound": (("tonic", "h5py"), "SHD, N-MNIST and the data sets of tonic"),
    "digits": (("sklearn",), "the 8 x 8 digits"),
    "bptt": (("torch", "snntorch"), "backpropagation through time as a reference"),
    "peers": (("nest", "neurobench"), "verify nest, and the benchmarks beside peers"),
    "genn": (("brian2genn",), "the device genn (an environment of its own)"),
    "completion": (("shtab",), "completion in the shell"),
}
#: Versions of Python that the package is tested with.
PYTHONS = ((3, 11), (3, 13))


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes
    ----------
    what, found : str
    state : {"fine", "slow", "absent", "wrong"}
        Absent is what may be installed and need not.
    remedy : str
        What to do, where something can be done.
    """

    what: str
    found: str
    state: str = "fine"
    remedy: str = ""


def findings() -> list[Finding]:
    """Return everything that was found, in the order in which it matters."""
    return [one for look in LOOKS for one in look()]


def summary(found: list[Finding]) -> str:
    """Return one line: what of it must be mended, and what would be quicker."""
    wrong, slow = ([one.what for one in found if one.state == state] for state in ("wrong", "slow"))
    if wrong:
        return f"to be mended first: {', '.join(wrong)}"
    return f"everything works; slower than it could be: {', '.join(slow)}" if slow else "everything works"


def python() -> Iterator[Finding]:
    """Look at Python and the system."""
    tested = PYTHONS[0] <= sys.version_info[:2] <= PYTHONS[1]
    remedy = "" if tested else "Use Python 3.11, 3.12 or 3.13."
    yield Finding("brian2chip", f"{__version__} in {Path(__file__).parents[1]}")
    yield Finding("Python", f"{platform.python_version()} on {platform.platform()}", "fine" if tested else "wrong", remedy)


def packages() -> Iterator[Finding]:
    """Look at what the package needs; Brian2's version is checked as at its import."""
    for name in ("brian2", "numpy", "scipy", "pandas", "matplotlib"):
        try:
            found = version(name)
        except PackageNotFoundError:
            yield Finding(name, "not installed", "wrong", f"pip install {name}")
            continue
        yield Finding(name, found)
    yield from _brian2()


def _brian2() -> Iterator[Finding]:
    try:
        check_version(version("brian2"))
        import brian2  # noqa: F401  it may not fit its NumPy
    except PackageNotFoundError:
        return
    except UserError as error:
        yield Finding("Brian2 works", "no", "wrong", str(error))
    except Exception as error:  # whatever a version that does not fit raises
        said = f"{type(error).__name__}: {error}"
        yield Finding("Brian2 works", f"no: {said[:200]}", "wrong", "Brian2 2.9 needs NumPy below 2.4: pip install 'numpy<2.4'")


def compilers() -> Iterator[Finding]:
    """Look at compiler and make, without which long work runs on numpy."""
    name = compiler.words()[0]
    found, make = shutil.which(name), shutil.which("make")
    mend = "Install g++ and make (Debian: apt-get install g++ make; macOS: xcode-select --install; conda: cxx-compiler make)."
    slow = "long runs take the numpy device, emulators of chips do not run"
    if found:
        yield Finding("compiler", f"{found} {compiler.version(found)}".strip())
    else:
        yield Finding("compiler", f"no {name}: {slow}", "slow", f"{mend} Another compiler is named by CXX.")
    yield Finding("make", make) if make else Finding("make", f"none: {slow}", "slow", mend)


def cache() -> Iterator[Finding]:
    """Look at the cache of compiled programs, and at where runs keep their files."""
    wrong = why_not_kept("programs")
    entries = cache_contents.entries()
    size = sum(entry.size for entry in entries) / 2**20
    if wrong:
        remedy = "Set BRIAN2CHIP_CACHE to a folder that is yours and that nobody else may write to."
        yield Finding("cache", f"programs are compiled anew in every process ({wrong})", "slow", remedy)
    else:
        programs = sum(entry.kind == "programs" for entry in entries)
        remedy = "" if programs else "brian2chip cache warm compiles the programs of the protocols beforehand."
        yield Finding("cache", f"{cache_directory()}: {programs} programs, {size:.1f} MB", remedy=remedy)


def memory() -> Iterator[Finding]:
    """Look at the processors and at the folder in memory, in which the files of a run cost a seventh."""
    from brian2chip.engine.build_folder import IN_MEMORY, ROOM  # with Brian2's settings, which the others do without

    yield Finding("processors", str(os.cpu_count()))
    if not os.path.isdir(IN_MEMORY):
        yield Finding("files of a run", "on the disk, as this system has no folder in memory")
    elif "TMPDIR" in os.environ:
        yield Finding("files of a run", f"in {os.environ['TMPDIR']}, as TMPDIR says")
    elif shutil.disk_usage(IN_MEMORY).free < ROOM:
        room = f"{IN_MEMORY} has less than {ROOM / 2**30:.0f} GB free"
        yield Finding("files of a run", f"on the disk, as {room}", "slow", f"Make room in {IN_MEMORY} (in a container: --shm-size=4g).")
    else:
        yield Finding("files of a run", f"in memory, {IN_MEMORY}")


def extras() -> Iterator[Finding]:
    """Look at what may be installed besides."""
    for name, (modules, purpose) in EXTRAS.items():
        missing = [module for module in modules if find_spec(module) is None]
        if missing:
            yield Finding(f"extra {name}", f"no {' and no '.join(missing)} ({purpose})", "absent", f"pip install 'brian2chip[{name}]'")
        else:
            yield Finding(f"extra {name}", purpose)


LOOKS: tuple[Callable[[], Iterator[Finding]], ...] = (python, packages, compilers, cache, memory, extras)
