"""Pattern generation with weights in floating point, in n-bit accumulators and in pairs of phase-change memory; a table of held-out losses.

Run: python benchmarks/pcm_training.py   (five minutes). Rate, iterations and ranges of weights were chosen on seeds 11 and 12.
"""

from __future__ import annotations

import argparse

import numpy as np
import pandas as pd

import brian2chip as bc
from brian2chip.core.resolve import resolve

#: Substrate and its parameters.
KINDS = {
    "float": (None, {}),
    "4-bit accumulator": ("accumulator", {"bits": 4}),
    "3-bit accumulator": ("accumulator", {"bits": 3}),
    "2-bit accumulator": ("accumulator", {"bits": 2}),
    "pcm": ("pcm", {}),
}


def main() -> None:
    """Train, print a row for each kind and seed, and the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--iterations", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=4e-5)
    parser.add_argument("--optimiser", default="gradient_descent")
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    args = parser.parse_args()
    rows = []
    for seed in args.seeds:
        for kind in args.kinds:
            name, changes = KINDS[kind]
            substrate = None if name is None else bc.substrate(name).with_parameters(**changes)
            how = {"rate": args.rate, "optimiser": args.optimiser, "iterations": args.iterations, "n_test": 16}
            try:
                trained = bc.train("pattern_generation", seed=seed, substrate=substrate, **how)
            except bc.UserError as error:
                print(kind, seed, error, flush=True)
                continue
            last = trained.history.loss.to_numpy()[-64:]
            rows.append({"weights": kind, "seed": seed, "loss": trained.test_loss, "last_64_updates": float(np.median(last))})
            rows[-1]["program_s"] = trained.history.program_s.sum()
            print(rows[-1], flush=True)
    silent = 0.5 * np.sum(resolve(bc.Task, "pattern_generation").generate(1, np.random.default_rng(1)).target ** 2)
    print(f"a readout that stays at 0 has the loss {silent:.1f}")
    print(pd.DataFrame(rows).groupby("weights", sort=False)[["loss", "last_64_updates", "program_s"]].median().round(2).to_string())


if __name__ == "__main__":
    main()
