"""What else is needed to repeat a result: versions, machine, command, git state."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from brian2chip import __version__


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git() -> dict[str, Any] | None:
    """Return commit and whether there are uncommitted changes of the clone that the package runs from, if it is one."""
    clone = Path(__file__).parents[2]
    if not (clone / ".git").exists() or shutil.which("git") is None:
        return None
    commit, changes = (
        subprocess.run(["git", "-C", str(clone), *words], capture_output=True, text=True)
        for words in (("rev-parse", "HEAD"), ("status", "--porcelain", "-uno"))
    )
    if commit.returncode or changes.returncode:
        return None
    return {"commit": commit.stdout.strip(), "changed": bool(changes.stdout.strip())}


def provenance() -> dict[str, Any]:
    """Return the versions, the machine and the git state: what else is needed to repeat a result."""
    packages = ("brian2", "numpy", "scipy", "pandas", "matplotlib")
    return {
        "versions": {"python": platform.python_version(), "brian2chip": __version__, **{p: _version(p) for p in packages}},
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "git": _git(),
    }
