"""What a network does on samples, counted: updates of neurons, synaptic operations, spikes by the projections they take, sparsity."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from brian2chip.analysis import dataflow, operations
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.rule import Rule
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork


def spike_counts(network: SpikingNetwork, samples: Samples, run: NetworkRun) -> dict[str, np.ndarray]:
    """Return ``{population: int array [size]}``: spikes of every neuron over all samples, of inputs those that they were given."""
    found, first = {}, 0
    for population in network.populations:
        if population.kind == "input":
            here = (samples.i >= first) & (samples.i < first + population.size)
            found[population.name] = np.bincount(samples.i[here] - first, minlength=population.size)
            first += population.size
        else:
            fired = run.spikes[population.name][2] if population.name in run.spikes else np.zeros(0, int)
            found[population.name] = np.bincount(fired, minlength=population.size)
    return found


def hops(network: SpikingNetwork, samples: Samples, run: NetworkRun) -> pd.DataFrame:
    """Return one row a projection, counts a sample.

    Returns
    -------
    DataFrame
        ``source``, ``target``, ``hop`` ("input", "within", "between"), ``synapses`` (weights that are not zero), ``spikes`` that enter it
        (of neurons that have a synapse there), ``synaptic_operations`` (spikes times synapses), ``dense_operations`` (every weight in
        every step).
    """
    fired = spike_counts(network, samples, run)
    kinds = {p.name: p.kind for p in network.populations}
    rows = []
    for c in network.projections:
        fan_out = np.count_nonzero(c.weight, axis=1)
        rows.append(
            {
                "source": c.source,
                "target": c.target,
                "hop": "input" if kinds[c.source] == "input" else "within" if c.source == c.target else "between",
                "synapses": int(fan_out.sum()),
                "spikes": float(fired[c.source][fan_out > 0].sum()) / run.n_samples,
                "synaptic_operations": float((fired[c.source] * fan_out).sum()) / run.n_samples,
                "dense_operations": float(np.size(c.weight) * run.n_steps),
            }
        )
    return pd.DataFrame(rows)


def counts(network: SpikingNetwork, samples: Samples, run: NetworkRun) -> dict[str, float]:
    """Return what a sample takes, means over the samples.

    Returns
    -------
    dict
        ``steps``, ``neuron_updates`` (every neuron in every step), ``input_spikes``, ``spikes``, ``synaptic_operations``,
        ``dense_operations``, and three of NeuroBench's metrics (Yik et al. 2025): ``footprint_bytes`` (weights and parameters of
        neurons as 32-bit numbers), ``connection_sparsity`` (share of weights that are zero),
        ``activation_sparsity`` (share of steps in which a neuron is silent).
    """
    table = hops(network, samples, run)
    fired = spike_counts(network, samples, run)
    inputs = [p for p in network.populations if p.kind == "input"]
    neurons = [p for p in network.populations if p.kind != "input"]
    firing = [p for p in neurons if p.name in run.spikes]
    weights = sum(np.size(c.weight) for c in network.projections)
    values = sum(np.size(value) for p in neurons for value in p.parameters.values() if not isinstance(value, str))
    spikes = sum(float(fired[p.name].sum()) for p in firing) / run.n_samples
    places = sum(p.size for p in firing) * run.n_steps
    return {
        "steps": run.n_steps,
        "neuron_updates": sum(p.size for p in neurons) * run.n_steps,
        "input_spikes": sum(float(fired[p.name].sum()) for p in inputs) / run.n_samples,
        "spikes": spikes,
        "synaptic_operations": float(table["synaptic_operations"].sum()),
        "dense_operations": float(table["dense_operations"].sum()),
        "footprint_bytes": 4 * (weights + values),
        "connection_sparsity": 1 - float(table["synapses"].sum()) / weights if weights else 0.0,
        "activation_sparsity": 1 - spikes / places if places else 1.0,
    }


def rule_updates(rules: Iterable[Rule], network: SpikingNetwork, samples: Samples, run: NetworkRun) -> pd.DataFrame:
    """Return one row a rule: what it would do at all synapses of the network in a sample, from its equations and these spikes.

    Returns
    -------
    DataFrame
        ``rule``, ``weight_updates`` (times at which code that may change the weight runs at a synapse), and a column for each kind of
        arithmetic operation (:data:`brian2chip.analysis.operations.KINDS`), events and steps together.
    """
    fired = spike_counts(network, samples, run)
    events = {"pre": 0.0, "post": 0.0}
    synapses = 0
    for c in network.projections:
        connected = np.asarray(c.weight) != 0
        events["pre"] += float((fired[c.source] * connected.sum(1)).sum()) / run.n_samples
        events["post"] += float((fired[c.target] * connected.sum(0)).sum()) / run.n_samples
        synapses += int(connected.sum())
    rows = []
    for rule in rules:
        flow = dataflow.read(rule)
        changed = set(dataflow.efficacy(flow))
        total: dict[str, float] = dict.fromkeys(operations.KINDS, 0.0)
        updates = 0.0
        sources: Mapping[str, tuple[list, float]] = {
            "pre": (operations.at_event(flow, "pre"), events["pre"]),
            "post": (operations.at_event(flow, "post"), events["post"]),
            "clock": (operations.at_step(flow), float(synapses * run.n_steps)),
        }
        for entries, times in sources.values():
            if changed & {target for target, _ in entries}:
                updates += times
            for kind, number in operations.total(entries).items():
                total[kind] += number * times
        rows.append({"rule": rule.name, "weight_updates": updates, **total})
    return pd.DataFrame(rows)
