"""Learning on the chip model: epochs of training and test samples, history, checkpoints."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip.chips.codec import check
from brian2chip.chips.reckon import float_baseline, task_setup
from brian2chip.chips.reckon.configuration import CHIP, Configuration
from brian2chip.chips.reckon.emulator import Emulator
from brian2chip.chips.reckon.fields import NEURON_WORD, WEIGHT
from brian2chip.chips.reckon.memory import NEURON_STATE, WEIGHTS, Memory
from brian2chip.chips.reckon.replay import crc32
from brian2chip.chips.reckon.shift_registers import SEEDS
from brian2chip.chips.reckon.task_setup import Setup, score, setup_of
from brian2chip.chips.reckon.testbench_files import write_weights
from brian2chip.core import html
from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.core.output import write_table
from brian2chip.core.progress import Progress, callback, part
from brian2chip.core.seed import checked_seed
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.train import task_of

logger = logging.getLogger(__name__)

#: Labels are logged for so many samples at most; the history holds all.
PRINTED = 50
LEARNER = "reckon"


@dataclass(frozen=True)
class TrainedChip:
    """What a training on the chip gave.

    Attributes
    ----------
    configuration : Configuration
    memory : Memory
        Weights and shift registers after the last epoch.
    history : DataFrame
        One row an epoch and learner (``reckon`` and, where asked for, ``float e-prop``): ``learner``, ``epoch``, ``train_right``,
        ``test_right``, ``n_train``, ``n_test``, ``train_labels``, ``test_labels``, ``crc32_winp``, ``crc32_wrec``, ``crc32_wout`` (of
        the chip), ``train_s``, ``test_s`` (seconds in the compiled program).
    """

    configuration: Configuration
    memory: Memory
    history: pd.DataFrame

    def _repr_html_(self) -> str:
        shown = self.history.tail(5).drop(columns=["train_labels", "test_labels"], errors="ignore")
        return html.result("learned on ReckOn", shown, *str(self).splitlines())

    def __str__(self) -> str:
        c = self.configuration
        lines = [f"{c.n_inputs}-{c.n_hidden}-{c.n_outputs} after {self.history.epoch.max()} epochs:"]
        for last in self.history.groupby("learner", sort=False).tail(1).itertuples():
            test = f"{last.test_right} of {last.n_test} test samples right"
            lines.append(f"  {last.learner}: {test}, {last.train_right} of {last.n_train} while learning")
        return "\n".join(lines)


def train(
    task: str | Task,
    *,
    data: str | Path | None = None,
    seed: int = 1,
    epochs: int | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    with_float: bool = False,
    progress: Progress = None,
    hidden: int | None = None,
    network: Mapping[str, float] | None = None,
) -> TrainedChip:
    """Return what the chip model learned of a task, tested after every epoch; each epoch is logged as a line.

    Parameters
    ----------
    task : str or Task
        ``"evidence_accumulation"`` or another classification task.
    data : path, optional
        Directory of the task's data; for evidence accumulation that which ships with the open-source RTL, and generated samples without it.
    seed : int
        Of generated samples and initial weights.
    epochs : int, optional
        Those of the task's preset by default.
    out : path, optional
        Folder for ``checkpoint.npz``, ``history.csv`` and the weights in the testbench's text format.
    resume : bool
        Continue from the folder's checkpoint.
    with_float : bool
        Train float e-prop afterwards, from the same weights on the same samples (see :mod:`float_baseline`).
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.
    hidden : int, optional
        Hidden units, an even number, instead of the task's.
    network : mapping, optional
        ``tau_m`` and ``tau_out`` in s, from which the leaks of a task follow that has no preset of its own.

    Raises
    ------
    UserError
        For an unknown or unfit task, wrong data, or a checkpoint of another training.
    """
    if epochs is not None and epochs < 1:
        raise UserError(f"{epochs} epochs were asked for; give at least one.")
    if resume and out is None:
        raise UserError("resume needs the folder of the checkpoint; give out.")
    seed = checked_seed(seed)
    known = task_setup.with_settings(task_of(task), hidden, network or {}, data)
    setup = setup_of(known, seed, data)
    setup.configuration.require_sound()
    stamp = {"task": known.name, "chip": "reckon", "seed": seed, "samples": crc32_of(setup)}
    memory, rows = setup.memory, []
    last = setup.preset.epochs if epochs is None else epochs
    with checkpoint.folder(out, resume) as path, callback(progress, "training on ReckOn") as report:
        if resume:
            memory, rows = _resumed(path, stamp, setup)
        report_chip, report_float = (part(report, k, 2) for k in (0, 1)) if with_float else (report, None)
        with Emulator() as chip:
            for epoch in range(len(rows) + 1, last + 1):
                memory, row = run_epoch(chip, setup, memory, epoch)
                rows.append(row)
                if out is not None:
                    _save(Path(out), stamp, setup.configuration, memory, rows)
                logger.info("%s", line(row))
                report_chip(epoch / last)
        if with_float:
            rows = rows + float_baseline.train(known, setup, last, stamp=stamp, out=out, resume=resume, progress=report_float)
            if out is not None:
                write_table(Path(out) / "history.csv", pd.DataFrame(rows))
    return TrainedChip(setup.configuration, memory, pd.DataFrame(rows))


def run_epoch(chip: Emulator, setup: Setup, memory: Memory, epoch: int) -> tuple[Memory, dict]:
    """Return the memories after all training and test samples, and the history's row; testing moves the shift registers of the rounding."""
    samples, configuration = setup.train(epoch), setup.preset.at(setup.configuration, epoch)
    learned = chip.run(configuration, memory, samples)
    train_s = chip.program_seconds
    tested = chip.run(configuration, learned.memory, setup.test)
    row = {"learner": LEARNER, "epoch": epoch, **score("train", learned.label, samples.label)}
    row.update(score("test", tested.label, setup.test.label))
    row.update({f"crc32_{name}": crc32(block) for name, block in tested.memory.in_use(configuration).items()})
    return tested.memory, {**row, "train_s": train_s, "test_s": chip.program_seconds}


def crc32_of(setup: Setup) -> int:
    """Return a number that tells one set of samples from another."""
    parts = [getattr(samples, name) for samples in (setup.train(1), setup.test) for name in ("sample", "t", "i", "label")]
    return crc32(np.concatenate([np.asarray(part, "<i8") for part in parts]).view(np.int8))


def line(row: dict) -> str:
    """Return an epoch as text: counts, CRC32 of the weights, and the inferred labels of the first samples."""
    crc = " ".join(f"{name} {row[f'crc32_{name}']:08x}" for name in WEIGHTS)
    counts = [f"{split} {row[f'{split}_right']} of {row[f'n_{split}']} right" for split in ("train", "test")]
    labels = [f"\n    {split} labels {row[f'{split}_labels'][:PRINTED]}" for split in ("train", "test")]
    return f"epoch {row['epoch']}: {', '.join(counts)}; CRC32 {crc}{''.join(labels)}"


def _save(out: Path, stamp: dict, configuration: Configuration, memory: Memory, rows: list[dict]) -> None:
    state = {name: getattr(memory, name) for name in (*WEIGHTS, *NEURON_STATE, "dirty")}
    state["lfsr"] = np.array([memory.lfsr[name] for name in SEEDS])
    checkpoint.save(out / "checkpoint.npz", stamp, {**state, "updates": len(rows)}, rows)
    write_table(out / "history.csv", pd.DataFrame(rows))
    for name, block in memory.in_use(configuration).items():
        write_weights(out / f"{name}.dat", block)


def _resumed(path: Path, stamp: dict, setup: Setup) -> tuple[Memory, list[dict]]:
    held = {name: getattr(setup.memory, name).shape for name in (*WEIGHTS, *NEURON_STATE, "dirty")}
    state, rows = checkpoint.load(path, stamp, {**held, "lfsr": (len(SEEDS),)})
    fields = {**dict.fromkeys(WEIGHTS, WEIGHT), **{name: next(f for f in NEURON_WORD if f.name == name + "0") for name in NEURON_STATE}}
    arrays = {name: check(replace(f, name=name), state[name], CHIP).astype(getattr(setup.memory, name).dtype) for name, f in fields.items()}
    arrays["dirty"] = whole_numbers(state["dirty"], "dirty", f"the checkpoint {path}", low=0, high=1)
    return replace(setup.memory, **arrays, lfsr=dict(zip(SEEDS, (int(v) for v in state["lfsr"])))), rows
