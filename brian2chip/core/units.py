"""Brian2's units and quantities, without the rest of Brian2 where it is not needed otherwise: it takes much longer to import.

``brian2.units`` stands by itself but for one function that it takes from SymPy, to typeset a unit. Where Brian2 was not imported yet, the
package ``brian2.units`` is loaded alone; a later ``import brian2`` finds it loaded and goes on from there
(:mod:`~brian2chip.core.import_in_threads` makes it an attribute of Brian2).
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from contextlib import suppress
from numbers import Integral
from types import ModuleType
from typing import Any

UNITS = "brian2.units"


def _latex(expression: Any, **settings: Any) -> str:
    """Do what SymPy's ``latex`` does, which is imported for more than whole numbers."""
    return (
        str(expression)
        if isinstance(expression, Integral) and not settings
        else importlib.import_module("sympy").latex(expression, **settings)
    )


def _load_alone() -> None:
    """Load ``brian2.units`` alone; relies on its files importing NumPy and ``sympy.latex`` and nothing else."""
    found = importlib.util.find_spec("brian2")
    if found is None or found.loader is None or not found.submodule_search_locations:
        return
    spec = importlib.machinery.PathFinder.find_spec(UNITS, found.submodule_search_locations)
    if spec is None or spec.loader is None:
        return
    stand_in = ModuleType("sympy")
    stand_in.latex = _latex
    held = sys.modules.setdefault("sympy", stand_in)
    try:
        sys.modules[UNITS] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    except BaseException:
        for name in [name for name in sys.modules if name == UNITS or name.startswith(f"{UNITS}.")]:
            del sys.modules[name]
        raise
    finally:
        if held is stand_in:
            del sys.modules["sympy"]


# Another thread could see what stands in for SymPy.
if "brian2" not in sys.modules and UNITS not in sys.modules and threading.active_count() == 1:
    with suppress(Exception):  # a version that is made otherwise is imported as a whole
        _load_alone()

from brian2.units import allunits, ms, second, stdunits  # noqa: E402
from brian2.units.fundamentalunits import (  # noqa: E402
    Dimension,
    DimensionMismatchError,
    Quantity,
    get_dimensions,
    get_or_create_dimension,
    get_unit,
    have_same_dimensions,
)

__all__ = ["Dimension", "DimensionMismatchError", "Quantity", "get_dimensions", "get_or_create_dimension", "get_unit"]
__all__ += ["have_same_dimensions", "ms", "second", "DIMENSIONS", "NAMED"]

#: The seven of the SI, in the order of Brian2.
DIMENSIONS = ("length", "mass", "time", "current", "temperature", "substance", "luminosity")

#: Every unit that Brian2 names.
NAMED = {name: getattr(module, name) for module in (allunits, stdunits) for name in module.__all__}
NAMED = {name: value for name, value in NAMED.items() if isinstance(value, Quantity)}
