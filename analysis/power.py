"""Energy of a processor that chooses its voltage and frequency in every time step from the spikes that it received.

The bookkeeping of Höppner et al. 2019 (arXiv:1903.08941, abstract): at the beginning of a step a core looks at how many spikes came in,
takes a performance level, works through neurons and synapses, and waits at the lowest level for the next step. Every constant is a field.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.power_model import PowerModel
from brian2chip.errors import UserError

#: Parts of the energy, columns of the tables that follow.
PARTS = ("baseline_J", "neurons_J", "synapses_J")
#: Settings of thresholds that one exploration tries at most.
MOST_SETTINGS = 100_000


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
