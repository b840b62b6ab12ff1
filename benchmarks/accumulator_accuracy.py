"""Evidence accumulation with weights of a few bits in accumulators beside floating point: held-out accuracy for each seed.

Run: python benchmarks/accumulator_accuracy.py --out DIR   (five minutes of processor time). The task is evidence_accumulation_lif with its
own settings, but all updates are made and the learning rates fall to zero along half a cosine; `reach`, 3, was chosen among 2, 3 and 4.5
and the schedule, beside stopping at the criterion, on seeds 11 to 14. Each training has its folder in DIR
and goes on from its checkpoint; a finished one is not repeated.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pandas as pd

import brian2chip as bc

TASK = "evidence_accumulation_lif"


def trained(bits: int | None, seed: int, folder: Path, iterations: int) -> dict:
    """Return updates and held-out accuracy (%) of a training, which is continued where an earlier call left it."""
    row = folder / "row.json"
    if not row.exists():
        substrate = None if bits is None else bc.substrate("accumulator").with_parameters(bits=bits)
        how = {"out": folder, "resume": (folder / "checkpoint.npz").exists()}
        schedule = {"iterations": iterations, "anneal_over": iterations, "stop_error": 0.0}
        found = bc.train(TASK, seed=seed, substrate=substrate, **how, **schedule)
        row.write_text(json.dumps({"updates": len(found.history), "accuracy": 100 * (1 - found.test_error)}))
    return json.loads(row.read_text())


def main() -> None:
    """Print a row for each seed and kind of weights, and the means."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of the trainings")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--bits", type=int, nargs="*", default=[4], help="of the accumulators, beside floating point")
    parser.add_argument("--iterations", type=int, default=150, help="updates")
    args = parser.parse_args()
    rows = []
    for seed in args.seeds:
        for bits in (None, *args.bits):
            name = "float" if bits is None else f"{bits} bits"
            found = trained(bits, seed, args.out / f"{name.replace(' ', '_')}_{seed}", args.iterations)
            rows.append({"seed": seed, "weights": name, **found})
            print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in rows[-1].items()), flush=True)
    print(pd.DataFrame(rows).drop(columns="seed").groupby("weights", sort=False).mean().round(2).to_string())


if __name__ == "__main__":
    main()
