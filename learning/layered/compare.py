"""Rules of layered networks side by side on a task: what each learns, how its signals lie to the exact ones, and what they cost."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from brian2chip.analysis import layered_page, render
from brian2chip.analysis.layered_account import account
from brian2chip.core import output
from brian2chip.core.claims import claimed
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.progress import Progress, callback, part
from brian2chip.core.static_samples import StaticSamples
from brian2chip.learning import comparison
from brian2chip.learning.layered.angles import alignment
from brian2chip.learning.layered.settings import layered_rule
from brian2chip.learning.layered.train import train
from brian2chip.learning.layered.trained import LayeredTrained
from brian2chip.learning.tasks import changed

logger = logging.getLogger(__name__)

RULES = ("bp", "fa", "dfa", "sdfa", "drtp", "shallow")


@dataclass(frozen=True)
class LayeredComparison(comparison.Written):
    """What :func:`compare` returns.

    Attributes
    ----------
    task : LayeredTask
        With the settings that were used.
    table : DataFrame
        One row a rule: what it learned, the angles of its signals, and what the signals need. Of several seeds these are means, and
        columns whose names end in ``_sd`` hold the standard deviations.
    histories : dict of str to DataFrame
        The history of each rule's trainings, by its name; the column ``seed`` tells them apart.
    about : dict
        What ``run.json`` says beside versions and machine: task, rules, seeds, settings, numbers of samples, and the level of chance.
    """

    task: LayeredTask
    table: pd.DataFrame
    histories: dict[str, pd.DataFrame]
    about: Mapping[str, Any] = field(default_factory=dict)

    def files(self, folder: Path) -> None:
        """Write index.html, comparison.csv, comparison.png and a CSV file of each history."""
        output.write_table(folder / "comparison.csv", self.table)
        for name, history in self.histories.items():
            output.write_table(folder / f"history_{output.file_name(name)}.csv", history)
        figure = layered_page.curves(self.histories)
        figure.savefig(folder / "comparison.png", dpi=150)
        page = layered_page.comparison(self.task, self.table, render.svg(figure), self.about)
        (folder / "index.html").write_text(page, encoding="utf-8")


def compare(
    task: LayeredTask,
    rules: Iterable[LayeredRule | str] = RULES,
    *,
    seed: int | Iterable[int] = 1,
    hidden: int | Sequence[int] | None = None,
    data: str | Path | None = None,
    device: str = "cpp_standalone",
    out: str | Path | None = None,
    force: bool = False,
    progress: Progress = None,
    **training,
) -> LayeredComparison:
    """Return what rules learn from the same start on the same samples.

    Parameters
    ----------
    task : LayeredTask
    rules : iterable of LayeredRule or str
        Rules for layered networks, their names, or paths of files that define one.
    seed : int or iterable of int
        With several, each rule is trained from each of them, and the table has means and standard deviations.
    hidden : int or sequence of int, optional
        Units of the hidden layer, or of each of several, instead of the task's.
    data, device, progress
        As in :func:`brian2chip.train`.
    out : path, optional
        A folder that is written anew after each training, and has its run.json after the last one.
    force : bool
        Replace what is in ``out``.
    **training
        Changes to the task's :class:`~brian2chip.core.layered_config.LayeredTraining`, e.g. ``rate``, ``batch`` and ``epochs``.

    Raises
    ------
    UserError
        For a rule that is none, a setting or seed that cannot be, and a folder in use, before anything is trained.
    """
    rules, seeds = [layered_rule(rule) for rule in rules], comparison.seeds_of(seed)
    comparison.check_names([rule.name for rule in rules])
    sizes = {} if hidden is None else {"hidden": tuple(hidden) if isinstance(hidden, Sequence) else (hidden,)}
    task = changed(task, sizes, training)
    if out is not None:
        output.check_folder(out, force)
    about = _about(task, rules, seeds, task.samples(data))
    found, rows = LayeredComparison(task, pd.DataFrame(), {}, about), {rule.name: [] for rule in rules}
    runs = [(rule, one) for rule in rules for one in seeds]
    with nullcontext() if out is None else claimed(out), callback(progress, f"comparing on {task.name}") as report:
        for k, (rule, one) in enumerate(runs):
            result = train(task, rule=rule, seed=one, data=data, device=device, progress=part(report, k, len(runs)))
            rows[rule.name].append(_row(result, data))
            found = _with(found, rows, rule.name, comparison.with_seed(one, result.history), len(seeds) > 1)
            logger.info(pd.DataFrame([{"seed": one, **rows[rule.name][-1]}]).to_string(index=False, header=k == 0))
            if out is not None:
                last = k + 1 == len(runs)
                comparison.write_anew(out, force or k > 0, found.files, about if last else None)
    return found


def _with(found: LayeredComparison, rows: dict[str, list[dict]], rule: str, history: pd.DataFrame, several: bool) -> LayeredComparison:
    """Return the comparison with one training more, whose row is the last of its rule's."""
    spread = [name for name in rows[rule][0] if name.startswith(("test_", "angle_"))] if several else ()
    table = pd.DataFrame([comparison.over_seeds(of_rule, spread) for of_rule in rows.values() if of_rule])
    return replace(found, table=table, histories=comparison.with_history(found.histories, rule, history))


def _about(task: LayeredTask, rules: Sequence[LayeredRule], seeds: Sequence[int], sets: Mapping[str, StaticSamples]) -> dict[str, Any]:
    """Return with what the rules are compared."""
    settings = asdict(replace(task.training, rule=""))
    return {
        "task": task.name,
        "rules": {rule.name: rule.signal for rule in rules},
        "seeds": list(seeds),
        **{name: value for name, value in settings.items() if name != "rule"},
        **asdict(task.network),
        "samples": {name: len(samples) for name, samples in sets.items()},
        "chance": comparison.chance(sets["train"].label, sets["test"].label),
    }


def _row(result: LayeredTrained, data: str | Path | None) -> dict:
    """Return what the table says of a training."""
    sizes = [result.spec.n_in, *(layer.pooled for layer in result.spec.layers)]
    angles = alignment(result.spec, dict(result.state), result.task.samples(data)["test"])
    learned = {"epochs": len(result.history), "test_loss": result.test_loss, "test_accuracy": 1 - result.test_error}
    needs = asdict(account(result.spec.rule, sizes, classes=result.task.kind == "classification"))
    return {"rule": needs.pop("rule"), **learned, **{f"angle_{k + 1}_deg": angle for k, angle in enumerate(angles)}, **needs}
