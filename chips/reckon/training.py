"""Learning on the chip model: epochs of training and test samples, history, checkpoints."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from brian2chip import checkpoint, registry
from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.emulator import Emulator, Result
from brian2chip.chips.reckon.fields import HIDDEN_UNIT, INPUT, OUTPUT_UNIT
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.replay import crc32
from brian2chip.chips.reckon.shift_registers import SEEDS
from brian2chip.chips.reckon.text_files import read_samples, read_weights, write_weights
from brian2chip.errors import UserError
from brian2chip.learning import Samples, Task

EPOCHS, N_TRAIN, N_TEST = 10, 50, 50
#: Files of a data directory in the testbench's formats, and the ticks at the end of its samples in which the decision counts.
FILES = {
    "train": "dataset_cueAcc_train.dat",
    "test": "dataset_cueAcc_test.dat",
    "winp": "init_rand_weights_inp_cueAcc.dat",
    "wrec": "init_rand_weights_rec_cueAcc.dat",
    "wout": "init_rand_weights_out_cueAcc.dat",
}
RECALL = 150
MEMORIES = ("winp", "wrec", "wout")
NEURON_STATE = ("u", "trace_inp", "trace_rec", "trace_out", "dirty")


@dataclass(frozen=True)
class Setup:
    """A task on the chip: configuration, memories at the start, training and test samples."""

    configuration: Configuration
    memory: Memory
    train: ChipSamples
    test: ChipSamples


@dataclass(frozen=True)
class TrainedChip:
    """What a training on the chip gave.

    Attributes
    ----------
    configuration : Configuration
    memory : Memory
        Weights and shift registers after the last epoch.
    history : DataFrame
        One row an epoch: ``epoch``, ``train_right``, ``test_right``, ``n_train``, ``n_test``, ``train_labels``, ``test_labels``,
        ``crc32_winp``, ``crc32_wrec``, ``crc32_wout``, ``train_s``, ``test_s`` (seconds in the compiled program).
    """

    configuration: Configuration
    memory: Memory
    history: pd.DataFrame

    def __str__(self) -> str:
        last = self.history.iloc[-1]
        c = self.configuration
        size = f"{c.n_inputs}-{c.n_hidden}-{c.n_outputs}"
        test = f"{last.test_right} of {last.n_test} test samples right"
        return f"ReckOn {size} after {last.epoch} epochs: {test}, {last.train_right} of {last.n_train} while learning"


def own_data(directory: str | Path) -> Setup:
    """Return the cue-accumulation task from the files that ship with the open-source RTL."""
    directory = Path(directory)
    missing = [name for name in FILES.values() if not (directory / name).is_file()]
    if missing:
        raise UserError(f"{str(directory)!r} lacks {', '.join(missing)}; give the directory of ReckOn's cue-accumulation data.")
    c = presets.configuration()
    shapes = {"winp": (c.n_inputs, c.n_hidden), "wrec": (c.n_hidden, c.n_hidden), "wout": (c.n_hidden, c.n_outputs)}
    weights = {name: read_weights(directory / FILES[name], shapes[name]) for name in MEMORIES}
    train, test = (read_samples(directory / FILES[split], eprop=eprop, recall=RECALL) for split, eprop in (("train", 7), ("test", 0)))
    return Setup(c, Memory.of(c, **weights), train, test)


def generated(task: Task, seed: int, data: str | Path | None) -> Setup:
    """Return a classification task at the chip's size: its own samples, random initial weights, leaks from its time constants.

    Raises
    ------
    UserError
        For a task that is no classification or larger than the chip.
    """
    if task.kind != "classification":
        raise UserError(f"task {task.name!r} is a {task.kind}; training on ReckOn takes classification tasks, e.g. evidence_accumulation.")
    n_hidden = min(task.network.n_rec + task.network.n_rec % 2, HIDDEN_UNIT.maximum + 1)
    for what, n, limit in (("inputs", task.n_in, INPUT.maximum + 1), ("outputs", task.n_out, OUTPUT_UNIT.maximum + 1)):
        if n > limit:
            raise UserError(f"task {task.name!r} has {n} {what}, ReckOn {limit}; choose a smaller task.")
    rng = np.random.default_rng(seed)
    leaks = {}
    if task.name != "evidence_accumulation":  # whose leaks the published setting has, in place of adaptive thresholds
        leaks["alpha"] = int(np.clip(np.rint(2**15 * np.exp(-task.dt / task.network.tau_m)), 0x7000, 0x7FFF))
        leaks["kappa"] = int(np.rint(128 * np.exp(-task.dt / task.network.tau_out)))
    c = presets.configuration(task.n_in, n_hidden, task.n_out, **leaks)
    weights = presets.initial_weights(task.n_in, n_hidden, task.n_out, rng)
    train, test = (
        on_chip(task.generate(n, rng, split=split, data=data), eprop) for split, n, eprop in (("train", N_TRAIN, 7), ("test", N_TEST, 0))
    )
    return Setup(c, Memory.of(c, **weights), train, test)


def on_chip(samples: Samples, eprop: int) -> ChipSamples:
    """Return labelled samples as the chip takes them: a step is a tick, decision and learning where the mask is true."""
    mask = np.tile(np.asarray(samples.mask, np.int64), samples.n_samples)
    return ChipSamples(
        n_ticks=np.full(samples.n_samples, samples.n_steps),
        sample=np.asarray(samples.sample),
        t=np.asarray(samples.t),
        i=np.asarray(samples.i),
        eprop=np.full(samples.n_samples, eprop),
        label=np.asarray(samples.label),
        target_valid=mask * int(eprop > 0),
        infer_acc=mask,
    )


def train(
    task: str,
    *,
    data: str | Path | None = None,
    seed: int = 1,
    epochs: int | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[str], None] | None = None,
) -> TrainedChip:
    """Train on the chip model, testing after every epoch.

    Parameters
    ----------
    task : str
        ``"evidence_accumulation"`` or another classification task.
    data : path, optional
        Directory of the task's data; for evidence accumulation that which ships with the open-source RTL, and generated samples without it.
    seed : int
        Of generated samples and initial weights.
    epochs : int, optional
        10 by default.
    out : path, optional
        Folder for ``checkpoint.npz``, ``history.csv`` and the weights in the testbench's text format.
    resume : bool
        Continue from the folder's checkpoint.
    progress : callable, optional
        Called with a line of text after every epoch.

    Raises
    ------
    UserError
        For an unknown or unfit task, wrong data, or a checkpoint of another training.
    """
    epochs = EPOCHS if epochs is None else epochs
    if epochs < 1:
        raise UserError(f"{epochs} epochs were asked for; give at least one.")
    if resume and out is None:
        raise UserError("resume needs the folder of the checkpoint; give out.")
    known = registry.get("protocol", task)
    if not isinstance(known, Task):
        raise UserError(f"{task!r} is an experiment, not a learning task; train evidence_accumulation, for example.")
    setup = own_data(data) if task == "evidence_accumulation" and data is not None else generated(known, seed, data)
    setup.configuration.require_sound()
    stamp = {"task": task, "chip": "reckon", "seed": seed, "samples": crc32_of(setup)}
    memory, rows = setup.memory, []
    if resume:
        memory, rows = _resumed(Path(out) / "checkpoint.npz", stamp, setup)
    with Emulator() as chip:
        for epoch in range(len(rows) + 1, epochs + 1):
            memory, row = run_epoch(chip, replace(setup, memory=memory), epoch)
            rows.append(row)
            if out is not None:
                _save(Path(out), stamp, setup.configuration, memory, rows)
            if progress is not None:
                progress(line(row))
    return TrainedChip(setup.configuration, memory, pd.DataFrame(rows))


def run_epoch(chip: Emulator, setup: Setup, epoch: int) -> tuple[Memory, dict]:
    """Return the memories after all training and test samples, and the history's row; testing moves the shift registers of the rounding."""
    learned = chip.run(setup.configuration, setup.memory, setup.train)
    train_s = chip.program_seconds
    tested = chip.run(setup.configuration, learned.memory, setup.test)
    row = {"epoch": epoch, **_score("train", learned, setup.train), **_score("test", tested, setup.test)}
    row.update({f"crc32_{name}": crc32(block) for name, block in in_use(setup.configuration, tested.memory).items()})
    return tested.memory, {**row, "train_s": train_s, "test_s": chip.program_seconds}


def _score(split: str, result: Result, samples: ChipSamples) -> dict:
    right = int(np.sum(result.label == np.asarray(samples.label)))
    return {f"{split}_right": right, f"n_{split}": len(samples.label), f"{split}_labels": "".join(f"{label:x}" for label in result.label)}


def in_use(configuration: Configuration, memory: Memory) -> dict[str, np.ndarray]:
    """Return the weights [pre, post] of the units in use."""
    inputs, hidden, outputs = configuration.n_inputs, configuration.n_hidden, configuration.n_outputs
    return {"winp": memory.winp[:inputs, :hidden], "wrec": memory.wrec[:hidden, :hidden], "wout": memory.wout[:hidden, :outputs]}


def crc32_of(setup: Setup) -> int:
    """Return a number that tells one set of samples from another."""
    parts = [getattr(samples, name) for samples in (setup.train, setup.test) for name in ("sample", "t", "i", "label")]
    return crc32(np.concatenate([np.asarray(part, "<i8") for part in parts]).view(np.int8))


def line(row: dict) -> str:
    """Return an epoch as text: counts, inferred labels of each sample, CRC32 of the weights."""
    crc = " ".join(f"{name} {row[f'crc32_{name}']:08x}" for name in MEMORIES)
    counts = [f"{split} {row[f'{split}_right']} of {row[f'n_{split}']} right" for split in ("train", "test")]
    labels = [f"\n    {split} labels {row[f'{split}_labels']}" for split in ("train", "test")]
    return f"epoch {row['epoch']}: {', '.join(counts)}; CRC32 {crc}{''.join(labels)}"


def _save(out: Path, stamp: dict, configuration: Configuration, memory: Memory, rows: list[dict]) -> None:
    state = {name: getattr(memory, name) for name in (*MEMORIES, *NEURON_STATE)}
    state["lfsr"] = np.array([memory.lfsr[name] for name in SEEDS])
    checkpoint.save(out / "checkpoint.npz", stamp, {**state, "updates": len(rows)}, rows)
    pd.DataFrame(rows).to_csv(out / "history.csv", index=False)
    for name, block in in_use(configuration, memory).items():
        write_weights(out / f"{name}.dat", block)


def _resumed(path: Path, stamp: dict, setup: Setup) -> tuple[Memory, list[dict]]:
    state, rows = checkpoint.load(path, stamp)
    arrays = {name: state[name] for name in (*MEMORIES, *NEURON_STATE)}
    return replace(setup.memory, **arrays, lfsr=dict(zip(SEEDS, (int(v) for v in state["lfsr"])))), rows
