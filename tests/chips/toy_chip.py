"""A toy chip: 8 leaky neurons, 4-bit weights, a leak by bit shift; all that a chip with an emulator needs, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brian2chip.chips.chip import Backend, Chip, LeakLaw, Placement, Replay
from brian2chip.chips.codec import check
from brian2chip.chips.field import MEMBRANE, Field
from brian2chip.chips.limits import inputs, neurons
from brian2chip.chips.quantised import quantised, quantised_by_law
from brian2chip.chips.scaling import choose
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork, step_factor
from brian2chip.errors import UserError

SIZE = 8
WEIGHT = Field("weight", 4, signed=True, shared="synapse", unit=MEMBRANE)
THRESHOLD = Field("threshold", 6, low=1, shared="neuron", unit=MEMBRANE)
LEAK = Field("leak", 4, default=15, unit="log2(steps)", meaning="shift of the leak; 15 leaves every membrane as it is")
OUTPUTS = ("spike_sample", "spike_step", "spike_neuron", "v_final")


@dataclass(frozen=True)
class ToyConfiguration:
    """Weights [inputs then neurons, neurons], thresholds [neurons], the leak, and the neurons (first, last + 1) of each population."""

    weights: np.ndarray
    thresholds: np.ndarray
    leak: int
    populations: Mapping[str, tuple[int, int]]

    def __post_init__(self):
        if np.shape(self.weights) != (2 * SIZE, SIZE) or np.shape(self.thresholds) != (SIZE,):
            raise UserError(f"the toy has {2 * SIZE} x {SIZE} weights and {SIZE} thresholds, not {np.shape(self.weights)}.")
        for field, codes in ((WEIGHT, self.weights), (THRESHOLD, self.thresholds), (LEAK, self.leak)):
            check(field, codes, "the toy")


def even_number_of_neurons(network: SpikingNetwork, chip: Chip) -> Iterator[str]:
    """Neurons share circuits in pairs."""
    for p in network.populations:
        if p.kind != "input" and p.size % 2:
            yield f"population {p.name!r} has {p.size} neurons, {chip.name} builds them in pairs; give it an even number."


def place(network: SpikingNetwork, chip: Chip, visited, rng: np.random.Generator) -> Placement:
    """Return the network on the toy: all neurons share one scale and one leak."""
    spiking = [p for p in network.populations if p.kind != "input"]
    first = np.cumsum([0] + [p.size for p in spiking])
    row = {p.name: SIZE + a for p, a in zip(spiking, first)}
    start = 0
    for p in network.populations:
        if p.kind == "input":
            row[p.name], start = start, start + p.size
    threshold = np.concatenate([np.broadcast_to(p.parameters["v_threshold"], (p.size,)) for p in spiking]).astype(float)
    scale, _ = choose([c.weight for c in network.projections], threshold, chip)
    weights, thresholds = np.zeros((2 * SIZE, SIZE), np.int64), np.full(SIZE, THRESHOLD.maximum, np.int64)
    parameters = []
    for c in network.projections:
        one = quantised("weight", f"{c.source} -> {c.target}", chip.role("weight"), c.weight, scale, rng=rng)
        rows, columns = row[c.source], row[c.target] - SIZE
        weights[rows : rows + one.code.shape[0], columns : columns + one.code.shape[1]] = one.code
        parameters.append(one)
    for p, a in zip(spiking, first):
        one = quantised("v_threshold", p.name, chip.role("v_threshold"), threshold[a : a + p.size], scale, rng=rng)
        thresholds[a : a + p.size] = one.code
        parameters.append(one)
    factor = step_factor(spiking[0], network.dt)[:1]
    leak = quantised_by_law(
        "factor", spiking[0].name, chip.field(chip.leak.field), factor, chip.leak.value(factor), chip.leak.factor, unit="1"
    )
    populations = {p.name: (int(a), int(a + p.size)) for p, a in zip(spiking, first)}
    return Placement((*parameters, leak), ToyConfiguration(weights, thresholds, int(leak.code[0]), populations))


def arithmetic(configuration: ToyConfiguration, events: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return spikes [samples, steps, neurons] and the last membranes, in integers, of input events [samples, steps, inputs]."""
    spikes = np.zeros((*events.shape[:2], SIZE), bool)
    v = np.zeros((len(events), SIZE), np.int64)
    for t in range(events.shape[1]):
        before = spikes[:, t - 1] if t else np.zeros_like(spikes[:, 0])
        v = v - np.sign(v) * (np.abs(v) >> configuration.leak) if configuration.leak < LEAK.maximum else v
        v = v + np.concatenate([events[:, t], before], axis=1).astype(int) @ configuration.weights
        spikes[:, t] = v >= configuration.thresholds
        v = np.where(spikes[:, t], 0, v)
    return spikes, v


def dense(samples: Samples) -> np.ndarray:
    """Return the events on the toy's eight inputs."""
    return np.pad(samples.dense(), ((0, 0), (0, 0), (0, SIZE - samples.n_in)))


def emulate(configuration: ToyConfiguration, samples: Samples) -> NetworkRun:
    """Run samples."""
    spikes, _ = arithmetic(configuration, dense(samples))
    found = {name: np.nonzero(spikes[..., a:b]) for name, (a, b) in configuration.populations.items()}
    return NetworkRun(found, {}, {}, samples.n_samples, samples.n_steps)


def write(configuration: ToyConfiguration, folder: Path, samples: Samples | None = None) -> None:
    """Write the program, and the stimulus of samples."""
    folder.mkdir()
    program = {"weights": configuration.weights.tolist(), "thresholds": configuration.thresholds.tolist(), "leak": configuration.leak}
    (folder / "toy.json").write_text(json.dumps(program))
    if samples is not None:
        np.save(folder / "stimulus.npy", dense(samples))


def read(folder: Path) -> ToyConfiguration:
    """Return what the files program; where the populations sit is not in them."""
    program = json.loads((folder / "toy.json").read_text())
    return ToyConfiguration(np.array(program["weights"]), np.array(program["thresholds"]), program["leak"], {})


def replayed(trace) -> dict[str, np.ndarray]:
    """Return the outputs of a trace."""
    configuration = ToyConfiguration(trace["weights"], trace["thresholds"], int(trace["leak"]), {})
    spikes, v = arithmetic(configuration, trace["events"])
    return dict(zip(OUTPUTS, (*np.nonzero(spikes), v)))


@contextmanager
def open_replay():
    """Give what replays traces."""
    yield replayed


def describe(name, index, expected, got, trace) -> str | None:
    """Return the toy's words for a membrane."""
    if name == "v_final":
        return f"membrane {index[1]} of sample {index[0]}, expected {expected[index]}, got {got[index]}"
    return None


TOY = Chip(
    name="toy",
    source="made up for the tests",
    verified="nothing",
    fields=(WEIGHT, THRESHOLD, LEAK),
    roles={"weight": "weight", "v_threshold": "threshold"},
    kinds=("if", "lif"),
    resets=("zero",),
    leak=LeakLaw(
        "leak",
        "shift",
        value=lambda factor: -np.log2(np.maximum(1 - np.asarray(factor, float), 2.0**-15)),
        factor=lambda value: 1 - 2.0 ** -np.asarray(value, float),
    ),
    constraints=(inputs(SIZE), neurons(SIZE), even_number_of_neurons),
    backend=Backend(ToyConfiguration, 1, place, emulate, write, read, Replay(OUTPUTS, open_replay, describe)),
)
