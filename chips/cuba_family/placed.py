"""A network on Loihi or Xylo: what the chip holds, where and when its populations act, and how samples run on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

from brian2chip.chips.codec import is_positive
from brian2chip.chips.cuba_family.emulator import Outcome
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.event_table import events_of
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError

#: Largest latency, and largest table of input spikes (samples times steps times channels) that one start of the program reads.
MOST_STEPS, TABLE = 1 << 12, 1 << 26
#: The chip's own configuration.
C = TypeVar("C")


@dataclass(frozen=True)
class PlacedNetwork(Generic[C]):
    """What programs the chip, and what the emulation of samples needs beside it.

    Attributes
    ----------
    chip : Configuration
        Of the chip's own type.
    neurons : dict of population to (first, last + 1)
        Where its neurons are.
    latency : dict of population to int
        Steps by which it acts later than in the network.
    readouts : tuple of str
        Populations whose membranes are read.
    scale : dict of population to float
        Network units of one membrane unit.

    Raises
    ------
    UserError
        For places that two populations share, latencies that are none, and numbers of other populations.
    """

    chip: C
    neurons: Mapping[str, tuple[int, int]]
    latency: Mapping[str, int]
    readouts: tuple[str, ...]
    scale: Mapping[str, float]

    def __post_init__(self):
        end = 0
        for name, place in sorted(self.neurons.items(), key=lambda item: item[1]):
            if not (isinstance(place, tuple) and len(place) == 2 and all(is_whole(a) for a in place) and end <= place[0] < place[1]):
                raise UserError(f"population {name!r} sits at {place!r:.60}; give it places of its own, first and last + 1.")
            end = place[1]
        for name, steps in self.latency.items():
            if not is_whole(steps) or abs(steps) > MOST_STEPS:
                raise UserError(f"the latency of population {name!r} is {steps!r:.40}; give whole steps up to {MOST_STEPS}.")
        names = set(self.neurons)
        if set(self.latency) != names or not set(self.readouts) <= names or set(self.scale) != names:
            raise UserError(f"latencies, readouts and scales of a placed network must be those of {', '.join(self.neurons)}.")
        if not all(is_positive(s) for s in self.scale.values()):
            raise UserError(f"the scales {dict(self.scale)} must be positive numbers.")

    @property
    def recorded(self) -> tuple[int, ...]:
        """Neurons whose membranes are read."""
        return tuple(k for name in self.readouts for k in range(*self.neurons[name]))

    @property
    def more_steps(self) -> int:
        """Steps that a sample takes on the chip beyond those that it has."""
        return max(0, *self.latency.values())


#: ``(C, counts [samples, steps, inputs], recorded neurons) -> Outcome``.
Emulator = Callable[[C, np.ndarray, tuple[int, ...]], Outcome]


def counts_of(placed: PlacedNetwork, samples: Samples, first: int, number: int) -> np.ndarray:
    """Return the input spikes of some samples as the chip takes them, uint8 [samples, steps, inputs]."""
    steps = samples.n_steps + placed.more_steps
    return events_of(samples, first, number, steps).reshape(number, steps, samples.n_in)


def emulate(run: Emulator, placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip; a neuron that fires several times in a step is as often in the result."""
    n_steps = samples.n_steps
    chunk = max(1, min(len(samples), TABLE // ((n_steps + placed.more_steps) * samples.n_in)))
    spikes = {name: [] for name in placed.neurons if name not in placed.readouts}
    readout = {name: np.zeros((len(samples), n_steps, b - a)) for name, (a, b) in placed.neurons.items() if name in placed.readouts}
    for first in range(0, len(samples), chunk):
        number = min(chunk, len(samples) - first)
        out = run(placed.chip, counts_of(placed, samples, first, number), placed.recorded)
        for name, parts in spikes.items():
            parts.append(_spikes(out, *placed.neurons[name], placed.latency[name], n_steps, first))
        for name, values in readout.items():
            values[first : first + number] = placed.scale[name] * _membranes(out, placed, name, n_steps)
    joined = {name: tuple(np.concatenate(arrays) for arrays in zip(*parts)) for name, parts in spikes.items()}
    return NetworkRun(joined, readout, {}, len(samples), n_steps)


def _spikes(out: Outcome, a: int, b: int, latency: int, n_steps: int, first: int) -> tuple[np.ndarray, ...]:
    """Return the spikes of neurons a to b in the steps of the network."""
    step = out.step - latency
    own = (out.neuron >= a) & (out.neuron < b) & (step >= 0) & (step < n_steps)
    return tuple(np.repeat(each[own], out.fired[own]) for each in (out.sample + first, step, out.neuron - a))


def _membranes(out: Outcome, placed: PlacedNetwork, name: str, n_steps: int) -> np.ndarray:
    """Return the membranes of a readout in the steps of the network, 0 where these lie before those of the chip."""
    v = out.states["v"][:, :, np.isin(placed.recorded, np.arange(*placed.neurons[name]))]
    at = np.arange(n_steps) + placed.latency[name]
    return np.where((at >= 0)[None, :, None], v[:, np.maximum(at, 0)], 0)
