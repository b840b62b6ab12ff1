"""What a session hands to a device: inputs and tables that may change from run to run, and runs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np


class Input(NamedTuple):
    """A variable of a group and the plain SI values that it has when a run starts."""

    group: Any
    variable: str
    array: np.ndarray


class QueuedRun(NamedTuple):
    """A network, how many seconds it runs, and the names that its equations may use beside their own."""

    network: Any
    seconds: float
    namespace: dict


class Start(NamedTuple):
    """What a device needs to run once: inputs and tables by name, runs, declared results by name, and which values this start was given."""

    inputs: Mapping[str, Input]
    tables: Mapping[str, Rows]
    runs: Sequence[QueuedRun]
    results: Mapping[str, tuple[Any, str]]
    given: Collection[str]


class Rows:
    """The values of a table [rows, columns]; the type stays, the shape may change.

    Parameters
    ----------
    name : str
    values : array [rows, columns]
    """

    def __init__(self, name: str, values: Any) -> None:
        self.name, self.values = name, np.ascontiguousarray(values)

    def set(self, values: Any) -> None:
        """Replace the values."""
        self.values = np.ascontiguousarray(values, dtype=self.values.dtype)

    def write(self, folder: Path) -> None:
        """Write the files that a compiled program reads."""
        np.asarray(self.values.shape, np.int64).tofile(folder / f"{self.name}.shape")
        self.values.tofile(folder / self.name)
