"""What of Brian2's objects is written down, so that a compiled program can be started and read without them.

A part of the drawer of Brian2's insides (``core/brian2_internals.py``), with its contract tests in the same file.
"""

from __future__ import annotations

from typing import Any

import brian2
import numpy as np
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.groups.group import VariableOwner


def result_place(group: Any, variable: str) -> tuple[str, str, int]:
    """Return the file, type and columns (0 for no table) of what a program writes for a variable; relies on ``get_array_filename``."""
    var = group.variables[variable]
    columns = var.size[1] if getattr(var, "ndim", 1) == 2 else 0
    return brian2.get_device().get_array_filename(var).rpartition("/")[2], np.dtype(var.dtype).str, int(columns)


def plain_values(group: Any, variable: str) -> np.ndarray:
    """Return the whole array of a variable, a copy, in SI; relies on ``get_value``."""
    return np.array(group.variables[variable].get_value(), ndmin=1)


def stored_variables(group: Any) -> list[str]:
    """Return the variables of a group that a run may change, none for a network; relies on ``variables``, ``owner`` and ``constant``."""
    if not isinstance(group, VariableOwner):
        return []
    own = {name: var for name, var in group.variables.items() if isinstance(var, ArrayVariable) and var.name == name}
    return [name for name, var in own.items() if var.owner.name == group.name and not var.constant and not name.startswith("_")]


def is_vector(group: Any, variable: str) -> bool:
    """Return whether a program itself says how long a variable is, as of synapses; relies on ``group.variables``."""
    return isinstance(group.variables[variable], DynamicArrayVariable)


def changed_preferences() -> list[tuple[str, str]]:
    """Return the preferences that are not what Brian2 has by default; relies on ``pref_register``."""
    register = brian2.prefs.pref_register
    default = {f"{base}.{name}": preference.default for base, (known, _) in register.items() for name, preference in known.items()}
    now = brian2.prefs.prefs
    return sorted((name, repr(value)) for name, value in now.items() if name not in default or repr(value) != repr(default[name]))
