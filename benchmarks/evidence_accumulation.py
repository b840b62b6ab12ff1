"""Train evidence accumulation with each broadcast and several seeds: trials until the published criterion, held-out error.

    python benchmarks/evidence_accumulation.py --out DIR [--seeds 1 2 3 4 5] [--broadcasts random symmetric adaptive]
    python benchmarks/evidence_accumulation.py why --out DIR      one seed and broadcast, one setting after another as it was published

Each training has its folder in DIR and goes on from its checkpoint; a finished one is not repeated. Two processes may share DIR if
their seeds or broadcasts differ; a last call without options prints the table of all.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from brian2chip.learning.train import train

# Bellec et al. 2020 and its code: the task is solved when the error over 8 batches of 64 is below 7 %.
RULE, TRIALS = 0.07, 8 * 64
#: Ours, chosen with seeds 11 to 13. Nothing stops a training early.
SETTINGS = {"batch": 4, "rate": 2.5e-3, "halve_after": None, "anneal_over": 5500, "iterations": 5500, "c_reg": 100.0, "stop_error": 0.0}
#: What ``why`` changes, with the same number of trials, towards what was published: batch, regularisation, how the rate falls.
WHY = {
    "as above": {},
    "batches of 16": {"batch": 16, "iterations": 1375, "anneal_over": 1375},
    "batches of 64, twice the rate": {"batch": 64, "rate": 5e-3, "iterations": 344, "anneal_over": 344},
    "regularisation 300": {"c_reg": 300.0},
    "rate halved every quarter": {"anneal_over": None, "halve_after": 1375},
}
WHY_SEED = 11


def trials_to_rule(history: pd.DataFrame, batch: int) -> float:
    """Return after how many trials the error over the last 512 is below the published one for the first time; NaN if it never is."""
    below = history["samples"][history["error"].rolling(TRIALS // batch).mean() < RULE]
    return float(below.min()) if len(below) else float("nan")


def result(broadcast: str, seed: int, folder: Path, **changes) -> dict:
    """Train one network, or read what an earlier call left, and return its row of the table."""
    row, settings = folder / "result.csv", {**SETTINGS, **changes}
    if not row.exists():
        resume = (folder / "checkpoint.npz").exists()
        trained = train("evidence_accumulation", broadcast=broadcast, seed=seed, out=folder, resume=resume, **settings)
        history, batch = trained.history, settings["batch"]
        found = {
            "broadcast": broadcast, "seed": seed, "trials_to_7_percent": trials_to_rule(history, batch),
            "trials": history["samples"].iloc[-1], "held_out_error_percent": 100 * trained.test_error,
            "rate_hz": history["rate_hz"].iloc[-(TRIALS // batch) :].mean(), "wall_ms_per_trial": 1e3 * history["wall_s"].mean() / batch,
        }  # fmt: skip
        pd.DataFrame([found]).to_csv(row, index=False)
    return pd.read_csv(row).iloc[0].to_dict()


def main() -> None:
    """Print a row as each training ends, then, unless it was asked why, mean and range for each broadcast."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("what", nargs="?", choices=("why",))
    parser.add_argument("--out", required=True, type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5])
    parser.add_argument("--broadcasts", nargs="+", default=["random", "symmetric", "adaptive"])
    args = parser.parse_args()
    cases = [(broadcast, seed, f"{broadcast}_{seed}", {}) for seed in args.seeds for broadcast in args.broadcasts]
    if args.what == "why":
        cases = [("random", WHY_SEED, name.replace(" ", "_"), changes) for name, changes in WHY.items()]
    rows = []
    for broadcast, seed, name, changes in cases:
        rows.append(result(broadcast, seed, args.out / name, **changes))
        print(name, "  ".join(f"{k} {v:.4g}" if isinstance(v, float) else f"{k} {v}" for k, v in rows[-1].items()), flush=True)
    if args.what is None:
        print(pd.DataFrame(rows).drop(columns="seed").groupby("broadcast").agg(["mean", "min", "max"]).round(1).T.to_string())


if __name__ == "__main__":
    main()
