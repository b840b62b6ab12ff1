"""Pattern generation with weights in floating point, in n-bit accumulators and in pairs of phase-change memory; a table of final losses.

Run: python benchmarks/pcm_training.py --out DIR   (six minutes of processor time). The final loss is the median over the last 64 updates;
the arrays are read anew in each. Rates, iterations and ranges of weights were chosen on seeds 11 to 20. Each training has its folder
in DIR and goes on from its checkpoint; a finished one is not repeated.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

import brian2chip as bc
from brian2chip.core.resolve import resolve

#: Substrate and its parameters.
KINDS = {
    "float": (None, {}),
    "4-bit accumulator": ("accumulator", {"bits": 4, "reach": 2.0}),
    "3-bit accumulator": ("accumulator", {"bits": 3, "reach": 2.0}),
    "pcm": ("pcm", {}),
}
LAST = 64


def final_loss(history: pd.DataFrame) -> float:
    """Return the median loss of the last updates."""
    return float(np.median(history.loss.to_numpy()[-LAST:]))


def trained(kind: str, seed: int, folder: Path, how: dict) -> pd.DataFrame:
    """Return the history of a training, which is continued where an earlier call left it."""
    history = folder / "history.csv"
    if not history.exists():
        name, changes = KINDS[kind]
        substrate = None if name is None else bc.substrate(name).with_parameters(**changes)
        resume = (folder / "checkpoint.npz").exists()
        bc.train("pattern_generation", seed=seed, substrate=substrate, out=folder, resume=resume, n_test=1, **how)
    return pd.read_csv(history)


def main() -> None:
    """Train, print a row for each kind and seed, then the table of final losses with medians and their ratios to float."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the trainings")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--iterations", type=int, default=1024)
    parser.add_argument("--rate", type=float, default=3e-5)
    parser.add_argument("--rate-out", type=float, default=9e-5)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=list(KINDS))
    args = parser.parse_args()
    how = {"rate": args.rate, "rate_out": args.rate_out, "iterations": args.iterations}
    table = pd.DataFrame(index=args.kinds, columns=args.seeds, dtype=float)
    for seed in args.seeds:
        for kind in args.kinds:
            try:
                history = trained(kind, seed, args.out / f"{kind.replace(' ', '_')}_{seed}", how)
            except bc.UserError as error:  # it diverged
                print(f"seed {seed}, {kind}: {error}", flush=True)
                continue
            table.loc[kind, seed] = final_loss(history)
            print(f"seed {seed}, {kind}: {table.loc[kind, seed]:.2f}; {history.program_s.sum():.0f} s in the program", flush=True)
    silent = 0.5 * np.sum(resolve(bc.Task, "pattern_generation").generate(1, np.random.default_rng(1)).target ** 2)
    print(f"a readout that stays at 0 has the loss {silent:.1f}; median over the last {LAST} of {args.iterations} updates:")
    print(table.assign(median=table.median(axis=1)).round(2).to_string())
    if "float" in table.index:
        ratios = table / table.loc["float"]
        print("as a multiple of float with the same seed:")
        print(ratios.assign(median=ratios.median(axis=1)).round(2).to_string())


if __name__ == "__main__":
    main()
