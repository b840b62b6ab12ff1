"""Learning rules side by side on a task: what each learns, how fast, and what it needs; BPTT is the upper reference."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

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
from brian2chip.learning import comparison, train
from brian2chip.learning.layered.settings import check_recurrent
from brian2chip.learning.tasks import changed, samples_of, sized, task_of

logger = logging.getLogger(__name__)

#: Not a rule: the gradient through time, by PyTorch and snnTorch.
BPTT = "bptt"
#: Columns that have a standard deviation over seeds, and those of which the mean is enough.
SPREAD, AVERAGED = ("loss", "held_out_error"), ("updates", "samples", "wall_ms_per_sample")


@dataclass(frozen=True)
class Comparison(comparison.Written):
    """What :func:`compare` returns.

    Attributes
    ----------
    table : DataFrame
        One row a rule and broadcast: ``rule``, ``broadcast``, what it learned, its time, and what the rule needs. Of several seeds these
        are means, and columns whose names end in ``_sd`` hold the standard deviations.
    histories : dict of str to DataFrame
        The history of the trainings, by the rule's name and its broadcast; the column ``seed`` tells them apart.
    about : dict
        What ``run.json`` says beside versions and machine: task, rules, seeds, and settings.
    """

    table: pd.DataFrame
    histories: dict[str, pd.DataFrame]
    about: Mapping[str, Any] = field(default_factory=dict)

    def _repr_html_(self) -> str:
        return html.result("learning rules side by side", self.table)

    def files(self, folder: Path) -> None:
        """Write comparison.csv, comparison.png and a CSV file of each history."""
        output.write_table(folder / "comparison.csv", self.table)
        for name, history in self.histories.items():
            output.write_table(folder / f"history_{output.file_name(name.replace(' ', '_'))}.csv", history)
        figure = Figure(layout="constrained")
        means = {name: history.groupby("samples", as_index=False).mean(numeric_only=True) for name, history in self.histories.items()}
        learning_plots.side_by_side(means, figure.subplots())
        figure.savefig(folder / "comparison.png", dpi=150)


def compare(
    task: Task | str,
    rules: Iterable[LearningRule | str] = ("eprop_events", "eprop_no_filter", BPTT),
    *,
    broadcasts: Iterable[str] = ("symmetric", "random"),
    iterations: int = 100,
    seed: int | Iterable[int] = 1,
    hidden: int | None = None,
    data: str | Path | None = None,
    device: str = "cpp_standalone",
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = None,
    **training,
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
    seed : int or iterable of int
        With several, each rule is trained from each of them, and the table has means and standard deviations.
    hidden, data, device
        As in :func:`brian2chip.train`.
    out : path, optional
        A folder that is written anew after each training, and has its run.json after the last one.
    force : bool
        Replace what is in ``out``.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.
    **training
        Changes to the task's :class:`~brian2chip.core.training_config.TrainingConfig`, e.g. ``rate`` and ``batch``.

    Raises
    ------
    UserError
        For an unknown name, a setting or seed that cannot be, and a folder in use, before anything is trained, and for BPTT without its
        packages.
    """
    task, rules, seeds = task_of(task), list(rules), comparison.seeds_of(seed)
    task = changed(task, {} if hidden is None else sized(task, hidden), {"iterations": iterations, **training})
    for rule in rules:
        check_recurrent(rule)
    rules = [rule if rule == BPTT else resolve(LearningRule, rule) for rule in rules]
    if BPTT in rules and not (find_spec("torch") and find_spec("snntorch")):
        raise UserError("BPTT needs PyTorch and snnTorch; install brian2chip[bptt] or leave bptt out of --rules.")
    comparison.check_names([rule if rule == BPTT else rule.name for rule in rules])
    if out is not None:
        output.check_folder(out, force)
    pairs = [(rule, broadcast) for rule in rules for broadcast in (["-"] if rule == BPTT else broadcasts)]
    runs = [(*pair, one) for pair in pairs for one in seeds]
    found, rows = Comparison(pd.DataFrame(), {}, _about(task, rules, seeds)), {}
    with nullcontext() if out is None else claimed(out), callback(progress, f"comparing on {task.name}") as report:
        for k, (rule, broadcast, one) in enumerate(runs):
            how = {"seed": one, "data": data, "progress": part(report, k, len(runs))}
            row, history = _by_rule(task, rule, broadcast, device=device, **how) if rule != BPTT else _by_bptt(task, **how)
            row = {"rule": rule if rule == BPTT else rule.name, "broadcast": broadcast, **row}
            found = _with(found, rows, row, comparison.with_seed(one, history), len(seeds) > 1)
            logger.info(pd.DataFrame([{"seed": one, **row}]).to_string(index=False, header=k == 0))
            if out is not None:
                comparison.write_anew(out, force or k > 0, found.files, found.about if k + 1 == len(runs) else None)
    return found


def _about(task: Task, rules: Iterable[LearningRule | str], seeds: Iterable[int]) -> dict[str, Any]:
    """Return with what the rules are compared."""
    settings = {f.name: getattr(task.training, f.name) for f in fields(task.training) if f.name not in ("rule", "broadcast", "substrate")}
    hidden = {name: getattr(task.network, name) for name in ("n_lif", "n_alif")}
    return {"task": task.name, "rules": [rule if rule == BPTT else rule.name for rule in rules], "seeds": list(seeds), **settings, **hidden}


def _with(found: Comparison, rows: dict[str, list[dict]], row: dict, history: pd.DataFrame, several: bool) -> Comparison:
    """Return the comparison with one training more, whose row is added to those of its rule and broadcast."""
    name = f"{row['rule']} {row['broadcast']}".removesuffix(" -")
    rows.setdefault(name, []).append(row)
    how = (SPREAD, AVERAGED) if several else ((), ())
    table = pd.DataFrame([comparison.over_seeds(each, *how) for each in rows.values()])
    return replace(found, table=table, histories=comparison.with_history(found.histories, name, history))


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
