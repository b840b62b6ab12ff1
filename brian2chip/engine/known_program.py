"""A program is known by what it is built from: the identity under which it is looked for before any code is generated, and kept after."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from brian2chip.core.identity import Unidentified, identity, sources
from brian2chip.core.later import internals, records
from brian2chip.engine import program_cache, recipe
from brian2chip.engine.queued_run import Start


def program_identity(known_by: Sequence[Any], how: Sequence[Any]) -> str | None:
    """Return the identity of what is built from some values in some way, by this package, Brian2, compiler and machine.

    None where it cannot be told: a value is of a kind that has no content, such as a function of a user's; or a file of the package was
    changed since this process began.
    """
    try:
        return identity(tuple(known_by), tuple(how), sources(), program_cache.machine(), preferences())
    except Unidentified:
        return None


def preferences() -> list[tuple[str, str]]:
    """Return Brian2's preferences that are not the default: those of its files, and those that were set in this process."""
    files = (Path.home() / ".brian" / "user_preferences", Path("brian_preferences"))
    if "brian2" not in sys.modules and not any(map(os.path.exists, files)):
        return []
    return records.changed_preferences()  # Brian2 reads the files when it is imported


def keep(name: str, folder: Path, program: str, start: Start) -> None:
    """Keep under an identity how the program in a folder is started without Brian2, where all that it takes and gives is declared."""
    if not start.results or not start.tables.keys() <= set(start.given):
        return
    inputs = {}
    for key, item in start.inputs.items():
        full = internals.full_array(item.group, item.variable, item.array)
        inputs[key] = recipe.Slot(full.dtype.str, full.size, not records.is_vector(item.group, item.variable))
    held = [folder / "inputs" / key for key in inputs if key not in start.given] + sorted((folder / "static_arrays").glob("*"))
    made = recipe.Recipe(
        program=program,
        arguments=internals.results_argument("{results}"),
        inputs=inputs,
        tables={key: table.values.dtype.str for key, table in start.tables.items()},
        durations=[run.seconds for run in start.runs],
        results={key: recipe.Place(*records.result_place(*result)) for key, result in start.results.items()},
        held={f"{path.parent.name}/{path.name}": path.read_bytes() for path in held},
    )
    recipe.keep(name, made, folder)
