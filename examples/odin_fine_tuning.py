"""
A damaged network, repaired on ODIN
===================================

A classifier trained off the chip, translated to ODIN, damaged, and trained further on the chip by SDSP. It takes minutes::

    python examples/odin_fine_tuning.py                  # scikit-learn's 8 x 8 digits, enlarged to 16 x 16
    python examples/odin_fine_tuning.py MNIST_FOLDER     # 16 x 16 MNIST, lessons from 6,000 images, tested on all 10,000

Off the chip: logistic regression on the pixels that the chip is sent (see odin_digits.py), weights of 3 bits by translation. Damage:
normal noise of 1.5 codes on every weight, or 20 % of the synapses without effect. The chip's answer is the first output neuron to fire.
Either every image is taught once, or, in two passes, the images that are answered wrong, and a block of 500 that does harm is undone.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from odin_digits import OUTPUTS, PIXELS, RAMP_ROW, answers, data, rank_order
from sklearn.linear_model import LogisticRegression

from brian2chip.chips.odin.emulator import emulator
from brian2chip.chips.odin.teaching import NEURON
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.fine_tuning import fine_tune
from brian2chip.translation.translate import translate
from brian2chip.translation.translation import Translation

LESSONS = 6000
MARGINS = (0, -14)
#: Lessons on every image, and on wrong answers only; chosen on images 50,000 to 59,999 of MNIST's training images.
LESSONS_ON = {"every image": {}, "wrong answers": {"block": 500, "passes": 2}}


def samples_of(order: list[np.ndarray], labels: np.ndarray) -> Samples:
    """Return one input spike a step, in the given order."""
    lengths = [len(row) for row in order]
    sample, step = np.repeat(np.arange(len(order)), lengths), np.concatenate([np.arange(n) for n in lengths])
    return Samples(sample, step, np.concatenate(order), len(order), PIXELS, 256, np.ones(PIXELS, bool), label=labels.astype(int))


def trained_off_chip(train: Samples) -> SpikingNetwork:
    """Return 256 inputs and 10 outputs; softmax does not see a constant added to all weights of a pixel: the smallest of them is 0."""
    fit = LogisticRegression(max_iter=60, C=0.02, fit_intercept=False).fit(train.dense().any(axis=1), train.label)
    weight = fit.coef_.T - fit.coef_.min(axis=0)[:, None]
    out = Population("output", "if", 10, {"v_threshold": 3 * weight.max(), "reset": "zero"})
    return SpikingNetwork((Population("input", "input", 256), out), (Projection("input", "output", weight),), 1e-3)


def damages(synapses: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return the synapses as they are and with each damage."""
    weight = synapses[:, OUTPUTS].astype(int) & 7
    noisy = np.clip(np.rint(weight + rng.normal(0, 1.5, weight.shape)), 0, 7).astype(int)
    dead = np.where(rng.random(weight.shape) < 0.2, 0, weight)
    out = {}
    for name, w in (("as translated", weight), ("noise of 1.5 codes", noisy), ("20 % dead", dead)):
        out[name] = synapses.copy()
        out[name][:, OUTPUTS] = w + 8 * (w > 0)
    return out


def with_synapses(translation: Translation, synapses: np.ndarray) -> Translation:
    """Return the translation with other synapses on the chip."""
    placed = translation.configuration
    return replace(translation, configuration=replace(placed, chip=replace(placed.chip, synapses=synapses)))


def right(translation: Translation, images: list[np.ndarray], labels: np.ndarray) -> np.ndarray:
    """Return which test images the emulated chip answers right."""
    chip = translation.configuration.chip
    synapses = chip.synapses.copy()
    synapses[RAMP_ROW, OUTPUTS] = 8 | 1
    ready = replace(chip, synapses=synapses).with_neurons(OUTPUTS, **NEURON, ca_en=0)
    with emulator() as odin:
        return answers(odin, ready, images)[0] == labels


def main() -> None:
    """Print accuracy before and after the lessons, for each damage."""
    x, y, x_test, y_test, _ = data()
    train, test = samples_of(rank_order(x), y), rank_order(x_test)
    network = trained_off_chip(train)
    translation = translate(network, "odin")
    lessons = train.take(np.arange(min(LESSONS, len(train))))
    print(f"accuracy on {len(test)} test images; lessons from {len(lessons)} images")
    for name, synapses in damages(translation.configuration.chip.synapses, np.random.default_rng(0)).items():
        start = with_synapses(translation, synapses)
        before = right(start, test, y_test)
        print(f"{name}: before {before.mean():.2%}", flush=True)
        for taught, how in LESSONS_ON.items():
            for margin in MARGINS:
                tuned, did = fine_tune(start, lessons, margin=margin, **how)
                after = right(tuned, test, y_test)
                won, lost = np.sum(after & ~before), np.sum(before & ~after)
                given = f"{did.lessons[0]} lessons, {did.changed[0]} weights changed, {won} images won and {lost} lost"
                print(f"  {taught}, margin {margin}: {after.mean():.2%} ({given})", flush=True)


if __name__ == "__main__":
    main()
