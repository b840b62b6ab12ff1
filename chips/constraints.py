"""What a network may ask of a chip: small functions of network and chip, each yielding one sentence for what the chip does not have."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.chips.connections import closing_a_loop, mixed_rows
from brian2chip.core.spiking_network import Population, SpikingNetwork


def refusals(network: SpikingNetwork, chip: Chip) -> tuple[str, ...]:
    """Return a sentence for everything that the chip cannot hold, all at once; empty when the network fits."""
    if not chip.kinds:
        return (f"{chip.name} can be listed but not translated onto: its numbers rest on {chip.verified}.",)
    found = [sentence for constraint in (*EVERY_CHIP, *chip.constraints) for sentence in constraint(network, chip)]
    return tuple(dict.fromkeys(found))


def kind_of(population: Population) -> str:
    """Return the kind, ``"cuba"`` for a LIF neuron whose input current has a time constant, ``"cuba-if"`` for such an IF neuron."""
    if "tau_syn" not in population.parameters or population.kind == "lif_exact":
        return population.kind
    return "cuba" if population.kind == "lif" else f"cuba-{population.kind}"


def neuron_kinds(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Every population is of a kind that the chip has."""
    for p in network.populations:
        if p.kind != "input" and kind_of(p) not in chip.kinds:
            yield f"population {p.name!r} is of kind {kind_of(p)!r}, {chip.name} has {', '.join(chip.kinds)}; train it with one of these."


def _held(network: SpikingNetwork, chip: Chip, *, firing: bool = False) -> list[Population]:
    """Return the populations of a kind that the chip has; what else they ask is only said of these."""
    held = [p for p in network.populations if p.kind != "input" and kind_of(p) in chip.kinds]
    return [p for p in held if p.kind != "li"] if firing else held


def _any(population: Population, name: str, default: float = 0.0) -> bool:
    return bool(np.any(np.asarray(population.parameters.get(name, default)) != 0))


def reset_modes(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Every population resets as the chip does."""
    for p in _held(network, chip, firing=True):
        if (reset := p.parameters.get("reset", "subtract")) not in chip.resets:
            has = " or ".join(map(repr, chip.resets))
            remedy = "train it with that reset, or read its NIR file with --reset."
            yield f"population {p.name!r} resets by {reset!r}, {chip.name} by {has}; {remedy}"


def reset_to_zero(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Membranes are reset to 0."""
    for p in _held(network, chip, firing=True):
        if _any(p, "v_reset"):
            yield f"population {p.name!r} resets to another value than 0, {chip.name} cannot; shift its membrane so that it resets to 0."


def refractoriness(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Refractoriness fits the field that holds it; a step of it is what every chip has."""
    f = chip.role("refractory")
    allowed = 0 if f is None else f.maximum * f.scale
    for p in _held(network, chip, firing=True):
        steps = float(np.max(np.asarray(p.parameters.get("refractory", 0.0)))) / network.dt
        if steps > max(allowed, 1) + 1e-9:
            has = f"at most {allowed:g}" if allowed else "none"
            yield f"population {p.name!r} is refractory for {steps:g} steps, {chip.name} has {has}; train it without."


def positive_thresholds(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Thresholds lie above the resting membrane."""
    for p in _held(network, chip, firing=True):
        if np.any(np.asarray(p.parameters["v_threshold"]) <= 0):
            yield f"population {p.name!r} has thresholds of 0 or below, which would fire at every step on {chip.name}; give positive ones."


def rest_at_zero(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Membranes rest at 0, without bias where the chip has none."""
    for p in _held(network, chip):
        if _any(p, "v_leak") or (_any(p, "bias") and chip.role("bias") is None):
            yield f"population {p.name!r} has a resting potential or bias, {chip.name} rests at 0; fold it into the threshold or an input."


def one_projection_a_pair(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Two populations are connected by one projection."""
    ends = [(c.source, c.target) for c in network.projections]
    for source, target in sorted(set(ends)):
        if (n := ends.count((source, target))) > 1:
            yield f"there are {n} projections {source!r} -> {target!r}, {chip.name} has one synapse for each pair; merge them."


def delays(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Delays fit the field that holds them; a step of it is what every chip has."""
    f = chip.role("delay")
    allowed = 1 if f is None else max(f.maximum * f.scale, 1)
    for c in network.projections:
        if c.delay_steps > allowed:
            yield f"the projection {c.source!r} -> {c.target!r} has a delay of {c.delay_steps} steps, {chip.name} has at most {allowed:g}."


def one_sign_a_neuron(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Where the presynaptic neuron carries the sign, every neuron excites only or inhibits only."""
    for p in network.populations if chip.sign == "pre" else ():
        if extra := int(np.count_nonzero(mixed_rows(network, p.name))):
            yield (
                f"{extra} of the {p.size} neurons of {p.name!r} excite some targets and inhibit others, {chip.name} has one sign per "
                f"presynaptic neuron; translate with split_signs (--split-signs), which makes a pair of each ({extra} more addresses)."
            )


EVERY_CHIP = (
    neuron_kinds, reset_modes, reset_to_zero, refractoriness, positive_thresholds, rest_at_zero, one_projection_a_pair, delays,
    one_sign_a_neuron,
)  # fmt: skip


# What some chips ask beside.


def feed_forward(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """No connection leads back to where its path came from."""
    for source, target in closing_a_loop(network):
        yield f"the projection {source!r} -> {target!r} runs backwards, {chip.name} is feed-forward only; remove it."
