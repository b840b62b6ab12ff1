"""Brian2, imported when something of it is first used: a program that the cache knows is run without it."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any


class _Later(ModuleType):
    """A module that is imported when one of its names is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":
            raise AttributeError(name)
        return getattr(importlib.import_module(self.__name__), name)


#: Brian2 itself, and the two files that touch its insides.
brian2: Any = _Later("brian2")
internals: Any = _Later("brian2chip.core.brian2_internals")
records: Any = _Later("brian2chip.core.brian2_records")
