"""How many bits does a network need: accuracy with weights of n bits, rounded after training and trained on that grid."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.core import output
from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.claims import claimed
from brian2chip.core.csv_files import GAPS, WHOLE, read_csv
from brian2chip.core.executor import completed
from brian2chip.core.json_files import read_json
from brian2chip.core.learning_rule import LearningRule
from brian2chip.core.progress import Progress, callback, silent
from brian2chip.core.resolve import resolve
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.core.training_config import TrainingConfig
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.learning import train
from brian2chip.learning.tasks import samples_of, task_of
from brian2chip.learning.weight_grid import fit
from brian2chip.translation.evaluate import decisions
from brian2chip.translation.reference_simulator import float_run

logger = logging.getLogger(__name__)

SETTINGS, TABLE = "bits.json", "bits.csv"
#: Accuracies, each beside the seed and the bits that it is of.
COLUMNS = {"seed": WHOLE, "bits": WHOLE, "rounded": GAPS, "trained": GAPS}


@dataclass(frozen=True)
class BitWidthStudy:
    """What is trained and on what it is tested.

    Attributes
    ----------
    task : str
        A learning task with classes.
    bits : tuple of int
        Widths, 1 to 24.
    seeds : tuple of int
    trials : int
        Held-out samples on which accuracy is taken.
    iterations : int
        Updates on each grid, from the weights that were trained as real numbers; the learning rate is halved after each quarter.
    data : str or None
        Directory of recordings, for tasks that read them.
    rule : LearningRule, str or None
        A learning rule, its name, or the path of a file that defines one; the task's by default.
    """

    task: str
    bits: tuple[int, ...] = (8, 7, 6, 5, 4, 3, 2, 1)
    seeds: tuple[int, ...] = (1,)
    trials: int = 500
    iterations: int = 60
    data: str | None = None
    rule: LearningRule | str | None = None

    def __post_init__(self):
        if task_of(self.task).kind != "classification":
            raise UserError(f"accuracy against bits needs a task with classes; {self.task!r} has targets.")
        if wrong := [n for n in self.bits if not is_whole(n) or not 1 <= n <= 24]:
            raise UserError(f"weights of {wrong[0]!r:.40} bits were asked for; allowed are 1 to 24.")
        for name in ("trials", "iterations"):
            if not is_whole(getattr(self, name)) or getattr(self, name) < 1:
                raise UserError(f"{name} was given as {getattr(self, name)!r:.40}; give a whole number of at least 1.")
        if wrong := [seed for seed in self.seeds if not is_whole(seed) or not 0 <= seed < 2**63]:
            raise UserError(f"the seed was given as {wrong[0]!r:.40}; give whole numbers of at least 0.")


def with_bits(network: SpikingNetwork, bits: int) -> SpikingNetwork:
    """Return the network with weights of so many bits; each projection has the grid of least squared error, and 0 stays no synapse.

    Raises
    ------
    UserError
        For bits out of 1 to 24.
    """
    rounded = lambda w: np.where(w == 0, 0.0, fit(w, bits).nearest(w))  # noqa: E731
    return replace(network, projections=tuple(replace(c, weight=rounded(np.asarray(c.weight, float))) for c in network.projections))


def accuracy(network: SpikingNetwork, samples: Samples) -> float:
    """Return the share of labelled samples that the network answers right in floating point."""
    return float(np.mean(decisions(network, float_run(network, samples), samples.mask) == samples.label))


def run(study: BitWidthStudy, out: str | Path, progress: Progress = None, workers: int | None = None) -> pd.DataFrame:
    """Return accuracy against bits: train, round, train on each grid, and test; rows that the folder holds are not computed again.

    Parameters
    ----------
    study : BitWidthStudy
    out : path
        Folder of table and networks.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar. Every finished row is logged.
    workers : int, optional
        Worker processes; by default one a core, where there is work for several that takes longer than to start them.

    Returns
    -------
    DataFrame
        Columns ``seed``, ``bits``, ``rounded``, ``trained`` (accuracies from 0 to 1); bits 0 is the real-valued network.

    Raises
    ------
    UserError
        When the folder belongs to another study.
    """
    study = study if study.rule is None else replace(study, rule=resolve(LearningRule, study.rule))
    out = _folder(study, Path(out))
    table = read_csv(out / TABLE, "bit width", COLUMNS, inside=out) if (out / TABLE).exists() else pd.DataFrame(columns=list(COLUMNS))
    held = set(zip(table.seed, table.bits))
    missing = [(seed, bits) for seed in study.seeds for bits in (0, *study.bits) if (seed, bits) not in held]
    chosen = Workers(workers)
    with claimed(out), callback(progress, f"bit widths of {study.task}") as report:
        for row in _rows(study, missing, out, chosen, report):
            table = pd.concat([table, pd.DataFrame([row])], ignore_index=True) if len(table) else pd.DataFrame([row])
            output.write_table(out / TABLE, table)
            right = " %, trained ".join(f"{100 * row[name]:.1f}" for name in ("rounded", "trained"))
            logger.info("seed %d, %s: rounded %s %% right", row["seed"], _named(row["bits"]), right)
    asked = table.seed.isin(study.seeds) & table.bits.isin((0, *study.bits))
    return table[asked].sort_values(["seed", "bits"]).reset_index(drop=True)


def _rows(
    study: BitWidthStudy, missing: Sequence[tuple[int, int]], out: Path, workers: Workers, report: Callable[[float], None]
) -> Iterator[dict]:
    """Yield the missing rows as they are done: those of real-valued networks first, which the others begin with."""
    done = 0
    for some in ([row for row in missing if not row[1]], [row for row in missing if row[1]]):
        jobs, n = [(row, (study, *row, out / f"seed_{row[0]}")) for row in some], len(some)
        with closing(completed(_row, jobs, n, workers, lambda f, first=done, n=n: report((first + n * f) / len(missing)))) as rows:
            yield from (row for _, row in rows)
        done += n


def _row(study: BitWidthStudy, seed: int, bits: int, out: Path, report: Callable[[float], None] = silent) -> dict:
    """Return one row; a training that was interrupted goes on."""
    task = task_of(study.task)
    test = samples_of(task, study.trials, np.random.default_rng([seed, 4]), split="test", data=study.data)
    common = dict(seed=seed, data=study.data, n_test=1, progress=report) | ({} if study.rule is None else {"rule": study.rule})
    real = _trained(out / "real_valued", study.task, **common)
    if not bits:
        right = accuracy(real, test)
        return {"seed": seed, "bits": 0, "rounded": right, "trained": right}
    schedule = _schedule(task.training, bits, study.iterations)
    grid = _trained(out / f"{bits}_bits", study.task, **{"bits": bits, "start": real, **schedule, **common})
    return {"seed": seed, "bits": bits, "rounded": accuracy(with_bits(real, bits), test), "trained": accuracy(grid, test)}


def _schedule(settings: TrainingConfig, bits: int, iterations: int) -> dict:
    """Return how to train on a grid: from two bits on with rates in proportion to its step, which a weight must move by to change."""
    scale = min(1.0, 4 / 2**bits)
    rate_out = settings.rate if settings.rate_out is None else settings.rate_out
    rates = dict(rate=settings.rate * scale, rate_out=rate_out * scale)
    return dict(iterations=iterations, halve_after=max(1, iterations // 4), stop_error=0.0, **rates)


def _named(bits: int) -> str:
    return f"{bits} bits" if bits else "real-valued"


def _trained(out: Path, task: str, **how) -> SpikingNetwork:
    if not (out / "network.npz").exists():
        train.train(task, out=out, resume=(out / "checkpoint.npz").exists(), **how)
    return SpikingNetwork.load(out / "network.npz", inside=out)


def _folder(study: BitWidthStudy, out: Path) -> Path:
    """Return the study's folder, made or checked."""
    output.check_writable(out / SETTINGS)
    same = {"task": study.task, "trials": study.trials, "iterations": study.iterations}
    same |= {} if study.rule is None else {"rule": study.rule.name}
    if (out / SETTINGS).exists():
        held = read_json(out / SETTINGS, "settings", {"type": "object"}, inside=out)
        if held != same:
            raise UserError(f"{out} holds the results of {held!s:.300}, not of {same}; give the same, or another --out.")
    elif out.exists() and any(out.iterdir()):
        raise UserError(f"{out} is not empty and holds no results of this command (no {SETTINGS}); give another --out.")
    else:
        out.mkdir(parents=True, exist_ok=True)
        output.write_json(out / SETTINGS, same)
    return out


def plot(table: pd.DataFrame, ax):
    """Draw mean accuracy against bits with a point a seed, and return the axes; the real-valued network is a line across."""
    bits = table[table.bits > 0]
    ax.axhline(100 * table.rounded[table.bits == 0].mean(), color="0.7", lw=1, label="real-valued")
    for column, label, colour in (("rounded", "rounded after training", "C0"), ("trained", "trained on the grid", "C3")):
        mean = 100 * bits.groupby("bits")[column].mean()
        ax.plot(mean.index, mean, "-", color=colour, label=label)
        ax.plot(bits.bits, 100 * bits[column], ".", color=colour)
    ax.set(xlabel="bits of a weight", ylabel="accuracy (%)", xticks=sorted(bits.bits.unique()))
    ax.legend(frameon=False)
    return ax
