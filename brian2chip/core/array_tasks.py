"""A learning task from arrays of spikes with labels or targets: part of the samples is held out, training draws from the rest."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import is_whole, real_numbers, truth_values
from brian2chip.core.samples import Samples
from brian2chip.errors import UserError


def samples_from(spikes: Any, labels: Any, targets: Any, mask: Any, dt: float, n_steps: int | None, n_in: int | None) -> Samples:
    """Return samples from what a user has: a table [samples, steps, channels], or times in seconds for each sample and channel.

    Raises
    ------
    UserError
        For shapes that disagree, values other than 0 and 1 in a table, and times off the grid or outside the sample.
    """
    if isinstance(spikes, Samples):
        return spikes
    if _is_table(spikes):
        table = np.asarray(spikes)
        whole = table.dtype.kind == "f" and np.isin(table, (0, 1)).all()  # as PyTorch has spikes
        table = truth_values(table.astype(bool) if whole else table, "spikes", "the samples", shape=(None, None, None))
        n, steps, channels = table.shape
        for name, given, has in (("n_steps", n_steps, steps), ("n_in", n_in, channels)):
            if given is not None and given != has:
                raise UserError(f"{name} was given as {given}, and the table of spikes has {has}; leave {name} out.")
        events = np.nonzero(table)
    else:
        n, steps, channels, events = _from_times(spikes, dt, n_steps, n_in)
    every = np.ones(steps, bool) if mask is None else mask
    return Samples(*events, n, steps, channels, mask=every, label=labels, target=targets)


def _is_table(spikes: Any) -> bool:
    try:
        return np.ndim(spikes) == 3 and np.asarray(spikes).dtype != object and not isinstance(spikes, list | tuple)
    except ValueError:  # lists of unequal lengths
        return False


def _from_times(spikes: Sequence, dt: float, n_steps: int | None, n_in: int | None) -> tuple[int, int, int, tuple]:
    """Return sizes and events of lists of times, one list for each channel of each sample."""
    sample, step, channel = [], [], []
    most = 0
    for k, one in enumerate(spikes):
        if isinstance(one, str) or not isinstance(one, Sized):
            raise UserError(f"sample {k} of the spikes is {one!r:.60}; give a list for each channel with the times of its spikes.")
        most = max(most, len(one))
        for c, times in enumerate(one):
            given = real_numbers(np.asarray(times, float).ravel(), "times", f"channel {c} of sample {k}", low=0.0)
            steps = np.rint(given / dt)
            if (off := np.abs(given / dt - steps) > 1e-6).any():
                raise UserError(
                    f"channel {c} of sample {k} has a spike at {given[np.argmax(off)]:.9g} s, off the grid of dt = {dt:g} s; "
                    "round the times, or give a shorter dt."
                )
            if len(np.unique(steps)) < len(steps):
                raise UserError(f"channel {c} of sample {k} has two spikes in one step of {dt:g} s; give a shorter dt, or one of them.")
            sample.append(np.full(len(steps), k))
            step.append(steps.astype(np.int64))
            channel.append(np.full(len(steps), c))
    events = tuple(np.concatenate(each) if each else np.zeros(0, np.int64) for each in (sample, step, channel))
    last = int(events[1].max(initial=0)) + 1
    return len(spikes), last if n_steps is None else n_steps, most if n_in is None else n_in, events


def split(samples: Samples, held_out: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the samples to train on and of those held out, drawn without replacement, from every class alike.

    Raises
    ------
    UserError
        For a share that leaves either side empty.
    """
    if isinstance(held_out, bool) or not isinstance(held_out, int | float) or not 0 < held_out < 1:
        raise UserError(f"held_out, the share of samples for the test, was given as {held_out!r:.40}; it must lie between 0 and 1.")
    rng = np.random.default_rng(seed)
    classes = np.zeros(len(samples), int) if samples.label is None else samples.label
    test: list[int] = []
    for label in np.unique(classes):
        members = rng.permutation(np.flatnonzero(classes == label))
        test += members[: round(held_out * len(members))].tolist()
    rest = np.setdiff1d(np.arange(len(samples)), test)
    if not test or not len(rest):
        raise UserError(
            f"of {len(samples)} samples a share of {held_out:g} leaves none to {'test' if not test else 'train'} on; give more."
        )
    return rest, np.sort(test)


def draw(
    samples: Samples, rest: np.ndarray, test: np.ndarray, n: int, rng: np.random.Generator, *, split: str = "train", data=None
) -> Samples:
    """Return n samples of a side, drawn with replacement; a task has it as its ``generate``."""
    pool = test if split == "test" else rest
    # Where as many are asked for as are held out, every one of them is in the test, in turn.
    return samples.take(np.resize(pool, n) if split == "test" and n >= len(pool) else rng.choice(pool, n))


def check_labels(samples: Samples) -> int:
    """Return the number of classes or of targets.

    Raises
    ------
    UserError
        For labels that skip a class.
    """
    if samples.label is None:
        return samples.target.shape[2]
    present = np.unique(samples.label)
    if len(present) < 2 or present[-1] != len(present) - 1:
        missing = sorted(set(range(int(present[-1]) + 1)) - set(present.tolist()))
        said = f"class {missing[0]} has no sample" if missing else "there is one class only"
        raise UserError(f"labels go from {present[0]} to {present[-1]} and {said}; number at least two classes from 0 without gaps.")
    return len(present)


def check_size(value: int | None, name: str) -> int | None:
    """Return a number of steps or channels, or None."""
    if value is not None and (not is_whole(value) or value < 1):
        raise UserError(f"{name} was given as {value!r:.40}; give a whole number of at least 1.")
    return value
