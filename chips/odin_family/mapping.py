"""Place a network on a crossbar of 256 neurons with a linear leak, run samples on it, and write its files: ODIN and tinyODIN."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip, Placement, Trace, Visited
from brian2chip.chips.odin_family.emulator import Emulator
from brian2chip.chips.odin_family.leak import leaks
from brian2chip.chips.odin_family.placed import ADDRESSES, PlacedNetwork
from brian2chip.chips.odin_family.stimulus import events, stimulus
from brian2chip.chips.quantised import QuantisedParameter, quantised
from brian2chip.chips.scaling import choose
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork


@dataclass(frozen=True)
class Codes:
    """The codes of a placed network at their addresses.

    Attributes
    ----------
    weight : int array [256, 256]
        Signed, ``[pre, post]``.
    threshold, leak : int array [256]
    used : bool array [256]
        Where there is a neuron.
    closed : bool
        Spikes of neurons are fed back.
    """

    weight: np.ndarray
    threshold: np.ndarray
    leak: np.ndarray
    used: np.ndarray
    closed: bool


@dataclass(frozen=True)
class Interface:
    """What sets one chip of the family apart when samples are run on it.

    Attributes
    ----------
    name : str
    address_bits : int
        Of the input link.
    spike : callable
        Input addresses (array) to spike events.
    time_reference : int
        Address of the time reference to all neurons.
    configuration : callable
        :class:`Codes` to what the chip holds.
    emulator, outputs, write : callable
        Opens the emulator; runs it under the names of the recorded format; writes ``(folder, configuration, stimulus)``.
    """

    name: str
    address_bits: int
    spike: Callable[[np.ndarray], np.ndarray]
    time_reference: int
    configuration: Callable[[Codes], Any]
    emulator: Callable[[], AbstractContextManager[Emulator]]
    outputs: Callable[[Emulator, Any, np.ndarray, np.ndarray], Trace]
    write: Callable[[Path, Any, np.ndarray], Path]


def place(interface: Interface, network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return a network that fits, placed."""
    address, closed = layout(network)
    parameters, weight, threshold, scales = weights_and_thresholds(network, chip, address, rng)
    leak_parameters, leak, period = leaks(network, chip, address, scales, visited, rng)
    neurons = {p.name: address[p.name] for p in network.populations if p.kind != "input"}
    used = np.zeros(ADDRESSES, bool)
    for first, end in neurons.values():
        used[first:end] = True
    v = chip.role("v")
    references = -(-max(v.maximum, -v.minimum) // max(int(leak[used].min()), 1))
    configuration = interface.configuration(Codes(weight, threshold, leak, used, closed))
    placed = PlacedNetwork(configuration, neurons, period, references, scales)
    return Placement((*parameters, *leak_parameters), placed, tuple(notes(network, chip, visited, period)))


def layout(network: SpikingNetwork) -> tuple[dict[str, tuple[int, int]], bool]:
    """Return the addresses (first, last + 1) of every population, and whether spikes of neurons are fed back.

    Inputs and neurons share one address space; a network without recurrence reuses it, as its own spikes are not fed back.
    """
    inputs = [p for p in network.populations if p.kind == "input"]
    neurons = [p for p in network.populations if p.kind != "input"]
    closed = any(c.source in {p.name for p in neurons} for c in network.projections)
    address, first = {}, 0
    for p in inputs:
        address[p.name], first = (first, first + p.size), first + p.size
    first = first if closed else 0
    for p in neurons:
        address[p.name], first = (first, first + p.size), first + p.size
    return address, closed


def weights_and_thresholds(
    network: SpikingNetwork, chip: Chip, address: Mapping[str, tuple[int, int]], rng: np.random.Generator
) -> tuple[list[QuantisedParameter], np.ndarray, np.ndarray, dict[str, float]]:
    """Return parameters, signed weight codes [256, 256], threshold codes [256] and the membrane scale of each population."""
    weight_field, limit, magnitude = chip.role("weight"), chip.role("v_threshold"), chip.sign == "pre"
    weight, threshold = np.zeros((ADDRESSES, ADDRESSES), np.int64), np.full(ADDRESSES, limit.maximum, np.int64)
    parameters: list[QuantisedParameter] = []
    scales = {}
    for p in (p for p in network.populations if p.kind != "input"):
        into = [c for c in network.projections if c.target == p.name]
        asked = np.broadcast_to(np.asarray(p.parameters["v_threshold"], float), (p.size,))
        whole = float(asked.max() / (limit.maximum * limit.scale))
        scales[p.name] = scale = float(choose([c.weight for c in into], asked, chip)[0]) if into else whole
        to = slice(*address[p.name])
        for c in into:
            one = quantised("weight", f"{c.source} -> {c.target}", weight_field, c.weight, scale, rng=rng, magnitude=magnitude)
            weight[slice(*address[c.source]), to] = one.code
            parameters.append(one)
        one = quantised("v_threshold", p.name, limit, asked, scale, rng=rng)
        threshold[to] = one.code
        parameters.append(one)
    return parameters, weight, threshold, scales


def notes(network: SpikingNetwork, chip: Chip, visited: Visited, period: int) -> list[str]:
    """Return what a crossbar chip does differently from the step-by-step network."""
    found = [f"{chip.name} takes the spikes of a step one after the other and tests the threshold after each."]
    for c in network.projections:
        if network.population(c.source).kind != "input" and c.delay_steps > 0:
            found.append(f"spikes {c.source!r} -> {c.target!r} act at once on {chip.name}, not {c.delay_steps} step(s) later.")
    if period > 1:
        found.append(f"the leak acts once in {period} steps, so that its code resolves it.")
    if chip.role("v").minimum == 0:
        inhibited = {c.target for c in network.projections if np.any(np.asarray(c.weight) < 0)}
        for p in network.populations:
            if p.name in inhibited and np.any(visited[p.name]["v_min"] < -0.1 * np.asarray(p.parameters["v_threshold"], float)):
                found.append(f"the membrane of {p.name!r} goes below 0 in the network; on {chip.name} it stops there.")
    return found


def _events(interface: Interface, placed: PlacedNetwork, samples: Samples) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the stimulus of samples, and the sample and step of each of its events."""
    source, sample, step = events(samples, placed.period, placed.reset_references)
    address = np.where(source < 0, interface.time_reference, interface.spike(source))
    return stimulus(address, None, interface.name, interface.address_bits), sample, step


def emulate(interface: Interface, placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    given, sample, step = _events(interface, placed, samples)
    with interface.emulator() as chip:
        out = interface.outputs(chip, placed.chip, given, np.zeros(0, int))
        controller = chip.objects["controller"]
        queue = int(controller.peak[0]), int(controller.lost[0])
    address, index = np.asarray(out["out_addr"], np.int64), np.asarray(out["out_stim_index"], np.int64)
    s, t = sample[index], step[index]
    spikes = {}
    for name, (first, end) in placed.neurons.items():
        own = (address >= first) & (address < end) & (t >= 0)
        order = np.lexsort((address[own], t[own], s[own]))
        spikes[name] = (s[own][order], t[own][order], address[own][order] - first)
    begin = np.searchsorted(sample, np.arange(len(samples)))
    start = np.append(np.asarray(out["stim_start_cycle"], np.int64)[begin], int(out["total_cycles"]))
    return NetworkRun(spikes, {}, {}, len(samples), samples.n_steps, cycles=np.diff(start), queue=queue)


def write(interface: Interface, placed: PlacedNetwork, folder: Path, samples: Samples | None = None) -> None:
    """Write the files that program the chip, with the stimulus of the samples."""
    given = np.zeros((0, 2), np.int32) if samples is None else _events(interface, placed, samples)[0]
    interface.write(folder, placed.chip, given)
