"""
Digits learned on ODIN
======================

Online learning on the emulated chip: 256 inputs, 10 output neurons, SDSP and a teacher that never looks at the outputs. It takes minutes::

    python examples/odin_digits.py                  # scikit-learn's 8 x 8 digits, enlarged to 16 x 16
    python examples/odin_digits.py MNIST_FOLDER     # 16 x 16 MNIST, one pass over 6,000 images, tested on all 10,000

The pixels arrive in rank order, the brightest first; how the chip then learns, from nothing but input events, is described in
``brian2chip.chips.odin.teaching``.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import ndimage

from brian2chip.chips.odin import events as ev
from brian2chip.chips.odin import teaching
from brian2chip.chips.odin.configuration import Configuration
from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.replay import outputs
from brian2chip.chips.odin.teaching import NEURON, RESET
from brian2chip.tasks.readers.idx_files import read_idx

OUTPUTS = np.arange(10)
PIXELS = 52  # sent per image, in rank order
#: Pixels that are sent again for learning, until this share of the images: fewer and fewer, so that the weights settle.
REPEATED = ((0.15, 8), (0.4, 4), (0.7, 2), (1.0, 1))
LIFT, LIFT_OTHERS = 49, 77
RAMP_ROW, RAMP = 0, 180  # a corner pixel, always dark, raises all outputs by one until the first fires
#: Joule per synaptic operation at 0.55 V, leakage and idle power included (title of Frenkel et al. 2019).
E_SOP = 12.7e-12


def mnist(folder: Path) -> tuple[np.ndarray, ...]:
    """Return training and test images [n, 28, 28] and labels from the four IDX files (gzip)."""

    images, labels = (
        [read_idx(folder / f"{part}-{what}-ubyte.gz") for part in ("train", "t10k")] for what in ("images-idx3", "labels-idx1")
    )
    return images[0], labels[0], images[1], labels[1]


def upright(image: np.ndarray) -> np.ndarray:
    """Return a 28 x 28 image deskewed (its slant from second moments), blurred by half a pixel, and sampled at 16 x 16."""
    image = image / 255.0
    y, x = np.mgrid[:28, :28]
    mass = image.sum()
    my, mx = (y * image).sum() / mass, (x * image).sum() / mass
    slant = ((y - my) * (x - mx) * image).sum() / ((y - my) ** 2 * image).sum()
    shear = np.array([[1, 0], [slant, 1]])
    image = ndimage.affine_transform(image, shear, offset=np.array([my, mx]) - shear @ np.array([13.5, 13.5]), order=1)
    step = 22 / 16
    return ndimage.affine_transform(
        ndimage.gaussian_filter(image, 0.5), np.array([step, step]), offset=13.5 - 7.5 * step, output_shape=(16, 16), order=1
    )


def rank_order(images: np.ndarray) -> list[np.ndarray]:
    """Return for each image the indices of its bright pixels, the brightest first, at most ``PIXELS``."""
    flat = images.reshape(len(images), 256)
    order = np.argsort(-flat, axis=1, kind="stable")[:, :PIXELS]
    return [row[(flat[k, row] > 0.15) & (row != RAMP_ROW)] for k, row in enumerate(order)]


def lesson(pixels: np.ndarray, label: int, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return the input events by which the chip learns one image; ``share`` of the images came before it."""
    repeated = next(count for end, count in REPEATED if share < end)
    return teaching.lesson(pixels, rng.permutation(pixels)[:repeated], label, OUTPUTS, LIFT, LIFT_OTHERS)


def question(pixels: np.ndarray) -> np.ndarray:
    """Return the input events of one test image: pixels, a ramp to the first spike, reset."""
    return np.concatenate([ev.spike(pixels), np.full(RAMP, ev.spike(RAMP_ROW)), np.full(RESET, ev.time_reference())])


def learn(chip, images: list[np.ndarray], labels: np.ndarray, seed: int) -> tuple[Configuration, dict]:
    """Return the chip after one pass over the images, and what it did."""
    rng = np.random.default_rng(seed)
    synapses = np.zeros((256, 256), np.uint8)
    synapses[:, OUTPUTS] = 8 | rng.integers(3, 5, (256, 10))
    synapses[RAMP_ROW, OUTPUTS] = 8 | 1
    start = replace(Configuration.blank(), synapses=synapses)
    result = teaching.learn(chip, start, OUTPUTS, [lesson(p, y, k / len(images), rng) for k, (p, y) in enumerate(zip(images, labels))])
    return replace(start, synapses=result["syn_final"]).with_neurons(OUTPUTS, **NEURON, ca_en=0), result


def answers(chip, trained: Configuration, images: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the first neuron to fire for each image (-1 when none does), and sweeps and clock cycles until then."""
    stimuli = [question(p) for p in images]
    first_event = np.concatenate([[0], np.cumsum([len(s) for s in stimuli])])
    result = outputs(chip, trained, ev.checked(np.concatenate(stimuli)), np.zeros(0, int))
    image = np.searchsorted(first_event, result["out_stim_index"], side="right") - 1
    answered, first = np.unique(image, return_index=True)
    winner = np.full(len(images), -1)
    winner[answered] = result["out_addr"][first]
    sweeps = result["out_stim_index"][first] - first_event[answered] + 1
    cycles = result["out_cycle"][first].astype(np.int64) - result["stim_start_cycle"][first_event[answered]]
    return winner, sweeps, cycles


def data() -> tuple:
    """Return training images, labels, test images, labels, and the numbers of training images to try."""
    if len(sys.argv) > 1:
        x, y, x_test, y_test = mnist(Path(sys.argv[1]))
        shrink = lambda images: np.array([upright(image) for image in images])  # noqa: E731
        return shrink(x[:18000]), y[:18000], shrink(x_test), y_test, (6000, 18000)
    from sklearn.datasets import load_digits  # only this data set needs it

    digits = load_digits()
    images = ndimage.zoom(digits.images / 16, (1, 2, 2), order=1)
    return images[:1200], digits.target[:1200], images[1200:], digits.target[1200:], (1200,)


def main() -> None:
    """Learn with three seeds and print accuracy, activity, time and energy."""
    x, y, x_test, y_test, sizes = data()
    x, x_test = rank_order(x), rank_order(x_test)
    with emulator() as chip:
        for n in sizes:
            accuracies = []
            for seed in range(3):
                chosen = np.random.default_rng(seed).permutation(len(x))[:n]
                trained, learned = learn(chip, [x[k] for k in chosen], y[chosen], seed)
                winner, sweeps, cycles = answers(chip, trained, x_test)
                accuracies.append(np.mean(winner == y_test))
                print(
                    f"  seed {seed}: {accuracies[-1]:.2%} of {len(y_test)} test images, {np.mean(winner < 0):.2%} without an answer",
                    flush=True,
                )
            sops = 256 * np.mean(sweeps)
            print(
                f"{n} training images, one pass: {np.mean(accuracies):.2%} (mean of 3 seeds)\n"
                f"  learning: {int(learned['total_cycles']) / n:.0f} clock cycles and "
                f"{len(learned['out_addr']) / n:.1f} output spikes an image\n"
                f"  inference: {np.mean(sweeps):.0f} input spikes, {sops:.0f} synaptic operations, {np.mean(cycles):.0f} clock cycles "
                "an image "
                f"({np.mean(cycles) / 75e6 * 1e3:.2f} ms at 75 MHz), {1e9 * sops * E_SOP:.0f} nJ at the published 12.7 pJ a "
                "synaptic operation"
            )


if __name__ == "__main__":
    main()
