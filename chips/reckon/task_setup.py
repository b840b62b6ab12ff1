"""A learning task on ReckOn: configuration, memories at the start, samples of every epoch; from the chip's own files or a task of ours."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from brian2chip.chips.reckon import presets
from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.fields import HIDDEN_UNIT, INPUT, OUTPUT_UNIT
from brian2chip.chips.reckon.memory import WEIGHTS, Memory
from brian2chip.chips.reckon.testbench_files import read_samples, read_weights
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.learning.tasks import changed, samples_of, sized

logger = logging.getLogger(__name__)

#: Files of a data directory in the testbench's formats, and the ticks at the end of its samples in which the decision counts.
FILES = {
    "train": "dataset_cueAcc_train.dat",
    "test": "dataset_cueAcc_test.dat",
    "winp": "init_rand_weights_inp_cueAcc.dat",
    "wrec": "init_rand_weights_rec_cueAcc.dat",
    "wout": "init_rand_weights_out_cueAcc.dat",
}
RECALL = 150


@dataclass(frozen=True)
class Setup:
    """A task on the chip.

    Attributes
    ----------
    preset : Preset
    configuration : Configuration
    memory : Memory
        At the start.
    train : callable
        ``train(epoch)`` returns the training samples of an epoch, counted from 1.
    test : ChipSamples
    """

    preset: presets.Preset
    configuration: Configuration
    memory: Memory
    train: Callable[[int], ChipSamples]
    test: ChipSamples


#: Settings of a network from which the chip's leaks follow.
LEAKS = ("tau_m", "tau_out")


def with_settings(task: Task, hidden: int | None, network: Mapping[str, float], data: str | Path | None) -> Task:
    """Return a task with other sizes and time constants of its network.

    Raises
    ------
    UserError
        For what the chip's setting of the task does not take.
    """
    if strange := [name for name in network if name not in LEAKS]:
        raise UserError(
            f"{strange[0]!r} is no setting of learning on ReckOn, whose rule and registers are fixed; allowed are tau_m and tau_out."
        )
    if network and task.name in presets.PRESETS:
        raise UserError(f"task {task.name!r} has leaks of its own on ReckOn; leave {next(iter(network))} out.")
    if hidden is None:
        return changed(task, network, {})
    if task.name == presets.CUES_TASK and data is not None:
        raise UserError("the files that ship with ReckOn's RTL hold weights of 100 hidden units; leave hidden out.")
    size = sized(task, hidden)
    if hidden % 2 or hidden > HIDDEN_UNIT.maximum + 1:
        raise UserError(f"hidden was given as {hidden}; ReckOn holds an even number of hidden units, up to {HIDDEN_UNIT.maximum + 1}.")
    return changed(task, {**size, **network}, {})


def setup_of(task: Task, seed: int, data: str | Path | None) -> Setup:
    """Return a task on the chip: from the files that ship with the RTL where their directory is given, else from the task's own samples."""
    return own_data(data) if task.name == presets.CUES_TASK and data is not None else generated(task, seed, data)


def own_data(directory: str | Path) -> Setup:
    """Return the cue-accumulation task from the files that ship with the open-source RTL."""
    directory = Path(directory)
    missing = [name for name in FILES.values() if not os.path.isfile(directory / name)]
    if missing:
        raise UserError(f"{str(directory)!r} lacks {', '.join(missing)}; give the directory of ReckOn's cue-accumulation data.")
    c = presets.configuration()
    weights = {name: read_weights(directory / FILES[name], c.weight_shapes[name]) for name in WEIGHTS}
    train, test = (read_samples(directory / FILES[split], eprop=eprop, recall=RECALL) for split, eprop in (("train", 7), ("test", 0)))
    return Setup(presets.CUES, c, Memory.of(c, **weights), lambda epoch: train, test)


def generated(task: Task, seed: int, data: str | Path | None) -> Setup:
    """Return a classification task at the chip's size: its own samples, fresh ones for every epoch, and random initial weights.

    Raises
    ------
    UserError
        For a task that is no classification or larger than the chip.
    """
    if task.kind != "classification":
        raise UserError(f"task {task.name!r} is a {task.kind}; training on ReckOn takes classification tasks, e.g. evidence_accumulation.")
    n_hidden = min(task.network.n_rec + task.network.n_rec % 2, HIDDEN_UNIT.maximum + 1)
    if n_hidden != task.network.n_rec:
        logger.warning("task %r has %d recurrent neurons; ReckOn learns it with %d hidden units.", task.name, task.network.n_rec, n_hidden)
    for what, n, limit in (("inputs", task.n_in, INPUT.maximum + 1), ("outputs", task.n_out, OUTPUT_UNIT.maximum + 1)):
        if n > limit:
            raise UserError(f"task {task.name!r} has {n} {what}, ReckOn {limit}; choose a smaller task.")
    preset = presets.of(task)
    size = (task.n_in, n_hidden, task.n_out)
    c = presets.configuration(*size, preset)
    weights = presets.initial_weights(*size, np.random.default_rng(seed), preset)
    test = samples_of(task, preset.n_test, np.random.default_rng([seed, 2]), split="test", data=data)

    def train(epoch: int) -> ChipSamples:
        drawn = samples_of(task, preset.n_train, np.random.default_rng([seed, 1, epoch]), split="train", data=data)
        return on_chip(drawn, eprop=7, learn_every=preset.learn_every)

    return Setup(preset, c, Memory.of(c, **weights), train, on_chip(test, eprop=0))


def on_chip(samples: Samples, eprop: int, learn_every: int = 1) -> ChipSamples:
    """Return labelled samples as the chip takes them: a step is a tick; decision and, every so many ticks, learning in the mask."""
    mask, ticks = np.asarray(samples.mask, np.int64), np.arange(samples.n_steps)
    learning = mask * (ticks % learn_every == 0) * int(eprop > 0)
    return ChipSamples(
        n_ticks=np.full(samples.n_samples, samples.n_steps),
        sample=np.asarray(samples.sample),
        t=np.asarray(samples.t),
        i=np.asarray(samples.i),
        eprop=np.full(samples.n_samples, eprop),
        label=np.asarray(samples.label),
        target_valid=np.tile(learning, samples.n_samples),
        infer_acc=np.tile(mask, samples.n_samples),
    )


def score(split: str, answers: np.ndarray, labels: np.ndarray) -> dict[str, int | str]:
    """Return the history's columns of one split: how many answers are right, of how many, and the answers as hexadecimal digits."""
    right = int(np.sum(answers == np.asarray(labels)))
    return {f"{split}_right": right, f"n_{split}": len(labels), f"{split}_labels": "".join(f"{label:x}" for label in answers)}
