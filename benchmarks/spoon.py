"""A network like SPOON's on MNIST: trained as on the chip and as off the chip, then run in whole numbers from pixels that spike once.

python benchmarks/spoon.py FOLDER            of the four IDX files: accuracies of three seeds in both styles, and what learning adds
python benchmarks/spoon.py FOLDER choose     how the rates were chosen: on 5,000 training images that are not learned

Published for the chip (Frenkel, Legat, Bol 2020, abstract): 95.3 % trained on it, 97.5 % off it; DRTP takes 16.8 % of the power and 11.8 %
of the area. Its sizes are not known from there: those here are this package's choice, and nothing is bit-exact.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace

import numpy as np

import brian2chip as bc
from brian2chip.analysis.layered_account import account
from brian2chip.core import registry
from brian2chip.core.layered_config import Convolution
from brian2chip.learning.layered import first_spike
from brian2chip.tasks.mnist_first_spike import LEVELS, MNIST_FIRST_SPIKE

SEEDS = (0, 1, 2)
#: As on the chip: the task as it is, where 8 bits are all the memory there is and filters are fixed. As off the chip: real weights are kept
#: beside, and all are trained by backpropagation.
STYLES = {
    "on": {"epochs": 10},
    "off": {
        "rule": "bp",
        "optimiser": "adam_pytorch",
        "rounding": "nearest",
        "network": {"convolution": Convolution(10, 5)},
        "rate": 1e-3,
        "epochs": 5,
    },
}
PUBLISHED = {"on": 95.3, "off": 97.5}
CHOICES = {"on": (0.003, 0.01, 0.03), "off": (3e-4, 1e-3, 3e-3)}


def train(sets: dict, seed: int, **how):
    """Return a network trained on the training set, whose history has the errors on the validation set."""
    shown = {"train": sets["train"], "test": sets["validation"]}
    return bc.train(replace(MNIST_FIRST_SPIKE, load=lambda data=None: shown), seed=seed, dtype="float32", **how)


def choose(sets: dict, style: str) -> None:
    """Print the errors on the validation set after each epoch, by rate, of two seeds: a rate that is too high shows late."""
    for rate in CHOICES[style]:
        for seed in SEEDS[:2]:
            history = train(sets, seed, **{**STYLES[style], "rate": rate}).history
            print(
                f"{style} chip, rate {rate:g}, seed {seed}: validation error {(100 * history.test_error).round(2).tolist()} %", flush=True
            )


def accuracy(sets: dict, style: str, seed: int) -> float:
    """Return the accuracy on the test set of the network in whole numbers, from spikes; stop where frames give other numbers."""
    codes = first_spike.codes_of(train(sets, seed, **STYLES[style]), LEVELS)
    pixels = np.rint(sets["test"].x * LEVELS).astype(np.int64)
    events, frames = (first_spike.outputs(codes, pixels, one) for one in (True, False))
    if not np.array_equal(events, frames):
        sys.exit("spikes and frames give different numbers")
    return float((events.argmax(1) == sets["test"].label).mean())


def overhead(spikes: float) -> None:
    """Print what learning adds by the account, for one image."""
    pooled, hidden, out = 10 * 12 * 12, *MNIST_FIRST_SPIKE.network.hidden, MNIST_FIRST_SPIKE.n_out
    cost = account(registry.get("layered_rule", "drtp"), (pooled, hidden, out))
    full, filters = hidden * pooled + out * hidden, 10 * 25
    answer, signals = spikes * filters + full, cost.multiply_accumulates + cost.reads
    fixed, words = cost.fixed_words, filters + full
    print(f"words of weights {words:,}, of DRTP's fixed matrix {fixed:,} ({100 * fixed / words:.2f} %)")
    print(f"operations of an answer {answer:,.0f} ({spikes:.0f} spikes), of DRTP's signals {signals:,} ({100 * signals / answer:.2f} %), "
          f"of the changes of weights at most {full:,}")  # fmt: skip
    print("published for the chip: 16.8 % of power, 11.8 % of area; words and operations count neither logic nor wires")


def main() -> None:
    """Print accuracies beside the published ones, and the account."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("what", nargs="?", default="test", choices=["test", "choose"])
    parser.add_argument("--styles", nargs="+", default=list(STYLES), choices=list(STYLES))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(SEEDS))
    args = parser.parse_args()
    sets = MNIST_FIRST_SPIKE.samples(args.folder)
    for style in args.styles:
        if args.what == "choose":
            choose(sets, style)
            continue
        found = []
        for seed in args.seeds:
            found.append(100 * accuracy(sets, style, seed))
            print(
                f"{style} chip, seed {seed}: {found[-1]:.2f} % of test images in whole numbers; spikes and frames give the same", flush=True
            )
        print(f"{style} chip: mean {np.mean(found):.2f} %, published for the chip {PUBLISHED[style]} %", flush=True)
    overhead(float((sets["test"].x > 0).sum(1).mean()))


if __name__ == "__main__":
    main()
