"""Float e-prop beside the chip: its network, initial weights and samples in real numbers, so that a reader sees what the chip costs."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path

import numpy as np

from brian2chip.chips.reckon.chip_samples import ChipSamples
from brian2chip.chips.reckon.configuration import Configuration
from brian2chip.chips.reckon.memory import Memory
from brian2chip.chips.reckon.task_setup import Setup, score
from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.progress import Progress, callback
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning import checkpoint
from brian2chip.learning.program import Program, known_by, state_shapes
from brian2chip.learning.setup import constants_of, shape_of, state_of

logger = logging.getLogger(__name__)

LEARNER = "float e-prop"
V_TH = 0.6
#: Codes of the output membrane in one unit of a logistic function, which has the slope of the chip's hard sigmoid at zero.
LOGIT = 1024


def real_network(c: Configuration, dt: float) -> NetworkConfig:
    """Return the network of a configuration, whose units all share one threshold and leak, as LIF neurons with a threshold of 0.6."""
    tau_m, tau_out = (-dt / np.log(factor) for factor in (c.alpha[0] / 2**15, c["KAPPA"] / 2**7))
    return NetworkConfig(n_lif=c.n_hidden, tau_m=tau_m, tau_out=tau_out, v_th=V_TH, gamma=0.5, width=V_TH)


def real_weights(c: Configuration, memory: Memory) -> dict[str, np.ndarray]:
    """Return the weights that drive the real network as those of the chip drive it; the broadcast weights are the readout's."""
    codes = memory.in_use(c)
    membrane = V_TH / int(c.thr[0])
    w_out = codes["wout"] * 2.0 ** c["FP_LOC_WOUT"] / LOGIT / (1 - c["KAPPA"] / 2**7)
    w_in, w_rec = (codes[name.lower()] * 2.0 ** c[f"FP_LOC_{name}"] * membrane for name in ("WINP", "WREC"))
    np.fill_diagonal(w_rec, 0)
    return {"w_in": w_in, "w_rec": w_rec, "w_out": w_out, "B": w_out.copy()}


def real_samples(samples: ChipSamples, n_in: int) -> Samples:
    """Return the chip's samples, which must have equally many ticks and the same ticks of decision, with a tick as a step."""
    n, steps = len(samples.n_ticks), int(samples.n_ticks[0])
    mask = np.asarray(samples.infer_acc[:steps], bool)
    if np.any(samples.n_ticks != steps) or not np.array_equal(samples.infer_acc, np.tile(mask, n)):
        raise UserError("float e-prop beside the chip needs samples of one length and one window of decision; train on the chip alone.")
    order = np.lexsort((samples.i, samples.t, samples.sample))
    events = (np.asarray(x)[order] for x in (samples.sample, samples.t, samples.i))
    return Samples(*events, n, steps, n_in, mask, label=np.asarray(samples.label))


def train(
    task: Task,
    setup: Setup,
    epochs: int,
    *,
    stamp: dict,
    out: str | Path | None = None,
    resume: bool = False,
    progress: Progress = None,
) -> list[dict]:
    """Return the history's rows of float e-prop on the samples of a training on the chip, in the same order.

    Parameters
    ----------
    task : Task
        For its step.
    setup : Setup
    epochs : int
    stamp : dict
        Which training it is.
    out, resume
        As for the chip; the checkpoint is ``float_checkpoint.npz``.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.
    """
    c, n_in = setup.configuration, setup.configuration.n_inputs
    test = real_samples(setup.test, n_in)
    first = setup.train(1)
    settings = replace(setup.preset.beside, batch=math.gcd(setup.preset.beside.batch, len(first.n_ticks)))  # no sample is left over
    real = replace(
        task, n_in=n_in, n_out=c.n_outputs, n_steps=test.n_steps, mask=test.mask, network=real_network(c, task.dt), training=settings
    )
    path = None if out is None else Path(out) / "float_checkpoint.npz"
    state, rows = state_of(real_weights(c, setup.memory)), []
    if resume and path is not None and path.exists():
        state, rows = checkpoint.load(path, stamp, state_shapes(shape_of(real, real.network, settings)))
    trials = max(len(first.n_ticks), len(test))
    shape = shape_of(real, real.network, settings, samples=trials)
    with callback(progress, LEARNER) as report, session("cpp_standalone", dt=task.dt, known_by=known_by(shape)) as s:
        program = Program(s, shape)
        for epoch in range(len(rows) + 1, epochs + 1):
            state, row = _epoch(program, real, state, real_samples(setup.train(epoch), n_in), test, epoch)
            rows.append(row)
            if path is not None:
                checkpoint.save(path, stamp, state, rows)
            logger.info("%s, epoch %d: train %d, test %d right", LEARNER, epoch, row["train_right"], row["test_right"])
            report(epoch / epochs)
    return rows


def _epoch(program: Program, task: Task, state: dict, train: Samples, test: Samples, epoch: int) -> tuple[dict, dict]:
    settings = task.training.at((epoch - 1) * (len(train) // task.training.batch))
    row = {"learner": LEARNER, "epoch": epoch}
    for split, samples, learn in (("train", train, True), ("test", test, False)):
        constants = constants_of(task, task.network, settings, program.shape, learn=learn)
        outcome = program.run(samples, state, constants, samples_per_update=settings.batch)
        state = outcome.state if learn else state
        row |= {**score(split, outcome.score.argmax(axis=1), samples.label), f"{split}_s": program.session.timings["run"]}
    return state, row
