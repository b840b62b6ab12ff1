"""What the ReckOn model learns from random weights with its own e-prop: moving edges, ten spoken digits, single keywords.

usage: python benchmarks/reckon_learning.py edges [--seeds 1 2 3]
       python benchmarks/reckon_learning.py digits --data DIR         (DIR holds the recordings of the Free Spoken Digit Dataset)
       python benchmarks/reckon_learning.py keywords --data DIR [--keywords 0 4 9]
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from brian2chip.chips.reckon.training import TrainedChip, train
from brian2chip.core.registry import get
from brian2chip.tasks.spoken_keyword import keyword

TASKS = {"edges": "moving_edges", "digits": "spoken_digits_changes"}
#: Published accuracies of the chip, on data of its own (Frenkel & Indiveri 2022, ISSCC).
PUBLISHED = {
    "edges": "published for DVS gestures: 87.3 %; the data differ",
    "digits": "published for one keyword of SHD: 90.7 %; the data differ",
    "keywords": "published for one keyword of SHD: 90.7 %; the data differ",
}


def balanced(trained: TrainedChip, labels: np.ndarray) -> tuple[float, float]:
    """Return the shares of hits and of correct rejections in the last test."""
    answers = np.array([int(k, 16) for k in trained.history.test_labels.iloc[-1]])
    return float(np.mean(answers[labels == 1] == 1)), float(np.mean(answers[labels == 0] == 0))


def main() -> None:
    """Print a line for each training."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=PUBLISHED)
    parser.add_argument("--data", type=Path, help="folder of the recordings")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--keywords", type=int, nargs="+", default=[0, 4, 9], choices=range(10))
    parser.add_argument("--out", type=Path, help="folder of checkpoints, from which an interrupted run goes on")
    args = parser.parse_args()
    if args.what != "edges" and args.data is None:
        parser.error("the spoken digits are recordings; give their folder with --data.")
    for seed in args.seeds:
        for word in args.keywords if args.what == "keywords" else [None]:
            task = keyword(word) if word is not None else get("task", TASKS[args.what])
            out = None if args.out is None else args.out / f"{args.what}_{seed}{'' if word is None else f'_{word}'}"
            going_on = out is not None and (out / "checkpoint.npz").exists()
            trained = train(task, data=args.data, seed=seed, out=out, resume=going_on)
            h = trained.history
            tests = ", ".join(f"{100 * right / n:.1f}" for right, n in zip(h.test_right, h.n_test))
            print(
                f"{task.name}, seed {seed}: {h.n_train.iloc[0]} samples an epoch, right of {h.n_test.iloc[0]} held out: {tests} %",
                flush=True,
            )
            if word is not None:
                labels = task.generate(1, np.random.default_rng(0), split="test", data=args.data).label
                hits, rejections = balanced(trained, labels)
                shares = f"{100 * hits:.1f} % hits, {100 * rejections:.1f} % correct rejections"
                print(f"  keyword {word}: {shares}, balanced accuracy {50 * (hits + rejections):.1f} %", flush=True)
    print(PUBLISHED[args.what])


if __name__ == "__main__":
    main()
