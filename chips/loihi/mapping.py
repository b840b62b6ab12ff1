"""Place a network on Loihi and run it there: one membrane scale a population, an exponent a projection, decays and biases a neuron."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Chip, Placement, Visited
from brian2chip.chips.cuba_family import placed as family
from brian2chip.chips.cuba_family.arrival import arrival_notes, latencies, waits
from brian2chip.chips.cuba_family.files import stimulus_of
from brian2chip.chips.cuba_family.placed import PlacedNetwork
from brian2chip.chips.cuba_family.populations import (
    current_factor,
    membrane_bias,
    quantised_bias,
    reach,
    shared_notes,
    thresholds,
)
from brian2chip.chips.loihi import files
from brian2chip.chips.loihi.configuration import Configuration, SynapseGroup
from brian2chip.chips.loihi.emulator import run
from brian2chip.chips.loihi.fields import ARRIVED_BITS, COMPARTMENT, LARGEST_BIAS
from brian2chip.chips.quantised import QuantisedParameter, quantised
from brian2chip.chips.scaling import choose
from brian2chip.chips.timing import timing
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, SpikingNetwork

#: What arrives in a step is at most four times the largest membrane, as the current is at most twice that; and a quarter more.
HEADROOM = 5
#: Below this exponent weights lose bits, as they are multiples of 64.
LOWEST_EXPONENT = -1
CODES = {"v_threshold": "vth", "tau_m": "decay_v", "factor": "decay_v", "tau_syn": "decay_u", "refractory": "refractory"}


def place(network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return a network that fits, placed."""
    populations = [p for p in network.populations if p.kind != "input"]
    latency, chip = latencies(network), _whole_weights(chip)
    wanted = waits(network, latency)
    given = [max(0, steps) for steps in wanted]
    parameters: list[QuantisedParameter] = []
    codes, scales, exponents, n = {f.name: [] for f in COMPARTMENT}, {}, {}, 0
    neurons = {p.name: (n, n := n + p.size) for p in populations}
    for p in populations:
        timed = timing(p, network.dt, chip, rng)
        left = current_factor(p, timed, chip)
        bias = membrane_bias(p, left)
        into = [c for c in network.projections if c.target == p.name]
        scales[p.name], powers = _scale(p, network, chip, visited, timed, float(np.abs(bias).max()))
        exponents |= {id(c): e for c, e in zip(into, powers)}
        own = {f.name: np.full(p.size, f.default) for f in COMPARTMENT}
        if p.kind != "li":
            timed.append(quantised("v_threshold", p.name, chip.role("v_threshold"), thresholds(p), scales[p.name], rng=rng))
        own |= {CODES[one.parameter]: one.code for one in timed}
        own["vth"] = own["vth"] if p.kind != "li" else np.full(p.size, chip.role("v_threshold").maximum)
        if "bias" in p.parameters:
            own["bias_mantissa"], own["bias_exponent"] = _bias(bias / scales[p.name])
            code = own["bias_mantissa"] << own["bias_exponent"]
            timed.append(quantised_bias(p, chip, bias, code, -LARGEST_BIAS, LARGEST_BIAS, scales[p.name], left))
        parameters += timed
        for name, values in own.items():
            codes[name].append(values)
    weights = [
        quantised("weight", f"{c.source} -> {c.target}", chip.role("weight"), c.weight, scales[c.target] * 2.0 ** exponents[id(c)], rng=rng)
        for c in network.projections
    ]
    groups = tuple(_group(network, neurons, c, one.code, exponents[id(c)], w) for c, one, w in zip(network.projections, weights, given))
    configuration = Configuration(
        sum(p.size for p in network.populations if p.kind == "input"),
        **{name: np.concatenate(values).astype(np.int64) for name, values in codes.items()},
        synapses=groups,
    )
    readouts = tuple(p.name for p in populations if p.kind == "li")
    placed = PlacedNetwork(configuration, neurons, {p.name: latency[p.name] for p in populations}, readouts, scales)
    notes = arrival_notes(network, wanted, given, chip.name) + shared_notes(network, chip, ">") + _notes(network, chip)
    return Placement((*weights, *parameters), placed, tuple(notes))


def _whole_weights(chip: Chip) -> Chip:
    """Return the chip without the exponents at which weights lose bits."""
    exponent = chip.role("weight_exponent")
    kept = replace(exponent, low=max(exponent.minimum, LOWEST_EXPONENT))
    return replace(chip, fields=tuple(kept if f is exponent else f for f in chip.fields))


def _scale(
    p: Population, network: SpikingNetwork, chip: Chip, visited: Visited, timed: list[QuantisedParameter], bias: float
) -> tuple[float, list[int]]:
    """Return the network units of one membrane unit, and the exponent of each projection onto the population."""
    into = [c.weight for c in network.projections if c.target == p.name]
    # In membrane units of the finest scale: currents that still fit, biases that fit.
    largest = max(HEADROOM * reach(p, network, visited) / 2**ARRIVED_BITS, bias / LARGEST_BIAS)
    if not any(np.any(w) for w in into):
        return max(largest, 2.0**-ARRIVED_BITS), [0] * len(into)
    lost = min((float(one.code.min()) for one in timed if one.parameter in ("tau_m", "factor")), default=1.0)
    return choose(into, thresholds(p), chip, v_max=largest, state_max=1.0, leak_error=0.5 * 4096 / max(lost, 1.0))


def _bias(asked: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mantissas and exponents of biases in membrane units, each with the least exponent that holds it."""
    codes = np.rint(np.clip(asked, -LARGEST_BIAS, LARGEST_BIAS))
    exponent = np.zeros(codes.shape, np.int64)
    for e in range(1, 8):
        exponent[np.rint(np.abs(codes) / 2.0 ** (e - 1)) > LARGEST_BIAS >> 7] = e
    return np.rint(codes / 2.0**exponent).astype(np.int64), exponent


def _group(network: SpikingNetwork, neurons: dict, c, code: np.ndarray, exponent: int, wait: int) -> SynapseGroup:
    """Return a projection as a group of synapses in mixed sign mode, whose mantissas are even."""
    inputs, n = {}, 0
    for p in network.populations:
        if p.kind == "input":
            inputs[p.name] = (n, n := n + p.size)
    source = inputs.get(c.source, neurons.get(c.source))
    return SynapseGroup(c.source in inputs, source, neurons[c.target], 2 * code, exponent, True, wait)


def _notes(network: SpikingNetwork, chip: Chip) -> list[str]:
    refractory = [p for p in network.populations if np.any(np.asarray(p.parameters.get("refractory", 0.0)) > 1.5 * network.dt)]
    return [f"during refractoriness membranes of {p.name!r} stay at 0 on {chip.name}; in the network they integrate." for p in refractory]


def emulate(placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    return family.emulate(run, placed, samples)


def write(placed: PlacedNetwork, folder: Path, samples: Samples | None = None) -> None:
    """Write the files that program the chip, with the stimulus of the samples."""
    files.write(folder, placed.chip, None if samples is None else stimulus_of(samples, placed.more_steps))
