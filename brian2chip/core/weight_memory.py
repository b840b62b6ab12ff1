"""How hardware holds the weights that a training changes: what an optimiser's change does to the memory, and what is read from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from brian2chip.core.field_types import check_fields


@dataclass(frozen=True)
class WeightMemory:
    """Equations and code of a store of weights, which runs after every sample.

    Attributes
    ----------
    model : str
        Its variables, one of each for a weight, and shared constants.
    code : str
        What is done with ``wanted``, the change that the optimiser asks for (0 where ``due`` is not 1), and what becomes of ``w``, the
        weight that the network uses. It may read ``due``, ``updates`` (of the training, from 1) and ``i``.
    kept : sequence of str
        Variables that it keeps beside ``w``.
    constants : callable
        ``constants(p, learn) -> mapping``: the values of the shared constants for the substrate's parameters in SI; where ``learn`` is
        False nothing may be programmed.
    start : callable
        ``start(weights, p, rng) -> mapping``: ``w`` and what it keeps, for ideal weights [n].
    functions : mapping of str to Function
        What the code calls.
    """

    model: str
    code: str
    kept: tuple[str, ...]
    constants: Callable
    start: Callable
    functions: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        check_fields(self, "a weight memory")

    @property
    def built(self) -> tuple:
        """What of it is compiled into a program."""
        return self.model, self.code, self.kept, tuple(self.functions)
