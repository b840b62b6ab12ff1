"""A published figure, and what stands beside it."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from brian2chip.commands import published
from brian2chip.errors import UserError


@dataclass(frozen=True)
class Claim:
    """A published figure beside what the package says.

    Attributes
    ----------
    system, figure, unit : str
        What it is a figure of, in words.
    value : float or None
        As published; None for what is only computed.
    source : str
    secondary : bool
        Whether the figure was read in another publication than its own.
    compute : callable, optional
        Gives the figure from the package's own definitions, in seconds.
    within : float
        Relative difference up to which a computed figure counts as reproduced.
    recorded : float, optional
        What ``command`` printed when it was last run, for figures that take minutes to hours.
    command : str
        What prints it.
    why_not : str
        Why it cannot be obtained here, where it cannot.
    """

    system: str
    figure: str
    value: float | None
    unit: str
    source: str
    secondary: bool = False
    compute: Callable[[], float] | None = None
    within: float = 0.01
    recorded: float | None = None
    command: str = ""
    why_not: str = ""

    def row(self) -> dict:
        """Return the claim as a row of the table; computes what is computed."""
        here = self.compute() if self.compute is not None else self.recorded
        if self.compute is not None:
            outcome = "reproduced" if self.value is not None and abs(here / self.value - 1) <= self.within else "computed"
        elif self.why_not:
            outcome = "not obtainable here"
        else:
            outcome = ("approached" if self.value is not None else "measured") if here is not None else "measured by its command"
        return {
            "system": self.system,
            "figure": self.figure,
            "unit": self.unit,
            "published": self.value,
            "here": here,
            "outcome": outcome,
            "how": self.why_not or self.command,
            "source": self.source + (" (secondary source)" if self.secondary else ""),
        }


def systems() -> dict[str, tuple[Claim, ...]]:
    """Return ``{system file: its claims}``, found by scanning the folder."""
    names = sorted(module.name for module in pkgutil.iter_modules(published.__path__) if not module.name.startswith("_"))
    return {name: importlib.import_module(f"{published.__name__}.{name}").CLAIMS for name in names}


def table(chosen: list[str] | None = None) -> pd.DataFrame:
    """Return one row a claim.

    Raises
    ------
    UserError
        For a system that is none.
    """
    known = systems()
    if unknown := [name for name in chosen or () if name not in known]:
        raise UserError(f"there are no claims of {', '.join(unknown)}; choose among {', '.join(known)}.")
    return pd.DataFrame([claim.row() for name in chosen or known for claim in known[name]])
