"""Train evidence accumulation with each broadcast and several seeds: updates to the published stopping rule, held-out error.

    python benchmarks/evidence_accumulation.py --out DIR [--seeds 5] [--broadcasts random symmetric adaptive]

Each training has its folder in DIR and goes on from its checkpoint; a finished one is not repeated.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from brian2chip.learning.train import train

# Bellec et al. 2020 and its code: stop when the error over 8 batches is below 7 %. That the rates are halved is ours.
RULE, BATCHES = 0.07, 8
SETTINGS = {"halve_after": 150, "stop_error": RULE, "stop_batches": BATCHES}


def updates_to_rule(history: pd.DataFrame) -> float:
    """Return the first update at which the error over the last batches is below the published one; NaN if it never is."""
    below = history["update"][history["error"].rolling(BATCHES).mean() < RULE]
    return float(below.min()) if len(below) else float("nan")


def result(broadcast: str, seed: int, folder: Path) -> dict:
    """Train one network, or read what an earlier call left, and return its row of the table."""
    row = folder / "result.csv"
    if not row.exists():
        resume = (folder / "checkpoint.npz").exists()
        trained = train("evidence_accumulation", broadcast=broadcast, seed=seed, out=folder, resume=resume, **SETTINGS)
        found = {
            "broadcast": broadcast, "seed": seed, "updates_to_7_percent": updates_to_rule(trained.history), "updates": len(trained.history),
            "held_out_error_percent": 100 * trained.test_error, "rate_hz": trained.history["rate_hz"].iloc[-1],
            "wall_ms_per_trial": 1e3 * trained.history["wall_s"].mean() / 64,
        }  # fmt: skip
        pd.DataFrame([found]).to_csv(row, index=False)
    return pd.read_csv(row).iloc[0].to_dict()


def main() -> None:
    """Print a row as each training ends, then mean and range for each broadcast."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--broadcasts", nargs="+", default=["random", "symmetric", "adaptive"])
    args = parser.parse_args()
    rows = []
    for seed in range(1, args.seeds + 1):
        for broadcast in args.broadcasts:
            rows.append(result(broadcast, seed, args.out / f"{broadcast}_{seed}"))
            print("  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in rows[-1].items()), flush=True)
    print(pd.DataFrame(rows).drop(columns="seed").groupby("broadcast").agg(["mean", "min", "max"]).round(1).T.to_string())


if __name__ == "__main__":
    main()
