"""Networks that load the cores of a processor in different ways; a file each, found by its name."""

from __future__ import annotations

import importlib
import pkgutil

from brian2chip.chips.spinnaker2_networks.recorded import LoadNetwork
from brian2chip.errors import unknown

HELPERS = ("recorded",)


def names() -> list[str]:
    """Return the names of the networks."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in HELPERS)


def network(name: str) -> LoadNetwork:
    """Return a network by its name.

    Raises
    ------
    UserError
        For a name that is none.
    """
    if name not in names():
        raise unknown("network for the power account called", name, names())
    return importlib.import_module(f"{__name__}.{name}").NETWORK
