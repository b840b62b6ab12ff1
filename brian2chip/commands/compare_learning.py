"""Compare learning rules on a task: error against samples, time, memory, operations, locality; BPTT as the upper reference."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

from brian2chip.analysis import learning_plots, locality
from brian2chip.core import output
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.resolve import resolve
from brian2chip.errors import UserError
from brian2chip.learning import train


def arguments(parser) -> None:
    """Add the command's arguments."""
    parser.add_argument("task")
    parser.add_argument(
        "--rules", nargs="+", default=["eprop_events", "eprop_no_filter", "bptt"], help="learning rules by name or file, and bptt"
    )
    parser.add_argument("--broadcasts", nargs="+", default=["symmetric", "random"], help="for the e-prop rules")
    parser.add_argument("--iterations", type=int, default=100, help="updates at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--data", help="directory of recordings")
    parser.add_argument("--out", help="folder for comparison.csv, comparison.png and the histories")
    parser.add_argument("--device", default="cpp_standalone")


def main(args) -> int:
    """Train each rule from the same start on the same samples and print one row each."""
    out = None if args.out is None else Path(args.out)
    if out is not None:
        output.check_writable(out)
        out.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    rows, histories = [], {}
    for given in [name if name == "bptt" else resolve(LearningRule, name) for name in args.rules]:
        rule = given if given == "bptt" else given.name
        for broadcast in ["-"] if rule == "bptt" else args.broadcasts:
            row, history = _by_bptt(args) if rule == "bptt" else _by_rule(args, given, broadcast)
            rows.append({"rule": rule, "broadcast": broadcast, **row})
            print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
            if out is not None:
                history.to_csv(out / f"history_{rule}_{broadcast}.csv", index=False)
                pd.DataFrame(rows).to_csv(out / "comparison.csv", index=False)
                histories[f"{rule} {broadcast}".removesuffix(" -")] = history
                learning_plots.side_by_side(histories).figure.savefig(out / "comparison.png", dpi=150)
                plt.close("all")
    return 0


def _learned(history: pd.DataFrame, test_error: float) -> dict:
    return {
        "updates": len(history),
        "samples": int(history["samples"].iloc[-1]),
        "loss": round(history["loss"].iloc[-8:].mean(), 4),
        "held_out_error": round(test_error, 4),
        "wall_ms_per_sample": round(1e3 * history["wall_s"].sum() / history["samples"].iloc[-1], 1),
    }


def _by_rule(args, rule: LearningRule, broadcast: str) -> tuple[dict, pd.DataFrame]:
    how = {"rule": rule, "broadcast": broadcast, "iterations": args.iterations}
    result = train.train(args.task, seed=args.seed, data=args.data, device=args.device, **how)
    size = result.network.population("rec").size
    a = locality.account(rule.as_rule(), n_neurons=size)
    return {
        **_learned(result.history, result.test_error),
        "bytes_of_learning": a.bytes_float64 - 8 * a.n_synapses,  # what it stores beyond the weight
        "growth": a.memory_growth,
        "operations_per_synapse": sum(a.period.values()) + sum(a.pre_event.values()),
        "third_factors": " ".join(a.third_factors),
    }, result.history


def _by_bptt(args) -> tuple[dict, pd.DataFrame]:
    try:
        from brian2chip.learning import bptt  # an optional extra
    except ImportError:
        raise UserError("BPTT needs PyTorch and snnTorch; install brian2chip[bptt] or leave bptt out of --rules.") from None
    task = train.changed(train.task_of(args.task), {}, {"iterations": args.iterations})
    history, error = bptt.train(task, seed=args.seed, data=args.data)
    kept = bptt.bytes_kept(task, task.generate(task.training.batch, np.random.default_rng(args.seed), data=args.data))
    row = {"bytes_of_learning": kept, "growth": "O(N T batch)", "operations_per_synapse": None, "third_factors": "all errors of the future"}
    return {**_learned(history, error), **row}, history
