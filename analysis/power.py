"""Energy of a processor that chooses its voltage and frequency in every time step from the spikes that it received.

The bookkeeping of Höppner et al. 2019 (arXiv:1903.08941, abstract): at the beginning of a step a core looks at how many spikes came in,
takes a performance level, works through neurons and synapses, and waits at the lowest level for the next step. Every constant is a field.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.errors import UserError

#: Parts of the energy, columns of the tables that follow.
PARTS = ("baseline_J", "neurons_J", "synapses_J")
#: Settings of thresholds that one exploration tries at most.
MOST_SETTINGS = 100_000


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


@dataclass(frozen=True)
class Workload:
    """What the cores of a network had to do, counted from its spikes.

    Attributes
    ----------
    received, events : int arrays [steps, cores]
        Spikes that reached a core in a step, and synaptic events that they caused there.
    neurons : int array [cores]
    """

    received: np.ndarray
    events: np.ndarray
    neurons: np.ndarray

    def __post_init__(self):
        if self.received.shape != self.events.shape or self.received.ndim != 2 or self.neurons.shape != self.received.shape[1:]:
            raise UserError(
                f"received spikes of shape {self.received.shape}, events of {self.events.shape} and neurons of {self.neurons.shape} were "
                "given; give [steps, cores] twice and [cores]."
            )


def workload(
    spike_neuron: np.ndarray,
    spike_step: np.ndarray,
    source: np.ndarray,
    target: np.ndarray,
    *,
    core: np.ndarray,
    n_sources: int,
    n_steps: int,
    delay_steps: np.ndarray | int = 1,
) -> Workload:
    """Return what the cores had to do.

    Parameters
    ----------
    spike_neuron, spike_step : int arrays [spikes]
        Which source fired in which step.
    source, target : int arrays [synapses]
        Presynaptic source and postsynaptic neuron of each synapse.
    core : int array [neurons]
        The core on which each neuron is computed.
    n_sources, n_steps : int
    delay_steps : int array [synapses] or int
        Steps from the spike to the step in which the core works on the event, at least 0. A spike counts once for each core and each delay.
    """
    n_cores = int(core.max()) + 1
    delay = np.broadcast_to(np.asarray(delay_steps, np.int64), source.shape)
    # synapses that one spike brings to a core in the same step
    rows, per_row = np.unique(np.stack([source, core[target], delay]), axis=1, return_counts=True)
    spikes = np.zeros((n_steps, n_sources), np.int64)
    np.add.at(spikes, (spike_step, spike_neuron), 1)
    received, events = (np.zeros((n_steps, n_cores), np.int64) for _ in range(2))
    for late in np.unique(rows[2]):
        chosen = rows[2] == late
        arrived = np.zeros((n_steps, n_sources), np.int64)
        arrived[late:] = spikes[: n_steps - late] if late < n_steps else 0
        for one in range(n_cores):
            here = chosen & (rows[1] == one)
            received[:, one] += arrived[:, rows[0][here]].sum(1)
            events[:, one] += arrived[:, rows[0][here]] @ per_row[here]
    return Workload(received, events, np.bincount(core, minlength=n_cores))


def _account(work: Workload, model: PowerModel) -> dict[str, np.ndarray]:
    """Return the columns of :func:`energy` that are counted, arrays [steps, cores]."""
    level = np.searchsorted(np.asarray(model.thresholds, np.int64), work.received, side="right")
    cycles = (
        model.step_cycles + model.neuron_cycles * work.neurons + model.spike_cycles * work.received + model.synapse_cycles * work.events
    )
    busy = cycles / np.array([one.hertz for one in model.levels])[level]
    power, scale = model.baseline_power(), model.operation_scale()[level]
    return {
        "level": level,
        "cycles": cycles,
        "busy_s": busy,
        "missed": busy > model.step_s * (1 + 1e-12),  # a quotient that is a step but for rounding is one
        "baseline_J": power[level] * busy + power[0] * np.maximum(model.step_s - busy, 0),
        "neurons_J": model.neuron_J * scale * work.neurons,
        "synapses_J": model.synapse_J * scale * work.events,
    }


def energy(work: Workload, model: PowerModel) -> pd.DataFrame:
    """Return the account, one row a step and core.

    Returns
    -------
    DataFrame
        ``step``, ``core``, ``received``, ``level`` (from 0), ``cycles``, ``busy_s``, ``missed`` (busy for longer than a step: the core is
        late, and the energy of all its work is counted), ``baseline_J``, ``neurons_J``, ``synapses_J``.
    """
    steps, cores = work.received.shape
    where = {"step": np.repeat(np.arange(steps), cores), "core": np.tile(np.arange(cores), steps), "received": work.received}
    return pd.DataFrame({name: np.ravel(values) for name, values in {**where, **_account(work, model)}.items()})


def totals(work: Workload, model: PowerModel) -> dict[str, float]:
    """Return mean power (W) as a whole and by part, energy of an operation relative to the fastest level, missed steps, busy shares."""
    account = _account(work, model)
    seconds = len(work.received) * model.step_s
    found = {name.replace("_J", "_W"): float(account[name].sum()) / seconds for name in PARTS}
    full = model.neuron_J * work.neurons.sum() * len(work.received) + model.synapse_J * work.events.sum()
    operations = float(account["neurons_J"].sum() + account["synapses_J"].sum())
    available = seconds * len(work.neurons)
    return {
        "power_W": sum(found.values()),
        **found,
        "operation_scale": operations / full if full else float("nan"),
        "missed": int(account["missed"].sum()),
        "core_steps": work.received.size,
        **{f"busy_share_{k}": float(account["busy_s"][account["level"] == k].sum() / available) for k in range(len(model.levels))},
    }


def reductions(work: Workload, model: PowerModel) -> dict[str, float]:
    """Return what is saved beside a core that always runs at the fastest level, as shares: ``total``, ``baseline``, ``operation``."""
    fast, managed = totals(work, model.unmanaged()), totals(work, model)

    def saved(name: str) -> float:
        return 1 - managed[name] / fast[name] if fast[name] else float("nan")

    return {"total": saved("power_W"), "baseline": saved("baseline_W"), "operation": 1 - managed["operation_scale"]}


def thresholds_in_time(work: Workload, model: PowerModel) -> tuple[int, ...]:
    """Return the largest thresholds with which every step that the level's frequency cannot finish in time takes a faster level.

    A received spike is taken to bring as many synaptic events as any did in the workload; 0 where a level is too slow even without spikes.
    """
    per_spike = np.divide(work.events, work.received, out=np.zeros(work.events.shape), where=work.received > 0).max()
    fixed = model.step_cycles + model.neuron_cycles * work.neurons.max()
    each = model.spike_cycles + model.synapse_cycles * per_spike
    found = [max(0, int((level.hertz * model.step_s - fixed) // each) + 1) if each else 0 for level in model.levels[:-1]]
    return tuple(int(t) for t in np.maximum.accumulate(found)) if found else ()


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


def explore(work: Workload, model: PowerModel, thresholds: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Return one row a setting of the thresholds: the setting, reductions, mean power and missed steps.

    Parameters
    ----------
    thresholds : sequence of sequences of int
        The values to try for each of the thresholds; settings that fall are left out.

    Raises
    ------
    UserError
        For another number of lists than the model has thresholds, and more than 100,000 settings.
    """
    if len(thresholds) != len(model.thresholds):
        raise UserError(f"values were given for {len(thresholds)} thresholds; the model has {len(model.thresholds)}.")
    if (size := int(np.prod([len(values) for values in thresholds]))) > MOST_SETTINGS:
        raise UserError(f"{size} settings of the thresholds were asked for; {MOST_SETTINGS} are tried at most.")
    rows: list[dict[str, Any]] = []
    for setting in itertools.product(*thresholds):
        if list(setting) == sorted(setting):
            trial = model.with_thresholds(setting)
            found = totals(work, trial)
            named = {f"threshold_{k}": value for k, value in enumerate(setting, 1)}
            rows.append({**named, **reductions(work, trial), "power_W": found["power_W"], "missed": found["missed"]})
    return pd.DataFrame(rows)
