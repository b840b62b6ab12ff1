"""Place a network on Xylo and run it there: a membrane scale for hidden neurons and one for outputs, a shift a matrix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Chip, Placement, Visited
from brian2chip.chips.cuba_family import placed as family
from brian2chip.chips.cuba_family.arrival import arrival_notes, latencies, waits
from brian2chip.chips.cuba_family.files import stimulus_of
from brian2chip.chips.cuba_family.placed import PlacedNetwork
from brian2chip.chips.cuba_family.populations import current_factor, membrane_bias, quantised_bias, reach, shared_notes, thresholds
from brian2chip.chips.quantised import QuantisedParameter, quantised
from brian2chip.chips.scaling import choose
from brian2chip.chips.timing import timing
from brian2chip.chips.xylo import files
from brian2chip.chips.xylo.configuration import Configuration
from brian2chip.chips.xylo.emulator import run
from brian2chip.chips.xylo.fields import HIDDEN_SPIKES, LARGEST, NEURON
from brian2chip.chips.xylo.parts import matrix, parts
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, SpikingNetwork

#: Upwards there is room for currents, of twice the largest membrane, and a quarter more; downwards for the membrane alone, as it saturates.
HEADROOM = 2.5
CODES = {"v_threshold": "threshold", "tau_m": "dash_mem", "tau_syn": "dash_syn", "bias": "bias"}


def place(network: SpikingNetwork, chip: Chip, visited: Visited, rng: np.random.Generator) -> Placement:
    """Return a network that fits, placed.

    The chip lets currents decay before they reach the membrane, so that its weights are those of the network over what a decay leaves.
    """
    inputs, hidden, outputs = parts(network)
    neurons, n = {}, 0
    for p in (*hidden, *outputs):
        neurons[p.name] = (n, n := n + p.size)
    latency, chip = latencies(network), _with_currents(chip)
    wanted = waits(network, latency)
    timed = {p.name: timing(p, network.dt, chip, rng) for p in (*hidden, *outputs)}
    left = {p.name: current_factor(p, timed[p.name], chip) for p in (*hidden, *outputs)}

    ends = {"in": (inputs, hidden), "rec": (hidden, hidden), "out": (hidden, outputs)}
    blocks = {name: matrix(network, *of, lambda c: c.weight / left[c.target]) for name, of in ends.items()}
    scale, (shift_in, shift_rec) = _scale(network, chip, visited, hidden, [blocks["in"], blocks["rec"]], timed, left)
    out_scale, (shift_out,) = _scale(network, chip, visited, outputs, [blocks["out"]], timed, left) if outputs else (1.0, (0,))
    scales = {p.name: scale if p in hidden else out_scale for p in (*hidden, *outputs)}
    shift = {"in": shift_in, "rec": shift_rec, "out": shift_out}

    weights, codes = [], {name: np.zeros(block.shape, np.int64) for name, block in blocks.items()}
    for c in network.projections:
        name = "in" if c.source not in neurons else "out" if c.target in {p.name for p in outputs} else "rec"
        unit = scales[c.target] * 2.0 ** shift[name] * left[c.target]
        weights.append(quantised("weight", f"{c.source} -> {c.target}", chip.role("weight"), c.weight, unit, rng=rng))
    code = {one.place: one.code for one in weights}
    for name, of in ends.items():
        codes[name] = matrix(network, *of, lambda c: code[f"{c.source} -> {c.target}"]).astype(np.int64)

    parameters = {p.name: _neurons(p, chip, scales[p.name], timed[p.name], left[p.name], rng) for p in (*hidden, *outputs)}
    configuration = Configuration(
        **{f"weights_{name}": block for name, block in codes.items()},
        **{f"weight_shift_{name}": steps for name, steps in shift.items()},
        hidden=_codes(hidden, parameters),
        outputs=_codes(outputs, parameters),
    )
    placed = PlacedNetwork(configuration, neurons, {name: latency[name] for name in neurons}, (), scales)
    notes = (
        arrival_notes(network, wanted, [0] * len(wanted), chip.name)
        + shared_notes(network, chip, ">=")
        + _notes(network, chip, visited, hidden)
    )
    return Placement((*weights, *(one for found in parameters.values() for one in found)), placed, tuple(notes))


def _with_currents(chip: Chip) -> Chip:
    """Return the chip without the shift of 0, by which a current would never reach the membrane."""
    dash = chip.field(chip.current_leak.field)
    kept = replace(dash, low=max(dash.minimum, 1))
    return replace(chip, fields=tuple(kept if f is dash else f for f in chip.fields))


def _scale(
    network: SpikingNetwork,
    chip: Chip,
    visited: Visited,
    populations: list[Population],
    blocks: list[np.ndarray],
    timed: Mapping[str, list[QuantisedParameter]],
    left: Mapping[str, np.ndarray],
) -> tuple[float, list[int]]:
    """Return the network units of one membrane unit of these populations, and the shift of each matrix onto them."""
    largest = max(max(HEADROOM * reach(p, network, visited, ("v_max",)), reach(p, network, visited)) for p in populations)
    largest = max(largest, *(float(np.abs(membrane_bias(p, left[p.name])).max()) for p in populations))
    # Each decay rounds by half a unit in the mean, of which as many steps add up as its time constant has.
    dash = {
        name: max(int(one.code.max()) for found in timed.values() for one in found if one.parameter == name)
        for name in ("tau_m", "tau_syn")
    }
    rounding = 0.5 * 2 ** dash["tau_m"] * (1 + 0.5 * 2 ** dash["tau_syn"])
    limit = np.concatenate([thresholds(p) for p in populations])
    if not any(np.any(block) for block in blocks):
        return max(largest, float(limit.max())) / LARGEST, [0] * len(blocks)
    return choose(blocks, limit, chip, v_max=largest, state_max=LARGEST, leak_error=rounding)


def _neurons(
    p: Population, chip: Chip, scale: float, timed: list[QuantisedParameter], left: np.ndarray, rng: np.random.Generator
) -> list[QuantisedParameter]:
    """Return the parameters of a population."""
    found = [*timed, quantised("v_threshold", p.name, chip.role("v_threshold"), thresholds(p), scale, rng=rng)]
    if "bias" in p.parameters:
        bias, field = membrane_bias(p, left), chip.role("bias")
        code = np.clip(np.rint(bias / scale), field.minimum, field.maximum).astype(np.int64)
        found.append(quantised_bias(p, chip, bias, code, field.minimum, field.maximum, scale, left))
    return found


def _codes(populations: list[Population], parameters: Mapping[str, list[QuantisedParameter]]) -> dict[str, np.ndarray]:
    """Return the codes of all neurons by field."""
    found = {f.name: [np.zeros(0, np.int64)] for f in NEURON}
    for p in populations:
        own = {f.name: np.full(p.size, f.default) for f in NEURON}
        own |= {CODES[one.parameter]: one.code for one in parameters[p.name]}
        for name, values in own.items():
            found[name].append(values)
    return {name: np.concatenate(values).astype(np.int64) for name, values in found.items()}


def _notes(network: SpikingNetwork, chip: Chip, visited: Visited, hidden: list[Population]) -> list[str]:
    """Return what the resets and the several spikes of a step do differently."""
    found = []
    for p in hidden:
        if (k := int(reach(p, network, visited, ("v_max",)) / thresholds(p).min())) > 1:
            found.append(
                f"membranes of {p.name!r} reach {k} thresholds, where {chip.name} fires up to {min(k, HIDDEN_SPIKES)} spikes in a step, "
                "the network one."
            )
    late = [p.name for p in network.populations if p.kind != "input" and p.parameters.get("reset", "subtract") == "subtract"]
    found += [
        f"{chip.name} takes the threshold off {name!r} in the step of the spike, before the leak; the network after it." for name in late
    ]
    sources = {c.source for c in network.projections}
    found += [
        f"{p.name!r} is hidden on {chip.name}, as inputs reach it; its spikes are no output." for p in hidden if p.name not in sources
    ]
    return found


def emulate(placed: PlacedNetwork, samples: Samples) -> NetworkRun:
    """Run samples on the emulated chip."""
    return family.emulate(run, placed, samples)


def write(placed: PlacedNetwork, folder: Path, samples: Samples | None = None) -> None:
    """Write the files that program the chip, with the stimulus of the samples."""
    files.write(folder, placed.chip, None if samples is None else stimulus_of(samples, placed.more_steps))
