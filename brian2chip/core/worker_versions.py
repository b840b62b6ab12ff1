"""Workers must compute with the same package as the process that asks them: versions are compared before the first job and at each."""

from __future__ import annotations

import functools
import platform
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from brian2chip import __version__
from brian2chip.core.identity import Unidentified, sources
from brian2chip.errors import UserError

if TYPE_CHECKING:
    import distributed

#: Packages on which numbers depend.
PACKAGES = ("brian2", "numpy", "scipy")
#: What the hash of the package's files is called in a sentence.
FILES = "files of brian2chip"


@functools.cache
def versions() -> dict[str, str]:
    """Return the versions of what a job is computed with in this process, and a hash of the package's files where it has one."""
    found = {"brian2chip": __version__, "Python": ".".join(platform.python_version_tuple()[:2])}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    try:
        return {**found, FILES: sources()[:12]}
    except Unidentified:  # a file was changed since this process read it
        return found


def difference(mine: Mapping[str, str], theirs: Mapping[str, str]) -> str:
    """Return in words what is another version there than here; nothing where all are the same."""
    return ", ".join(f"{name} {theirs[name]} and not {mine[name]}" for name in mine if name in theirs and theirs[name] != mine[name])


@functools.lru_cache(maxsize=8)
def unpacked(job: bytes) -> Callable:
    """Return a job as it was sent; the same one comes many times."""
    from distributed.protocol import pickle  # it brought the job

    return pickle.loads(job)


def call(mine: Mapping[str, str], job: bytes, arguments: tuple) -> Any:
    """Return what a job, packed by ``distributed.protocol.pickle``, gives in a worker.

    Raises
    ------
    UserError
        When the worker has other versions than the process that asks.
    """
    if said := difference(mine, versions()):
        raise UserError(f"a worker has {said} of the process that asked it; install the same there.")
    return unpacked(job)(*arguments)


def check_workers(client: distributed.Client, address: str) -> None:
    """Refuse workers with other versions than those of this process; those that come later are checked at their first job.

    Raises
    ------
    UserError
        With both versions.
    """
    try:
        found = client.run(versions)
    except (ImportError, AttributeError) as error:
        raise UserError(
            f"the workers of {address} cannot import brian2chip {__version__}, which this process has ({error}); install it there."
        ) from None
    for worker, theirs in found.items():
        if said := difference(versions(), theirs):
            raise UserError(f"worker {worker} of {address} has {said}, which this process has; install the same on both sides.")
