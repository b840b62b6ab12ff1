"""What a network asks of a chip that it does not have: one sentence each, all of them at once."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from brian2chip.chips.chip import LIMITS, Chip
from brian2chip.core.spiking_network import Population, SpikingNetwork


def kind_of(population: Population) -> str:
    """Return the kind, ``"cuba"`` for a neuron whose input current has a time constant."""
    return "cuba" if "tau_syn" in population.parameters else population.kind


def refusals(network: SpikingNetwork, chip: Chip) -> tuple[str, ...]:
    """Return a sentence for everything that the chip cannot hold; empty when it fits."""
    if not chip.kinds:
        return (f"{chip.name} can be listed but not translated onto: its numbers rest on {chip.verified}.",)
    found = [*_neurons(network, chip), *_sizes(network, chip), *_wiring(network, chip)]
    return tuple(dict.fromkeys(found))


def _neurons(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    for p in network.populations:
        if p.kind == "input":
            continue
        if kind_of(p) not in chip.kinds:
            yield f"population {p.name!r} is of kind {kind_of(p)!r}, {chip.name} has {', '.join(chip.kinds)}; train it with one of these."
            continue
        if p.kind != "li":
            yield from _firing(p, network.dt, chip)
        if np.any(np.asarray(p.parameters.get("v_leak", 0.0)) != 0) or np.any(np.asarray(p.parameters.get("bias", 0.0)) != 0):
            yield f"population {p.name!r} has a resting potential or bias, {chip.name} rests at 0; fold it into the threshold or an input."


def _firing(p: Population, dt: float, chip: Chip) -> Iterator[str]:
    reset = p.parameters.get("reset", "subtract")
    if reset not in chip.resets:
        yield f"population {p.name!r} resets by {reset!r}, {chip.name} by {' or '.join(map(repr, chip.resets))}; train it with that reset."
    if np.any(np.asarray(p.parameters.get("v_reset", 0.0)) != 0):
        yield f"population {p.name!r} resets to another value than 0, which {chip.name} cannot; shift its membrane so that it resets to 0."
    steps = float(np.max(np.asarray(p.parameters.get("refractory", 0.0)))) / dt
    allowed = chip.limits.get("refractory_steps", 0)
    if steps > max(allowed, 1) + 1e-9:
        has = f"at most {allowed}" if allowed else "none"
        yield f"population {p.name!r} is refractory for {steps:g} steps, {chip.name} has {has}; train it without."
    if np.any(np.asarray(p.parameters["v_threshold"]) <= 0):
        yield f"population {p.name!r} has thresholds of 0 or below, which would fire at every step on {chip.name}; give positive ones."


def needs(network: SpikingNetwork, chip: Chip) -> dict[str, int]:
    """Return how much of each of :data:`chip.LIMITS` the network takes."""
    neurons = [p for p in network.populations if p.kind != "input"]
    readouts = [p for p in neurons if p.name not in {c.source for c in network.projections}]
    inputs = sum(p.size for p in network.populations if p.kind == "input")
    fan_in = {p.name: sum(np.count_nonzero(c.weight, axis=0) for c in network.projections if c.target == p.name) for p in neurons}
    total, answers = sum(p.size for p in neurons), sum(p.size for p in readouts)
    return {
        "inputs": inputs,
        "neurons": total - answers if chip.readout_leak is not None else total,
        "outputs": answers,
        "addresses": total + inputs if len(neurons) > len(readouts) else max(total, inputs),
        "fan_in": max((int(np.max(f)) for f in fan_in.values()), default=0),
        "synapses": max((int(np.count_nonzero(c.weight)) for c in network.projections), default=0),
        "layers": len(neurons),
        "delay_steps": max((c.delay_steps for c in network.projections), default=0),
    }


def _sizes(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    for name, need in needs(network, chip).items():
        if name != "delay_steps" and need > chip.limits.get(name, np.inf):
            yield f"the network needs {need} {LIMITS[name]}, {chip.name} has {chip.limits[name]}; make it smaller."


def _wiring(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    names = {p.name: k for k, p in enumerate(network.populations)}
    ends = [(c.source, c.target) for c in network.projections]
    for source, target in sorted(set(ends)):
        if (n := ends.count((source, target))) > 1:
            yield f"there are {n} projections {source!r} -> {target!r}, {chip.name} has one synapse for each pair; merge them."
    for c in network.projections:
        if not chip.recurrent and names[c.target] <= names[c.source]:
            yield f"the projection {c.source!r} -> {c.target!r} runs backwards, {chip.name} is feed-forward only; remove it."
        allowed = max(chip.limits.get("delay_steps", 1), 1)
        if c.delay_steps > allowed:
            yield f"the projection {c.source!r} -> {c.target!r} has a delay of {c.delay_steps} steps, {chip.name} has at most {allowed}."
    if chip.sign == "pre":
        for p in network.populations:
            mixed = mixed_rows(network, p.name)
            if np.any(mixed):
                extra = int(np.count_nonzero(mixed))
                yield (
                    f"{extra} of the {p.size} neurons of {p.name!r} excite some targets and inhibit others, {chip.name} has one sign per "
                    f"presynaptic neuron; translate with split_signs (--split-signs), which makes a pair of each ({extra} more addresses)."
                )


def mixed_rows(network: SpikingNetwork, source: str) -> np.ndarray:
    """Return, as bool, which neurons of a population have both positive and negative weights."""
    rows = [c.weight for c in network.projections if c.source == source]
    if not rows:
        return np.zeros(network.population(source).size, bool)
    rows = np.concatenate(rows, axis=1)
    return np.any(rows > 0, axis=1) & np.any(rows < 0, axis=1)
