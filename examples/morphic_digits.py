"""
Digits learned on MorphIC
=========================

scikit-learn's 8 x 8 digits, learned online by stochastic SDSP: binary synapses, a teacher, input events only.
``python examples/morphic_digits.py`` takes minutes.

Each pixel has two rows, one that spikes if it is dark and one if it is bright, so that every image sends 64 spikes. Each class has
50 output neurons, whose binary synapses flip at random and so learn different things; the class whose neurons spike most answers. The
probability of a flip falls to a third from pass to pass.
"""

from __future__ import annotations

import numpy as np
from sklearn.datasets import load_digits

from brian2chip.chips.morphic import events as ev
from brian2chip.chips.morphic.configuration import SHAPE, Configuration
from brian2chip.chips.morphic.emulator import Emulator, emulator
from brian2chip.chips.morphic.teaching import learn, lesson, prepared
from brian2chip.plasticity.sdsp_stochastic import probability

COPIES, CLASSES, PIXELS = 50, 10, 64
NEURONS = np.arange(COPIES * CLASSES)
#: Class of each output neuron.
CLASS = NEURONS % CLASSES
CORE = 1
#: What a sample must bring, of its 64 spikes of -1 or +1 each: our settings.
LEVEL, MARGIN, P, PASSES = 24, 0, 0.05, 3


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return rows that spike, int [images, 64], and labels, of 1,437 images to learn and 360 to test."""
    digits = load_digits()
    rows = np.arange(PIXELS) + PIXELS * (digits.data > 7)
    order = np.random.RandomState(0).permutation(len(rows))
    return rows[order[:1437]], digits.target[order[:1437]], rows[order[1437:]], digits.target[order[1437:]]


def answers(chip: Emulator, configuration: Configuration, rows: np.ndarray) -> np.ndarray:
    """Return the class whose neurons spike most at each image, by input events."""
    ready = configuration.with_cores(learn=0).with_neurons(NEURONS, thr=LEVEL, leak=127, disable=0)
    image = np.concatenate([ev.spike(CORE, np.zeros(PIXELS, int)), np.repeat(ev.time_reference(CORE), 17, axis=0)])
    given = np.tile(image, (len(rows), 1))
    given.reshape(len(rows), len(image), 4)[:, :PIXELS, 2] = rows
    out = chip.run(ready, given)
    votes = np.zeros((len(rows), CLASSES), int)
    np.add.at(votes, (out.spike_event // len(image), CLASS[out.spike_neuron]), 1)
    return votes.argmax(axis=1)


def main(seed: int = 0) -> float:
    """Learn, print the accuracy after each pass, and return the last."""
    rows, label, test, test_label = data()
    rng = np.random.default_rng(seed)
    synapses = np.zeros(SHAPE, np.uint8)
    synapses[0] = rng.integers(0, 2, SHAPE[1:])
    start = Configuration.blank().with_cores(bipolar=1, lfsr=int(rng.integers(1, 2**17)))
    chip, right = Configuration(start.cores, start.neurons, synapses), 0.0
    with emulator() as running:
        for k in range(PASSES):
            p = P / 3**k
            order = rng.permutation(len(rows))
            lessons = [lesson(np.full(PIXELS, CORE), rows[i], NEURONS, CLASS == label[i], LEVEL, MARGIN) for i in order]
            chip = learn(running, prepared(chip, NEURONS, p, p), lessons).contents
            right = float(np.mean(answers(running, chip, test) == test_label))
            print(f"{(k + 1) * len(rows)} lessons, p {probability(p)}: {100 * right:.1f} % of {len(test)} test images", flush=True)
    return right


if __name__ == "__main__":
    main()
