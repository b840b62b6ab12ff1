"""Rules of layered networks side by side on a task: what each learns, how its signals lie to the exact ones, and what they cost."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

from brian2chip.analysis import layered_page, render
from brian2chip.analysis.layered_account import account
from brian2chip.core import output
from brian2chip.core.claims import claimed
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.progress import Progress, callback, part
from brian2chip.learning.layered.angles import alignment
from brian2chip.learning.layered.settings import layered_rule
from brian2chip.learning.layered.train import train
from brian2chip.learning.layered.trained import LayeredTrained

logger = logging.getLogger(__name__)

RULES = ("bp", "fa", "dfa", "sdfa", "drtp", "shallow")


@dataclass(frozen=True)
class LayeredComparison:
    """What :func:`compare` returns.

    Attributes
    ----------
    task : LayeredTask
    table : DataFrame
        One row a rule: what it learned, the angles of its signals, and what the signals need.
    histories : dict of str to DataFrame
        The history of each training, by the rule's name.
    """

    task: LayeredTask
    table: pd.DataFrame
    histories: dict[str, pd.DataFrame]

    def write(self, out: str | Path) -> None:
        """Write index.html, comparison.csv, comparison.png and a CSV file of each history into a folder."""
        out = Path(out)
        output.write_table(out / "comparison.csv", self.table)
        for name, history in self.histories.items():
            output.write_table(out / f"history_{output.file_name(name)}.csv", history)
        figure = layered_page.curves(self.histories)
        figure.savefig(out / "comparison.png", dpi=150)
        page = layered_page.comparison(self.task.name, self.task.source, self.task.expected, self.table, render.svg(figure))
        (out / "index.html").write_text(page, encoding="utf-8")


def compare(
    task: LayeredTask,
    rules: Iterable[LayeredRule | str] = RULES,
    *,
    seed: int = 1,
    data: str | Path | None = None,
    device: str = "cpp_standalone",
    out: str | Path | None = None,
    progress: Progress = None,
    **training,
) -> LayeredComparison:
    """Return what rules learn from the same start on the same samples.

    Parameters
    ----------
    task : LayeredTask
    rules : iterable of LayeredRule or str
        Rules for layered networks, their names, or paths of files that define one.
    seed, data, device, progress
        As in :func:`brian2chip.train`.
    out : path, optional
        A folder that is written anew after each training.
    **training
        Changes to the task's :class:`~brian2chip.core.layered_config.LayeredTraining`.

    Raises
    ------
    UserError
        For a rule that is none, before anything is trained.
    """
    rules = [layered_rule(rule) for rule in rules]
    if out is not None:
        output.check_writable(out)
        Path(out).mkdir(parents=True, exist_ok=True)
    found = LayeredComparison(task, pd.DataFrame(), {})
    with nullcontext() if out is None else claimed(out), callback(progress, f"comparing on {task.name}") as report:
        for k, rule in enumerate(rules):
            how = {"seed": seed, "data": data, "device": device, "progress": part(report, k, len(rules))}
            result = train(task, rule=rule, **how, **training)
            table = pd.DataFrame([*found.table.to_dict("records"), _row(result, data)])
            found = LayeredComparison(task, table, {**found.histories, rule.name: result.history})
            logger.info(found.table.tail(1).to_string(index=False, header=k == 0))
            if out is not None:
                found.write(out)
    return found


def _row(result: LayeredTrained, data: str | Path | None) -> dict:
    """Return what the table says of a training."""
    sizes = [result.spec.n_in, *(layer.pooled for layer in result.spec.layers)]
    angles = alignment(result.spec, dict(result.state), result.task.samples(data)["test"])
    learned = {"epochs": len(result.history), "test_loss": result.test_loss, "test_accuracy": 1 - result.test_error}
    needs = asdict(account(result.spec.rule, sizes, classes=result.task.kind == "classification"))
    return {"rule": needs.pop("rule"), **learned, **{f"angle_{k + 1}_deg": angle for k, angle in enumerate(angles)}, **needs}
