"""The constants of a processor that chooses its voltage and frequency in every time step; every one of them is a field."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from brian2chip.errors import UserError


@dataclass(frozen=True)
class PerformanceLevel:
    """A pair of supply voltage (V) and clock frequency (Hz)."""

    volts: float
    hertz: float


@dataclass(frozen=True)
class PowerModel:
    """What a core takes, as numbers that can be exchanged.

    Attributes
    ----------
    levels : tuple of PerformanceLevel
        From the slowest to the fastest; neither voltage nor frequency falls.
    thresholds : tuple of int
        Received spikes of a step from which on the second, third, ... level is taken; they do not fall.
    step_s : float
        Duration of a time step.
    step_cycles, neuron_cycles, spike_cycles, synapse_cycles : float
        Clock cycles of a step as such, of the update of a neuron, of a received spike, and of a synaptic event.
    baseline_W : float
        Power of a core at the fastest level that does no more than run its clock.
    leakage_share : float
        The part of it that is leakage: it goes with the square of the voltage, the rest with that times the frequency.
    neuron_J, synapse_J : float
        Energy of a neuron's update and of a synaptic event at the fastest level, beyond the baseline; with the square of the voltage.
    assumptions : mapping of str to str
        What each number stands on.

    Raises
    ------
    UserError
        For levels or thresholds out of order, and numbers that are not allowed.
    """

    levels: tuple[PerformanceLevel, ...]
    thresholds: tuple[int, ...]
    step_s: float
    step_cycles: float
    neuron_cycles: float
    spike_cycles: float
    synapse_cycles: float
    baseline_W: float
    leakage_share: float
    neuron_J: float
    synapse_J: float
    assumptions: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        pairs = [(level.volts, level.hertz) for level in self.levels]
        if not pairs or any(not (v > 0 and f > 0) for v, f in pairs):
            raise UserError(f"performance levels were given as {pairs}; give at least one, with a voltage and a frequency above 0.")
        if any(b[0] < a[0] or b[1] < a[1] for a, b in itertools.pairwise(pairs)):
            raise UserError(f"the performance levels {pairs} (V, Hz) are out of order; give them from the slowest to the fastest.")
        check_thresholds(self.thresholds, len(self.levels))
        numbers = ("step_cycles", "neuron_cycles", "spike_cycles", "synapse_cycles", "baseline_W", "neuron_J", "synapse_J")
        for name in numbers:
            if not 0 <= getattr(self, name) < np.inf:
                raise UserError(f"{name} of the power model was given as {getattr(self, name)!r}; give a number of at least 0.")
        if not 0 < self.step_s < np.inf or not 0 <= self.leakage_share <= 1:
            raise UserError(
                f"a step of {self.step_s!r} s and a leakage share of {self.leakage_share!r} were given; give one above 0, one in 0..1."
            )

    def with_thresholds(self, thresholds: Iterable[int]) -> PowerModel:
        """Return this model with other thresholds."""
        return replace(self, thresholds=tuple(thresholds))

    def unmanaged(self) -> PowerModel:
        """Return this model held at its fastest level, also while it waits."""
        return replace(self, levels=self.levels[-1:], thresholds=())

    def operation_scale(self) -> np.ndarray:
        """Return the energy of an operation at each level in units of that at the fastest, float [levels]."""
        volts = np.array([level.volts for level in self.levels])
        return (volts / volts[-1]) ** 2

    def baseline_power(self) -> np.ndarray:
        """Return the baseline power at each level in W, float [levels]."""
        hertz = np.array([level.hertz for level in self.levels])
        switching = (1 - self.leakage_share) * hertz / hertz[-1]
        return self.baseline_W * self.operation_scale() * (self.leakage_share + switching)


def check_thresholds(thresholds: Sequence[int], levels: int) -> None:
    """Raise UserError unless there is one threshold fewer than levels, each a whole number of at least 0 and none below the one before."""
    given = list(thresholds)
    right = len(given) == levels - 1 and all(float(t).is_integer() and t >= 0 for t in given) and sorted(given) == given
    if not right:
        raise UserError(
            f"thresholds {given} were given for {levels} performance levels; give {levels - 1} rising whole numbers of received spikes."
        )


def bounds(model: PowerModel) -> dict[str, float]:
    """Return what the levels alone allow, whatever the network.

    Returns
    -------
    dict
        ``operation_saved`` and ``baseline_saved``: the largest savings, all time at the slowest level; ``fastest_for_80``: the share of
        time at the fastest level, the rest at the slowest, at which the baseline is 80 % lower, the published figure; below 0 it cannot be.
    """
    power, scale = model.baseline_power(), model.operation_scale()
    slow = power[0] / power[-1]
    return {
        "operation_saved": float(1 - scale[0]),
        "baseline_saved": float(1 - slow),
        "fastest_for_80": float((0.2 - slow) / (1 - slow)) if slow < 1 else float("nan"),
    }
