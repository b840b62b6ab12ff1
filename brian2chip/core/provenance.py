"""What is needed to repeat a result: versions, machine, command, git state."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def _git() -> dict[str, Any] | None:
    """Return commit and whether there are uncommitted changes of the checkout that the package runs from, if it is one."""
    here = Path(__file__).parents[1]
    if not (here / ".git").exists():
        return None
    ask = lambda *words: subprocess.run(["git", "-C", str(here), *words], capture_output=True, text=True)  # noqa: E731
    commit = ask("rev-parse", "HEAD")
    if commit.returncode:
        return None
    return {"commit": commit.stdout.strip(), "changed": bool(ask("status", "--porcelain", "-uno").stdout.strip())}


def provenance() -> dict[str, Any]:
    """Return the versions, the machine and the git state: what else is needed to repeat a result."""
    packages = ("brian2chip", "brian2", "numpy", "scipy", "pandas", "matplotlib")
    return {
        "versions": {"python": platform.python_version(), **{p: _version(p) for p in packages}},
        "machine": {"system": platform.system(), "processor": platform.machine(), "cores": os.cpu_count()},
        "command": [Path(sys.argv[0]).name, *sys.argv[1:]],
        "git": _git(),
    }
