"""Place a network on MorphIC and run it there: binary synapses, thresholds in units of one synapse, a linear leak at time references."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Chip, Placement, Visited
from brian2chip.chips.morphic import events as ev
from brian2chip.chips.morphic import files
from brian2chip.chips.morphic.configuration import SHAPE, Configuration, N
from brian2chip.chips.morphic.emulator import emulator
from brian2chip.chips.morphic.fields import DEPTH, NEURONS
from brian2chip.chips.morphic.layout import Layout, layout, two_values
from brian2chip.chips.morphic.placed import PlacedNetwork
from brian2chip.chips.odin_family.leak import leaks
from brian2chip.chips.odin_family.stimulus import events
from brian2chip.chips.quantised import QuantisedParameter, quantised
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork


def place(network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return a network that fits, placed."""
    found = layout(network)
    parameters: list[QuantisedParameter] = []
    neurons = {name: codes.copy() for name, codes in Configuration.blank().neurons.items()}
    cores = {name: codes.copy() for name, codes in Configuration.blank().cores.items()}
    scales = {}
    for p in (p for p in network.populations if p.kind != "input"):
        at = slice(*found.place[p.name])
        scales[p.name] = scale = two_values(network, p.name)[1]
        asked = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
        one = quantised("v_threshold", p.name, chip.role("v_threshold"), asked, scale, rng=rng)
        parameters.append(one)
        neurons["thr"][at], neurons["disable"][at] = one.code, 0
        neurons["crossbar"][at], neurons["star"][at], neurons["row"][at] = (
            found.crossbar[p.name], found.mask[p.name], found.row[p.name],
        )  # fmt: skip
        if found.bipolar[p.name]:
            cores["bipolar"][_cores(found, p.name)] = 1
    synapses = np.zeros(SHAPE, np.uint8)
    for c in network.projections:
        parameters.append(_weights(c, scales[c.target], found.bipolar[c.target], chip))
        _connect(synapses, network, found, c)
    leak_parameters, neurons["leak"], period = leaks(network, chip, found.place, scales, visited, rng, addresses=N)
    used = neurons["disable"] == 0
    v = chip.role("v")
    references = -(-max(v.maximum, -v.minimum) // max(int(neurons["leak"][used].min()), 1))
    inputs = [p.name for p in network.populations if p.kind == "input"]
    placed = PlacedNetwork(
        Configuration(cores, neurons, synapses),
        {p.name: found.place[p.name] for p in network.populations if p.kind != "input"},
        np.concatenate([found.mask[name] for name in inputs]),
        np.concatenate([found.row[name] for name in inputs]),
        period,
        references,
        scales,
    )
    return Placement((*parameters, *leak_parameters), placed, tuple(_notes(network, chip, period)))


def _cores(found: Layout, name: str) -> list[int]:
    first, end = found.place[name]
    return list(range(first // NEURONS, (end - 1) // NEURONS + 1))


def _weights(c, scale: float, bipolar: bool, chip: Chip) -> QuantisedParameter:
    """Return the weights as what the bit stands for."""
    exact = np.asarray(c.weight, float) / scale
    code = np.rint(exact).astype(np.int64)
    low = -1 if bipolar else 0
    return QuantisedParameter(
        "weight",
        f"{c.source} -> {c.target}",
        chip.roles["weight"],
        "weight",
        np.asarray(c.weight, float),
        exact,
        code,
        code * scale,
        low,
        1,
    )


def _connect(synapses: np.ndarray, network: SpikingNetwork, found: Layout, c) -> None:
    """Set the synapses of a projection at the rows on which its source arrives in each core of its target."""
    first, end = found.place[c.target]
    bits = np.asarray(c.weight) > 0
    inside = np.zeros(len(bits), int) - 1
    if c.source in found.place:
        at = np.arange(*found.place[c.source])
        inside = np.where(found.crossbar[c.source], at // NEURONS, -1)
    for core in _cores(found, c.target):
        a, b = max(first, core * NEURONS), min(end, (core + 1) * NEURONS)
        rows = np.where(inside == core, np.arange(*found.place[c.source]) % NEURONS if c.source in found.place else 0, found.row[c.source])
        synapses[core, rows[:, None], np.arange(a, b)[None] - core * NEURONS] = bits[:, a - first : b - first]


def _notes(network: SpikingNetwork, chip: Chip, period: int) -> list[str]:
    """Return what the chip does differently from the step-by-step network."""
    found = [f"{chip.name} takes the spikes of a step one after the other and tests the threshold after each."]
    for c in network.projections:
        if network.population(c.source).kind != "input" and c.delay_steps > 0:
            found.append(f"spikes {c.source!r} -> {c.target!r} act at once on {chip.name}, not {c.delay_steps} step(s) later.")
    if period > 1:
        found.append(f"the leak acts once in {period} steps, so that its code resolves it.")
    return found


def input_events(placed: PlacedNetwork, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the input events of samples, and the sample and step of each; inputs that reach nothing send none."""
    source, sample, step = events(samples, placed.period, placed.reset_references)
    at = np.maximum(source, 0)
    used = np.unique(np.concatenate([np.arange(a // NEURONS, (b - 1) // NEURONS + 1) for a, b in placed.neurons.values()]))
    reference = source < 0
    kind = np.where(reference, ev.REFERENCE, ev.SPIKE)
    cores = np.where(reference, np.sum(1 << used), placed.input_cores[at])
    address = np.where(reference, ev.ALL, placed.input_rows[at])
    kept = cores > 0
    given = np.stack([kind, cores, address, np.zeros_like(kind)], axis=1)[kept]
    return ev.checked(given), sample[kept], step[kept]


def emulate(placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    given, sample, step = input_events(placed, samples)
    with emulator() as chip:
        out = chip.run(placed.chip, given)
    return run_of(placed, out, sample, step, samples)


def run_of(placed: PlacedNetwork, out, sample: np.ndarray, step: np.ndarray, samples: Samples) -> NetworkRun:
    """Return the spikes of an outcome by population, sample and step."""
    s, t = sample[out.spike_event], step[out.spike_event]
    spikes = {}
    for name, (first, end) in placed.neurons.items():
        own = (out.spike_neuron >= first) & (out.spike_neuron < end) & (t >= 0)
        order = np.lexsort((out.spike_neuron[own], t[own], s[own]))
        spikes[name] = (s[own][order], t[own][order], out.spike_neuron[own][order] - first)
    queue = (DEPTH, out.lost) if out.lost else None  # it counts what a full queue lost, and not what waited in others
    return NetworkRun(spikes, {}, {}, len(samples), samples.n_steps, queue=queue)


def write(placed: PlacedNetwork, folder: Path, samples: Samples | None = None) -> None:
    """Write the files that program the chip, with the stimulus of the samples."""
    given = np.zeros((0, 4), np.int32) if samples is None else input_events(placed, samples)[0]
    files.write(folder, placed.chip, given)
