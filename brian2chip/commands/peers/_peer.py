"""A rule of ours beside the same one of NEST: what is computed on both sides, and the conventions of each."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

#: Values by (configuration, what was presented).
Values = Mapping[tuple[str, str], np.ndarray]


@dataclass(frozen=True)
class Peer:
    """A model of NEST and what we have in its place.

    Attributes
    ----------
    synapse : str
        NEST's name.
    rule : str
        Ours.
    conventions : str
        Signs, delays and order at equal times of NEST where they are not ours, and what the comparison does about it.
    live : callable
        ``live(nest)`` returns NEST's values, with its module.
    ours : callable
        Returns our values by the same keys.
    tolerance : float
        Largest difference, relative to the largest value of NEST in a row.
    """

    synapse: str
    rule: str
    conventions: str
    live: Callable[[Any], Values]
    ours: Callable[[], Values]
    tolerance: float = 1e-12


def peers() -> list[Peer]:
    """Return every ``PEER`` and all ``PEERS`` of the files of this folder, in the order of their names."""
    found: list[Peer] = []
    for file in sorted(Path(__file__).parent.glob("[!_]*.py")):
        module = importlib.import_module(f"{__package__}.{file.stem}")
        found += module.PEERS
    return found
