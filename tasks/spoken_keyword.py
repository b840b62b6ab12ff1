"""One spoken digit against the nine others, heard as in ``spoken_digits_changes``; both classes are equally frequent while learning."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial

import numpy as np

from brian2chip.core.checked_arrays import is_whole
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.errors import UserError
from brian2chip.tasks.spoken_digits import DT, MASK, N_OUT, N_STEPS, TRAINING, recordings, synthetic
from brian2chip.tasks.spoken_digits_changes import N_IN, SPOKEN_DIGITS_CHANGES, encode


def generate(keyword: int, n: int, rng: np.random.Generator, *, split: str = "train", data: str | os.PathLike | None = None) -> Samples:
    """Return n training recordings, half of them of the keyword (class 1), or all test recordings; without a directory, n keypad tones."""
    label = rng.integers(0, 2, n)
    if data is None:
        others = (keyword + rng.integers(1, N_OUT, n)) % N_OUT
        return Samples.from_dense(synthetic(np.where(label == 1, keyword, others), rng, encode), MASK, label=label)
    x, digits = recordings(os.fspath(data), split, encode)
    said = (digits == keyword).astype(np.int64)
    if split == "test":
        return Samples.from_dense(x, MASK, label=said)
    if said.all() or not said.any():
        raise UserError(f"{os.fspath(data)!r} needs training recordings of the keyword {keyword} and of other digits; give both.")
    which = np.array([rng.choice(np.flatnonzero(said == k)) for k in label])
    return Samples.from_dense(x[which], MASK, label=label)


SPOKEN_KEYWORD = Task(
    name="spoken_keyword",
    source="Free Spoken Digit Dataset (Jackson et al., CC BY-SA 4.0)",
    kind="classification",
    n_in=N_IN,
    n_out=2,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=partial(generate, 7),
    network=replace(SPOKEN_DIGITS_CHANGES.network, n_lif=128),
    training=TRAINING,
)
"""The spoken digit seven against the nine others; ``spoken_keyword.keyword`` gives the task for another digit."""


def keyword(digit: int) -> Task:
    """Return the task for a digit.

    Raises
    ------
    UserError
        For anything but a whole number from 0 to 9.
    """
    if not (is_whole(digit) and 0 <= digit < N_OUT):
        raise UserError(f"the keyword was given as {digit!r:.40}; give a digit, a whole number from 0 to {N_OUT - 1}.")
    return replace(SPOKEN_KEYWORD, generate=partial(generate, digit))
