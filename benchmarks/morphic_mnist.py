"""MNIST with binary weights on our MorphIC, in rate code and in rank order: trained off the chip, run on the emulator.

Run: python benchmarks/morphic_mnist.py DIR [rate|rank ...], with the folder of the four IDX files. Settings are chosen on the last 5,000
training images; the 10,000 test images are looked at once.

The network is 784-512-512-10 without biases, every weight -1 or +1. Training (NumPy, off the chip as in the published experiment)
passes gradients straight through the signs of real-valued weights and through the whole numbers of spikes that a neuron gives,
floor(sum/threshold).
Rate code: each pixel sends as many spikes as its brightness in T steps, evenly spread; most output spikes win. Rank order: each pixel above
a brightness sends one spike, the brightest first, and then a ramp of spikes on one more row lifts all outputs alike until one spikes; the
first output spike wins, and an image without one counts as wrong.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.morphic import mapping
from brian2chip.chips.morphic.emulator import emulator
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.tasks.mnist import load
from brian2chip.translation.translate import translate

SIZES = (784, 512, 512, 10)
HELD_OUT = 5000
#: Spikes of the ramp.
RAMP = 300
BATCH = 250


@dataclass(frozen=True)
class Code:
    """A way to send images: steps, thresholds of the three layers in training, epochs, thresholds tried on the chip."""

    name: str
    steps: int
    thresholds: tuple[int, int, int]
    epochs: int
    tried: tuple[tuple[int, int, int], ...]
    rate: float = 5e-3


CODES = {
    "rate": Code("rate", 8, (24, 24, 24), 16, ((24, 24, 24), (24, 24, 48), (24, 24, 96))),
    "rank": Code("rank", 1, (12, 12, 12), 8, ((12, 12, 250), (13, 13, 250), (14, 12, 250), (14, 14, 250), (16, 14, 250))),
}


def counts(x: np.ndarray, code: Code) -> np.ndarray:
    """Return how many spikes each pixel sends."""
    return np.rint(x * code.steps).astype(np.float32) if code.steps > 1 else (x > 0.3).astype(np.float32)


@dataclass
class Learner:
    """Real-valued weights, whose signs are the network's, and what Adam keeps of them."""

    w: list[np.ndarray]
    m: list[np.ndarray]
    u: list[np.ndarray]
    step: int = 0

    @classmethod
    def fresh(cls, seed: int) -> Learner:
        """Return small random weights."""
        rng = np.random.default_rng(seed)
        w = [rng.uniform(-0.3, 0.3, s).astype(np.float32) for s in zip(SIZES, SIZES[1:])]
        return cls(w, [np.zeros_like(a) for a in w], [np.zeros_like(a) for a in w])

    def signs(self) -> list[np.ndarray]:
        """Return matrices of -1 and +1."""
        return [np.where(a >= 0, np.float32(1), np.float32(-1)) for a in self.w]

    def learn(self, spikes: np.ndarray, label: np.ndarray, code: Code, rate: float) -> None:
        """Change the weights by one batch."""
        b, a, z = self.signs(), [spikes], []
        for matrix, threshold in zip(b, code.thresholds):
            z.append(a[-1] @ matrix / threshold)
            a.append(np.floor(np.maximum(z[-1], 0)))
        y = z[-1] * (2 / code.steps**0.5)
        p = np.exp(y - y.max(1, keepdims=True))
        p /= p.sum(1, keepdims=True)
        p[np.arange(len(p)), label] -= 1
        d = p / len(p)
        self.step += 1
        for k in (2, 1, 0):
            gradient = a[k].T @ d
            if k:
                d = d @ b[k].T * (z[k - 1] > 0)
            self.m[k] += 0.1 * (gradient - self.m[k])
            self.u[k] += 0.001 * (gradient**2 - self.u[k])
            correction = np.float32((1 - 0.999**self.step) ** 0.5 / (1 - 0.9**self.step) * rate)
            self.w[k] -= correction * self.m[k] / (np.sqrt(self.u[k]) + np.float32(1e-10))
            np.clip(self.w[k], -1, 1, out=self.w[k])

    def epoch(self, spikes: np.ndarray, label: np.ndarray, code: Code, k: int) -> None:
        """Learn all images once, in the order of epoch k, with a rate that falls as a cosine."""
        order, n = np.random.default_rng([k, 1]).permutation(len(spikes)), len(spikes) // BATCH
        for i in range(n):
            rows = order[BATCH * i : BATCH * (i + 1)]
            self.learn(spikes[rows], label[rows], code, code.rate * 0.5 * (1 + np.cos(np.pi * (k + i / n) / code.epochs)))


def ideal_error(weights: list[np.ndarray], x: np.ndarray, label: np.ndarray, code: Code) -> float:
    """Return the error (%) of the whole-number network that training sees."""
    a = counts(x, code)
    for w, threshold in zip(weights[:-1], code.thresholds):
        a = np.floor(np.maximum(a @ w.astype(np.float32) / threshold, 0))
    return 100 * np.mean((a @ weights[-1].astype(np.float32)).argmax(1) != label)


def network(weights: list[np.ndarray], thresholds: tuple[int, int, int], code: Code) -> SpikingNetwork:
    """Return the spiking network; in rank order with an input more, for the ramp."""
    names = ("pixels", "hidden1", "hidden2", "digits")
    populations = [Population("pixels", "input", 784)]
    populations += [
        Population(name, "if", n, {"v_threshold": float(t), "reset": "zero"}) for name, n, t in zip(names[1:], SIZES[1:], thresholds)
    ]
    projections = [Projection(a, b, w, int(k > 0)) for k, (a, b, w) in enumerate(zip(names, names[1:], weights))]
    if code.name == "rank":
        populations.insert(1, Population("ramp", "input", 1))
        projections.append(Projection("ramp", "digits", np.ones((1, 10)), 0))
    return SpikingNetwork(tuple(populations), tuple(projections), 1e-3)


def samples(x: np.ndarray, label: np.ndarray, code: Code) -> Samples:
    """Return the spikes of images; in a step pixels come in an order that has nothing to do with their place."""
    channels, steps = 784, code.steps
    if code.name == "rate":
        n = counts(x, code)
        before, after = (np.floor(n[..., None] * (np.arange(steps) + k) / steps + 0.5) for k in (0, 1))
        image, pixel, step = np.nonzero(after > before)
    else:
        image, pixel = np.nonzero(counts(x, code))
        step = (255 - np.rint(255 * x[image, pixel])).astype(int)
        channels, steps = 785, 256 + RAMP
        image, pixel = np.r_[image, np.repeat(np.arange(len(x)), RAMP)], np.r_[pixel, np.full(len(x) * RAMP, 784)]
        step = np.r_[step, np.tile(np.arange(256, steps), len(x))]
    shuffled = np.random.default_rng(0).permutation(channels)
    order = np.lexsort((shuffled[pixel], step, image))
    return Samples(image[order], step[order], pixel[order], len(x), steps, channels, np.ones(steps, bool), label=label)


def answers(chip, placed, given: Samples, code: Code) -> tuple[np.ndarray, int]:
    """Return the digit that each image is given, -1 for none, and the synaptic operations."""
    events, sample, step = mapping.input_events(placed, given)
    out = chip.run(placed.chip, events)
    first, end = placed.neurons["digits"]
    own = (out.spike_neuron >= first) & (out.spike_neuron < end) & (step[out.spike_event] >= 0)
    image, digit = sample[out.spike_event[own]], out.spike_neuron[own] - first
    found = np.full(len(given), -1)
    if code.name == "rate":
        table = np.zeros((len(given), 10), int)
        np.add.at(table, (image, digit), 1)
        found = np.where(table.max(1) > 0, table.argmax(1), -1)
    else:
        found[image[::-1]] = digit[::-1]  # the first of each image is written last
    return found, out.synaptic_operations


def on_chip(weights, thresholds, x, label, code: Code) -> tuple[float, float, float]:
    """Return accuracy (%), images without an answer (%), and synaptic operations an image."""
    result = translate(network(weights, thresholds, code), "morphic")
    found, operations = [], 0
    with emulator() as chip:
        for k in range(0, len(x), 1000):
            one, n = answers(chip, result.configuration, samples(x[k : k + 1000], label[k : k + 1000], code), code)
            found.append(one)
            operations += n
    found = np.concatenate(found)
    return 100 * np.mean(found == label), 100 * np.mean(found < 0), operations / len(x)


def main() -> None:
    """Train, choose the thresholds on held-out images, and print the test accuracy of each code."""
    data = load("mnist", sys.argv[1])
    x, label = data["train"].x.astype(np.float32), np.asarray(data["train"].label)
    test, test_label = data["test"].x.astype(np.float32), np.asarray(data["test"].label)
    kept = slice(0, len(x) - HELD_OUT)
    held = x[-HELD_OUT:], label[-HELD_OUT:]
    for name in sys.argv[2:] or CODES:
        code, start = CODES[name], time.perf_counter()

        learner, spikes = Learner.fresh(0), counts(x[kept], code)
        for k in range(code.epochs):
            learner.epoch(spikes, label[kept], code, k)
            error, took = ideal_error(learner.signs(), *held, code), time.perf_counter() - start
            print(f"{name}: epoch {k + 1}, held-out error before the chip {error:.2f} % ({took:.0f} s)", flush=True)
        weights = learner.signs()
        tried = []
        for thresholds in code.tried:
            accuracy, silent, operations = on_chip(weights, thresholds, held[0][:1000], held[1][:1000], code)
            tried.append((accuracy, thresholds))
            print(
                f"{name}: thresholds {thresholds}, 1,000 held-out images on the chip: {accuracy:.2f} %, {silent:.2f} % without answer",
                flush=True,
            )
        thresholds = max(tried)[1]
        accuracy, silent, operations = on_chip(weights, thresholds, test, test_label, code)
        print(f"{name}: thresholds {thresholds}, {len(test)} test images on the chip: {accuracy:.2f} % right,", flush=True)
        print(f"{silent:.2f} % without answer, {operations:.0f} synaptic operations an image", flush=True)


if __name__ == "__main__":
    main()
