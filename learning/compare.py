"""Learning rules side by side on a task: what each learns, how fast, and what it needs; BPTT is the upper reference."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from brian2chip.analysis import learning_plots, locality
from brian2chip.core import html, output
from brian2chip.core.claims import claimed
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.progress import Progress, callback, part
from brian2chip.core.resolve import resolve
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.learning import train
from brian2chip.learning.layered.settings import check_recurrent
from brian2chip.learning.tasks import changed, samples_of, task_of

logger = logging.getLogger(__name__)

#: Not a rule: the gradient through time, by PyTorch and snnTorch.
BPTT = "bptt"


@dataclass(frozen=True)
class Comparison:
    """What :func:`compare` returns.

    Attributes
    ----------
    table : DataFrame
        One row a training: ``rule``, ``broadcast``, what it learned, its time, and what the rule needs.
    histories : dict of str to DataFrame
        The history of each training, by the rule's name and its broadcast.
    """

    table: pd.DataFrame
    histories: dict[str, pd.DataFrame]

    def _repr_html_(self) -> str:
        return html.result("learning rules side by side", self.table)

    def write(self, out: str | Path) -> None:
        """Write comparison.csv, comparison.png and a CSV file of each history into a folder."""
        output.write_table(Path(out) / "comparison.csv", self.table)
        for name, history in self.histories.items():
            output.write_table(Path(out) / f"history_{output.file_name(name.replace(' ', '_'))}.csv", history)
        figure = Figure(layout="constrained")
        learning_plots.side_by_side(self.histories, figure.subplots())
        figure.savefig(Path(out) / "comparison.png", dpi=150)


def compare(
    task: Task | str,
    rules: Iterable[LearningRule | str] = ("eprop_events", "eprop_no_filter", BPTT),
    *,
    broadcasts: Iterable[str] = ("symmetric", "random"),
    iterations: int = 100,
    seed: int = 1,
    data: str | Path | None = None,
    device: str = "cpp_standalone",
    out: str | Path | None = None,
    progress: Progress = None,
) -> Comparison:
    """Return what rules learn from the same start on the same samples.

    Parameters
    ----------
    task : Task or str
        A task, its name, or the path of a file that defines one.
    rules : iterable of LearningRule or str
        Learning rules, their names, or paths of files that define one; and ``"bptt"``.
    broadcasts : iterable of str
        Each rule but BPTT learns with each of them.
    iterations : int
        Updates at most.
    seed, data, device
        As in :func:`brian2chip.train`.
    out : path, optional
        A folder that is written anew after each training.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.

    Raises
    ------
    UserError
        For an unknown name, before anything is trained, and for BPTT without its packages.
    """
    task, rules = changed(task_of(task), {}, {"iterations": iterations}), list(rules)
    for rule in rules:
        check_recurrent(rule)
    rules = [rule if rule == BPTT else resolve(LearningRule, rule) for rule in rules]
    if BPTT in rules and not (find_spec("torch") and find_spec("snntorch")):
        raise UserError("BPTT needs PyTorch and snnTorch; install brian2chip[bptt] or leave bptt out of --rules.")
    if out is not None:
        output.check_writable(out)
        Path(out).mkdir(parents=True, exist_ok=True)
    runs = [(rule, broadcast) for rule in rules for broadcast in (["-"] if rule == BPTT else broadcasts)]
    found = Comparison(pd.DataFrame(), {})
    with nullcontext() if out is None else claimed(out), callback(progress, f"comparing on {task.name}") as report:
        for k, (rule, broadcast) in enumerate(runs):
            how = {"seed": seed, "data": data, "progress": part(report, k, len(runs))}
            row, history = _by_bptt(task, **how) if rule == BPTT else _by_rule(task, rule, broadcast, device=device, **how)
            found = _with(found, rule if rule == BPTT else rule.name, broadcast, row, history)
            logger.info(found.table.tail(1).to_string(index=False, header=k == 0))
            if out is not None:
                found.write(out)
    return found


def _with(found: Comparison, rule: str, broadcast: str, row: dict, history: pd.DataFrame) -> Comparison:
    """Return the comparison with one training more."""
    table = pd.DataFrame([*found.table.to_dict("records"), {"rule": rule, "broadcast": broadcast, **row}])
    return Comparison(table, {**found.histories, f"{rule} {broadcast}".removesuffix(" -"): history})


def _by_rule(task: Task, rule: LearningRule, broadcast: str, **how) -> tuple[dict, pd.DataFrame]:
    result = train.train(task, rule=rule, broadcast=broadcast, **how)
    a = locality.account(rule.as_rule(), n_neurons=result.network.population("rec").size)
    return {
        **_learned(result.history, result.test_error),
        "bytes_of_learning": a.bytes_float64 - 8 * a.n_synapses,  # what it stores beyond the weight
        "growth": a.memory_growth,
        "operations_per_synapse": sum(a.period.values()) + sum(a.pre_event.values()),
        "third_factors": " ".join(a.third_factors),
    }, result.history


def _by_bptt(task: Task, *, seed: int, data: str | Path | None, progress: Callable[[float], None]) -> tuple[dict, pd.DataFrame]:
    from brian2chip.learning import bptt  # its packages are an optional extra

    history, error = bptt.train(task, seed=seed, data=data, progress=progress)
    kept = bptt.bytes_kept(task, samples_of(task, task.training.batch, np.random.default_rng(seed), data=data))
    row = {"bytes_of_learning": kept, "growth": "O(N T batch)", "operations_per_synapse": None, "third_factors": "all errors of the future"}
    return {**_learned(history, error), **row}, history


def _learned(history: pd.DataFrame, test_error: float) -> dict:
    samples = int(history["samples"].iloc[-1])
    return {
        "updates": len(history),
        "samples": samples,
        "loss": round(history["loss"].iloc[-8:].mean(), 4),
        "held_out_error": round(test_error, 4),
        "wall_ms_per_sample": round(1e3 * history["wall_s"].sum() / samples, 1),
    }
