"""What translation costs in accuracy and time: MNIST on ODIN and tinyODIN, evidence accumulation on ReckOn.

usage: python benchmarks/translation.py mnist --data DIR [--images N]     (DIR holds the four MNIST files, .gz)
       python benchmarks/translation.py evidence NET.npz [NET.npz ...]    (networks of brian2chip train evidence_accumulation_lif)
"""

from __future__ import annotations

import argparse
import gzip
import time
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from brian2chip.core.registry import get
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.reference_simulator import float_run
from brian2chip.translation.translate import translate

#: A pixel spikes up to this many times; the brightest pixels come first.
LEVELS = 4
#: Thresholds in units of the largest weight: several output spikes an image, so that counts tell classes apart.
THRESHOLD = {"odin": 3.0, "tinyodin": 3.0}
TRAINED_ON = 20_000


def read_idx(path: Path) -> np.ndarray:
    """Return the array of an IDX file."""
    data = gzip.open(path).read()
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(np.frombuffer(data, ">i4", data[3], 4))


def shrink(images: np.ndarray) -> np.ndarray:
    """Return 28 x 28 images as 16 x 16 by area, in 0..1, [images, 256]."""
    edges = np.arange(17) * 28 / 16
    overlap = np.clip(np.minimum(edges[1:, None], np.arange(1, 29)) - np.maximum(edges[:-1, None], np.arange(28)), 0, 1)
    overlap /= overlap.sum(axis=1, keepdims=True)
    return (overlap @ (images / 255.0) @ overlap.T).reshape(len(images), 256)


def counts(images: np.ndarray) -> np.ndarray:
    """Return how often every pixel spikes."""
    return np.floor(np.minimum(images, 0.999) * LEVELS + 0.5).astype(int)


def spikes(images: np.ndarray, labels: np.ndarray) -> Samples:
    """Return one spike a step: in LEVELS rounds, first the pixels that spike most often."""
    times = counts(images)
    sample, level, pixel = np.nonzero(times[:, None, :] >= np.arange(LEVELS, 0, -1)[None, :, None])
    total = times.sum(axis=1)
    step = np.arange(len(sample)) - np.repeat(np.cumsum(total) - total, total)
    n_steps = int(total.max())
    return Samples(sample, step, pixel, len(images), n_steps, 256, np.ones(n_steps, bool), label=labels)


def classifier(images: np.ndarray, labels: np.ndarray, chip: str) -> SpikingNetwork:
    """Return a 256-10 network of integrate-and-fire neurons from a logistic regression on spike counts.

    Softmax does not see a constant added to all weights of a pixel; on ODIN, where an input excites or inhibits, it is chosen so
    that the smallest of the ten is 0.
    """
    fit = LogisticRegression(max_iter=60, C=0.003, fit_intercept=False).fit(counts(images), labels)
    weight = fit.coef_.T
    weight = weight - weight.min(axis=1, keepdims=True) if get("chip", chip).sign == "pre" else weight
    weight = weight / np.abs(weight).max()
    output = Population("output", "if", 10, {"v_threshold": THRESHOLD[chip], "reset": "zero"})
    return SpikingNetwork((Population("input", "input", 256), output), (Projection("input", "output", weight),), 1e-3)


def mnist(data: Path, images: int) -> None:
    """Print, for both chips, the accuracy of the float network, of its quantised weights in float, and of the emulated chip."""
    x, y, x_test, y_test = (
        read_idx(data / f"{part}-{kind}.gz") for part in ("train", "t10k") for kind in ("images-idx3-ubyte", "labels-idx1-ubyte")
    )
    test = spikes(shrink(x_test[:images]), y_test[:images].astype(int))
    print(f"{images} test images, {len(test.sample) / images:.1f} input spikes an image, trained on {TRAINED_ON} images")
    for chip in ("odin", "tinyodin"):
        network = classifier(shrink(x[:TRAINED_ON]), y[:TRAINED_ON], chip)
        start = time.perf_counter()
        translation = translate(network, chip)
        translated = time.perf_counter()
        run = translation.emulate(test)
        emulated = time.perf_counter()
        accuracy = {"chip": run}
        for name, net in (("float", network), ("quantised float", translation.realised)):
            accuracy[name] = float_run(net, test, device="cpp_standalone")
        score = {name: 100 * np.mean(decisions(network, r, test.mask) == test.label) for name, r in accuracy.items()}
        answers = [decisions(network, r, test.mask) for r in (run, accuracy["quantised float"])]
        same = 100 * np.mean(answers[0] == answers[1])
        seconds = (translated - start, emulated - translated)
        print(
            f"{chip}: float {score['float']:.2f} %, quantised float {score['quantised float']:.2f} %, chip {score['chip']:.2f} %; "
            f"same answer as quantised float {same:.2f} %; translation {seconds[0]:.2f} s, emulation {seconds[1]:.1f} s, "
            f"{len(run.spikes['output'][0]) / images:.1f} output spikes and {run.cycles.mean():.0f} cycles an image"
        )


def evidence(networks: list[Path], trials: int) -> None:
    """Print float against emulated ReckOn on held-out trials of evidence accumulation."""
    task = get("task", "evidence_accumulation_lif")
    for path in networks:
        network = SpikingNetwork.load(path)
        calibration, test = (task.generate(n, np.random.default_rng(seed), split="test") for n, seed in ((16, 1), (trials, 2)))
        translation = translate(network, "reckon", calibration=calibration).checked()
        found = translation.evaluate(test, device="cpp_standalone")
        percent = ", ".join(f"{name} {100 * value:.1f} %" for name, value in found.accuracy.items())
        print(f"{path}: {percent}; same answer {100 * found.agreement:.1f} %; translation {translation.seconds:.2f} s")


def main() -> None:
    """Run one of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="what", required=True)
    one = commands.add_parser("mnist")
    one.add_argument("--data", type=Path, required=True)
    one.add_argument("--images", type=int, default=10_000)
    two = commands.add_parser("evidence")
    two.add_argument("networks", nargs="+", type=Path)
    two.add_argument("--trials", type=int, default=500)
    args = parser.parse_args()
    if args.what == "mnist":
        mnist(args.data, args.images)
    else:
        evidence(args.networks, args.trials)


if __name__ == "__main__":
    main()
