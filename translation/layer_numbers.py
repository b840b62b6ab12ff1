"""The numbers of each layer from which a diagnosis is made: what reaches it, how it answers, and what a chip loses of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.spike_trains import dense, first_divergence, silent_and_saturated
from brian2chip.chips.chip import Chip
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, SpikingNetwork
from brian2chip.errors import UserError

#: Cells of the largest table of spikes of one population.
LARGEST = 1 << 28
#: Parameters that hold a leak.
LEAKS = ("tau_m", "tau_syn")


@dataclass(frozen=True)
class Subject:
    """A network, and what a chip made of it.

    Attributes
    ----------
    network : SpikingNetwork
    realised : SpikingNetwork or None
        With the values of the chip.
    table : DataFrame or None
        Of the parameters, as :meth:`brian2chip.translation.translation.Translation.table` gives it.
    chip : Chip or None
    run : NetworkRun or None
        What the emulated chip did.
    refusals : tuple of str
        Why the chip cannot hold the network.
    """

    network: SpikingNetwork
    realised: SpikingNetwork | None = None
    table: pd.DataFrame | None = None
    chip: Chip | None = None
    run: NetworkRun | None = None
    refusals: tuple[str, ...] = ()


def spike_tables(network: SpikingNetwork, run: NetworkRun, samples: Samples) -> dict[str, np.ndarray]:
    """Return the spikes of every population that has them, inputs too, as bool [samples, steps, neurons]."""
    found, first = {}, 0
    for p in network.populations:
        if run.n_samples * run.n_steps * p.size > LARGEST:
            raise UserError(
                f"the spikes of {p.name!r:.60} would take {run.n_samples * run.n_steps * p.size / 2**30:.1f} GiB; give fewer samples."
            )
        if p.kind == "input":
            own = (samples.i >= first) & (samples.i < first + p.size)
            found[p.name] = dense((samples.sample[own], samples.t[own], samples.i[own] - first), run.n_samples, run.n_steps, p.size)
            first += p.size
        elif p.name in run.spikes:
            found[p.name] = dense(run.spikes[p.name], run.n_samples, run.n_steps, p.size)
    return found


def numbers_of(
    subject: Subject, p: Population, runs: Mapping[str, NetworkRun], trains: Mapping[str, Mapping[str, np.ndarray]]
) -> dict[str, Any]:
    """Return the numbers of one population."""
    network, dt = subject.network, subject.network.dt
    into = [k for k, c in enumerate(network.projections) if c.target == p.name]
    sources = list(dict.fromkeys(network.projections[k].source for k in into))
    arriving = [trains["given"][name] for name in sources if name in trains["given"]]
    rate = np.concatenate([x.mean(axis=(0, 1)) for x in arriving]) if arriving else np.zeros(1)
    given, chip = trains["given"].get(p.name), trains.get("chip", {}).get(p.name)
    row = {
        "layer": p.name,
        "sources": _only_neurons(network, p, sources),
        "neurons": p.size,
        "weights": sum(int(np.count_nonzero(network.projections[k].weight)) for k in into),
        "input_hz": float(rate.mean() / dt),
        "silent_inputs": float(np.mean(rate == 0)),
        "drive": _drive(p, runs["given"]),
        "drive_chip": None if "realised" not in runs else _drive(subject.realised.population(p.name), runs["realised"]),
    }
    row |= _counts("", given, dt) | _counts("_chip", chip, dt) | _lost(subject, p, into)
    row["out_of_order"] = None if subject.run is None or chip is None else _out_of_order(subject.network, p, trains)
    return row


def _only_neurons(network: SpikingNetwork, p: Population, sources: list[str]) -> list[str]:
    """Return the populations other than itself that lead to a population, none where an input does."""
    others = [name for name in sources if name != p.name]
    return [] if any(network.population(name).kind == "input" for name in others) else others


def _drive(p: Population, run: NetworkRun) -> float | None:
    """Return the largest membrane, in thresholds, that half of the neurons reach; None without a threshold above 0."""
    if p.kind == "li":
        return None
    threshold = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
    return float(np.median(run.visited[p.name]["v_max"] / threshold)) if np.all(threshold > 0) else None


def _counts(end: str, trains: np.ndarray | None, dt: float) -> dict[str, float | None]:
    """Return the rate, and the shares of neurons that are silent and saturated, under names with that end."""
    names = tuple(f"{name}{end}" for name in ("rate_hz", "silent", "saturated"))
    if trains is None:
        return dict.fromkeys(names)
    silent, saturated = silent_and_saturated(trains)
    return dict(zip(names, (float(trains.mean() / dt), float(silent.mean()), float(saturated.mean()))))


def _lost(subject: Subject, p: Population, into: list[int]) -> dict[str, float | None]:
    """Return the shares of weights that the chip loses, and the error of the leak."""
    if subject.realised is None or subject.table is None:
        return dict.fromkeys(("weights_lost", "weights_clipped", "leak_error"))
    before = np.concatenate([np.ravel(subject.network.projections[k].weight) for k in into] or [np.zeros(0)])
    after = np.concatenate([np.ravel(subject.realised.projections[k].weight) for k in into] or [np.zeros(0)])
    there = before != 0
    table = subject.table
    weights = table[(table["parameter"] == "weight") & table["place"].str.endswith(f" -> {p.name}")]
    leaks = [_leak_error(p, subject.realised.population(p.name), name) for name in LEAKS if name in p.parameters]
    return {
        "weights_lost": float(np.mean(after[there] == 0)) if there.any() else 0.0,
        "weights_clipped": float(weights["clipped"].sum() / max(weights["values"].sum(), 1)),
        "leak_error": max(leaks, default=0.0),
    }


def _leak_error(before: Population, after: Population, name: str) -> float:
    """Return by how much a time constant is off at most, relative to itself."""
    asked, got = (np.asarray(p.parameters.get(name, before.parameters[name]), float) for p in (before, after))
    return float(np.max(np.abs(got - asked) / asked))


def _out_of_order(network: SpikingNetwork, p: Population, trains: Mapping[str, Mapping[str, np.ndarray]]) -> float:
    """Return the share of trains that leave those of the realised network first where several spikes reach the neuron at once.

    Trains count only while the spikes that reach the population are those of the realised network.
    """
    realised, chip = trains["realised"][p.name], trains["chip"][p.name]
    n, steps, size = realised.shape
    arriving, same = np.zeros((n, steps, size), np.int32), np.full(n, steps)
    for c in network.projections:
        if c.target != p.name or c.source not in trains["realised"]:
            continue
        came = trains["realised"][c.source]
        arriving[:, c.delay_steps :] += (came.astype(np.int32) @ (np.asarray(c.weight) != 0).astype(np.int32))[:, : steps - c.delay_steps]
        if c.source != p.name:
            parted = first_divergence(came, trains["chip"].get(c.source, came))
            same = np.minimum(same, np.where(parted < 0, steps, parted))
    first = np.where((realised != chip).any(axis=1), (realised != chip).argmax(axis=1), steps)  # [samples, neurons]
    sample, neuron = np.nonzero(first < same[:, None])
    return float(np.sum(arriving[sample, first[sample, neuron], neuron] > 1) / first.size)
