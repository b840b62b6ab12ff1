"""What a session hands to a device: inputs that may change from run to run, and runs."""

from __future__ import annotations

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
