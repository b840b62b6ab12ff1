"""Yin-Yang as spike times: four coordinates and a bias, one spike each in 60 us, as BrainScaleS-2's demonstration learns it."""

from __future__ import annotations

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.tasks.yin_yang import SETS, points

#: Step, sample, time of the value 0, time from it to that of the value 1, and time of the bias; seconds.
DT, DURATION, EARLIEST, RANGE, BIAS = 2e-6, 60e-6, 2e-6, 38e-6, 18e-6
N_STEPS = round(DURATION / DT)
#: Every step counts: the readout's largest value is the answer.
MASK = np.ones(N_STEPS, bool)


def latencies(values: np.ndarray) -> np.ndarray:
    """Return the steps [n, values + 1] at which the inputs spike for values between 0 and 1 [n, values]; the last is the bias."""
    times = np.column_stack([EARLIEST + RANGE * np.asarray(values, float), np.full(len(values), BIAS)])
    return np.rint(times / DT).astype(np.int64)


def published(split: str) -> Samples:
    """Return a whole published set, ``"train"``, ``"validation"`` or ``"test"``, in its order."""
    xy, label = points(*SETS[split])
    t = latencies(np.hstack([xy, 1 - xy]))
    n, n_in = t.shape
    return Samples(np.repeat(np.arange(n), n_in), t.ravel(), np.tile(np.arange(n_in), n), n, N_STEPS, n_in, MASK, label=label)


def generate(n, rng, *, split="train", data=None) -> Samples:
    """Return n samples of a published set, in random order; more than it has are drawn again and again."""
    whole = published(split)
    which = np.concatenate([rng.permutation(len(whole)) for _ in range(-(-n // len(whole)))])
    return whole.take(which[:n])


YIN_YANG_SPIKES = Task(
    name="yin_yang_spikes",
    source="Kriener, Göltz, Petrovici 2022, NICE; spike times, step and time constants of hxtorch's demonstration on BrainScaleS-2",
    kind="classification",
    n_in=5,
    n_out=3,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=120, tau_m=6e-6, tau_out=6e-6, v_th=1.0, gamma=0.3, width=1.0),
    training=TrainingConfig(rule="eprop", broadcast="symmetric", rate=2e-3, batch=75, iterations=1000),
)
"""Yin-Yang as spike times: four coordinates and a bias, one spike each in 60 us, as BrainScaleS-2's demonstration learns it."""
