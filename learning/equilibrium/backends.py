"""Rate units and spiking neurons of equilibrium propagation behind one interface: batches in, answers and weights out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import Session
from brian2chip.learning.equilibrium import schedule, spiking
from brian2chip.learning.equilibrium.network import EquilibriumSpec
from brian2chip.learning.equilibrium.program import Program
from brian2chip.learning.equilibrium.spiking_program import SpikingProgram

Weights = dict[str, np.ndarray]
#: Numbers that the record of a start of the program may have; longer runs are several starts.
RECORDED = 8_000_000


class Presented(NamedTuple):
    """What presenting batches gave.

    Attributes
    ----------
    answers : float array [presentations, batch, n_out]
        The rates of the output at the end of each free phase.
    weights : dict of arrays
    rate : float
        Mean rate of the hidden units after the last step.
    """

    answers: np.ndarray
    weights: Weights
    rate: float


class Backend(Protocol):
    """A compiled network."""

    def present(self, samples: StaticSamples, weights: Weights, rates: Sequence[float] | None, rng: np.random.Generator) -> Presented:
        """Present samples, a batch after another, and learn at these rates, or not at all; their number is a multiple of the batch."""

    def most(self) -> int:
        """Return how many batches one start of the program may present."""


class RateBackend:
    """A network of rate units.

    Parameters
    ----------
    session : Session
    config : EquilibriumConfig
    sizes : tuple of int
    batch : int
    dtype : str
    """

    def __init__(self, session: Session, config: EquilibriumConfig, sizes: tuple[int, ...], batch: int, dtype: str):
        self.config, self.spec = config, EquilibriumSpec(sizes, batch, config.dynamics, config.activation, dtype=dtype)
        self.program = Program(session, self.spec)

    def most(self) -> int:
        steps = self.config.free + self.config.nudged * (2 if self.config.symmetric else 1)
        return max(1, RECORDED // (steps * self.spec.batch * self.spec.sizes[-1]))

    def present(self, samples: StaticSamples, weights: Weights, rates: Sequence[float] | None, rng: np.random.Generator) -> Presented:
        each = [schedule.presentation(self.config, k, rates is not None) for k in range(len(samples) // self.spec.batch)]
        steps = [step for one in each for step in one]
        found = self.program.run(samples, steps, weights, self.config, rates or (0.0,) * (len(self.spec.sizes) - 1))
        begins = np.cumsum([0, *map(len, each[:-1])])
        hidden = [found.states[f"layer{k}"].mean() for k in range(1, len(self.spec.sizes) - 1)]
        return Presented(found.output[begins + self.config.free - 1], found.weights, float(np.mean(hidden)))


class SpikingBackend:
    """A network of EqSpike; parameters as :class:`RateBackend`."""

    def __init__(self, session: Session, config: EqSpikeConfig, sizes: tuple[int, ...], batch: int, dtype: str):
        self.config, self.spec = config, spiking.SpikingSpec(sizes, batch, dtype)
        self.program = SpikingProgram(session, self.spec)

    def most(self) -> int:
        return 1000

    def present(self, samples: StaticSamples, weights: Weights, rates: Sequence[float] | None, rng: np.random.Generator) -> Presented:
        number = range(len(samples) // self.spec.batch)
        steps = [step for k in number for step in spiking.presentation(self.config, k, rates is not None)]
        phases = rng.random((self.spec.batch, self.spec.sizes[0]), dtype=self.spec.dtype)
        found = self.program.run(samples, steps, weights, self.config, rates or (0.0,) * (len(self.spec.sizes) - 1), phases)
        hidden = [found.rates[f"layer{k}"].mean() for k in range(1, len(self.spec.sizes) - 1)]
        return Presented(found.answers, found.weights, float(np.mean(hidden)))


#: By the configuration of a rule's network.
BACKENDS: dict[type, type[Backend]] = {EquilibriumConfig: RateBackend, EqSpikeConfig: SpikingBackend}
