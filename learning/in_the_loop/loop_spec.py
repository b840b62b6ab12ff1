"""What is compiled into a program that trains in the loop."""

from __future__ import annotations

from dataclasses import dataclass

from brian2chip.core.units import second
from brian2chip.learning.in_the_loop.settings import Converter
from brian2chip.models.discrete import DiscreteNeuron


@dataclass(frozen=True)
class LoopSpec:
    """What is compiled in; everything else is an input of the program.

    Attributes
    ----------
    n_in, n_rec, n_out, n_steps : int
    dt : float
        Seconds.
    hidden, readout : DiscreteNeuron
    converter : Converter or None
        What reads the membranes; None reads them as they are.
    replicas, samples : int
        Chips, and samples one after another at most.
    learning : {"kept", "shown_again"} or None
        Where the eligibility meets the error: see :mod:`kept` and :mod:`shown_again`; None is a forward pass alone.
    """

    n_in: int
    n_rec: int
    n_out: int
    n_steps: int
    dt: float
    hidden: DiscreteNeuron
    readout: DiscreteNeuron
    converter: Converter | None
    replicas: int
    samples: int
    learning: str | None

    @property
    def showings(self) -> int:
        """How often a sample is shown."""
        return 2 if self.learning == "shown_again" else 1

    @property
    def showing_duration(self):
        """Duration of one showing of a sample as a Quantity."""
        return self.n_steps * self.dt * second

    @property
    def sample_duration(self):
        """Duration of a sample, shown as often as it is, as a Quantity."""
        return self.showings * self.showing_duration
