"""Spoken digits by what stands out and what changes: 64 channels of the cochlea, each against its neighbours and against its own past.

A channel's drive is an amplitude, which in loud vowels is large everywhere: in ``spoken_digits`` every third input fires in every step,
and nearly all of what a step of learning changes is what all words share. Differences do not have that common part.
"""

from __future__ import annotations

import os

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.signal import lfilter

from brian2chip.core.neuron_kinds import step_factor
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.tasks import spoken_digits
from brian2chip.tasks.cochlea import hair_cells, spikes
from brian2chip.tasks.spoken_digits import DT, MASK, N_OUT, N_STEPS, TRAINING

N_CHANNELS = 64
N_IN = 4 * N_CHANNELS
#: Neighbours of a channel, itself among them, seconds of its past, and the drives' gains for both kinds of difference.
NEIGHBOURS, PAST, GAIN_NEIGHBOURS, GAIN_PAST = 17, 40e-3, 20.0, 6.0


def differences(drive: np.ndarray) -> list[tuple[np.ndarray, float]]:
    """Return above and below the neighbours, above and below the past, each [steps, channels] with its gain."""
    apart = drive - uniform_filter1d(drive, NEIGHBOURS, axis=1, mode="nearest")
    kept = step_factor(PAST, DT)
    past = lfilter([0, 1 - kept], [1, -kept], drive, axis=0)  # of the steps before
    changes = [np.maximum(sign * (drive - past), 0) for sign in (1, -1)]
    heard = drive > 0
    stand_out = [(np.maximum(sign * apart, 0) * heard, GAIN_NEIGHBOURS) for sign in (1, -1)]
    return stand_out + [(change / max(change.max(), 1e-9), GAIN_PAST) for change in changes]


def encode(sound: np.ndarray, rate: float) -> np.ndarray:
    """Return the spikes bool [N_STEPS, N_IN] of a sound; what is longer than 0.64 s is cut."""
    drive = hair_cells(sound, rate, N_CHANNELS, DT)[:N_STEPS]
    drive = np.pad(drive, ((0, N_STEPS - len(drive)), (0, 0)))
    return np.concatenate([spikes(one, DT, gain=gain) for one, gain in differences(drive)], axis=1)


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data: str | os.PathLike | None = None) -> Samples:
    """Return n training recordings drawn at random, or all test recordings; without a directory, n keypad tones."""
    return spoken_digits.drawn(n, rng, split, data, encode)


SPOKEN_DIGITS_CHANGES = Task(
    name="spoken_digits_changes",
    source="Free Spoken Digit Dataset (Jackson et al., CC BY-SA 4.0); network of the size of ReckOn (Frenkel & Indiveri 2022, ISSCC)",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=spoken_digits.SPOKEN_DIGITS_LIF.network,
    training=TRAINING,
)
