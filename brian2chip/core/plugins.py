"""Definitions that other installed packages announce by entry points; finding them imports none of these packages."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

#: The entry-point group of each kind; an entry reads ``name = package.module:VARIABLE``.
GROUPS = {
    "brian2chip.models": "model",
    "brian2chip.rules": "rule",
    "brian2chip.learning_rules": "learning_rule",
    "brian2chip.layered_rules": "layered_rule",
    "brian2chip.equilibrium_rules": "equilibrium_rule",
    "brian2chip.protocols": "protocol",
    "brian2chip.tasks": "task",
    "brian2chip.layered_tasks": "layered_task",
    "brian2chip.chips": "chip",
    "brian2chip.substrates": "substrate",
}


class Announcement(NamedTuple):
    """What an entry point says.

    Attributes
    ----------
    kind, name : str
    module, variable : str
        Where the definition stands.
    package : str
        The distribution that announces it.
    description : str
        That distribution's summary.
    file : Path or None
        The source of the module, where it lies beside the distribution's metadata.
    """

    kind: str
    name: str
    module: str
    variable: str
    package: str
    description: str
    file: Path | None


def announced() -> Iterator[Announcement]:
    """Yield what other packages announce, in the order of ``sys.path``."""
    if not any(map(_mentions_a_group, _entry_point_files())):
        return
    from importlib.metadata import entry_points  # half the time of a list of names, and seldom needed

    for group, kind in GROUPS.items():
        for point in entry_points(group=group):
            module, _, variable = (part.strip() for part in point.value.partition(":"))
            file = Path(point.dist.locate_file(module.replace(".", "/") + ".py"))
            summary = point.dist.metadata["Summary"] or f"of package {point.dist.name}"
            yield Announcement(kind, point.name, module, variable, point.dist.name, summary, file if file.is_file() else None)


def _entry_point_files() -> Iterator[Path]:
    for folder in dict.fromkeys(sys.path):
        for pattern in ("*.dist-info/entry_points.txt", "*.egg-info/entry_points.txt"):
            yield from Path(folder).glob(pattern)


def _mentions_a_group(file: Path) -> bool:
    try:
        return b"[brian2chip." in file.read_bytes()
    except OSError:  # somebody else's folder on the path
        return False
