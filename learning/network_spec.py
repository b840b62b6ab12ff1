"""What is compiled into the program of a network that learns: sizes and lines of code."""

from __future__ import annotations

from dataclasses import dataclass

from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.units import second
from brian2chip.core.weight_memory import WeightMemory


@dataclass(frozen=True)
class NetworkSpec:
    """What is compiled in: sizes and the lines of code. Everything else is an input of the program.

    Attributes
    ----------
    n_in, n_rec, n_out, n_steps : int
    dt : float
        Seconds.
    kind : {"regression", "classification"}
    rule : LearningRule
    replicas : int
        Networks that run side by side with the same weights.
    samples : int
        Samples one after another in a run of the program, at most.
    memory : WeightMemory or None
        How hardware holds the weights.
    block : int
        Steps of a block, for rules that run once a block; 0 for rules that run at every step.
    """

    n_in: int
    n_rec: int
    n_out: int
    n_steps: int
    dt: float
    kind: str
    rule: LearningRule
    surrogate: str = "piecewise_linear"
    optimiser: str = "adam"
    broadcast: str = "random"
    nbit: bool = False
    memory: WeightMemory | None = None
    replicas: int = 1
    samples: int = 1
    block: int = 0

    @property
    def sample_duration(self):
        """Duration of a sample as a Quantity."""
        return self.n_steps * self.dt * second

    @property
    def online(self) -> bool:
        """Whether the rule changes the weights itself, at every step."""
        return self.rule.online
