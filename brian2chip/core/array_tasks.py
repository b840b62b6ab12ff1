"""A learning task from arrays of spikes with labels or targets: part of the samples is held out, training draws from the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from functools import partial
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import is_whole, real_numbers, truth_values
from brian2chip.core.samples import Samples
from brian2chip.core.seed import checked_seed
from brian2chip.errors import UserError

#: Spikes of all samples together.
MOST = 1 << 27


def samples_from(spikes: Any, labels: Any, targets: Any, mask: Any, dt: float, n_steps: int | None, n_in: int | None) -> Samples:
    """Return samples from what a user has: a table [samples, steps, channels], or times in seconds for each sample and channel.

    Raises
    ------
    UserError
        For shapes that disagree, values other than 0 and 1 in a table, and times off the grid or outside the sample.
    """
    if isinstance(spikes, Samples):
        for name, given in (("labels", labels), ("targets", targets), ("mask", mask), ("n_steps", n_steps), ("n_in", n_in)):
            if given is not None:
                raise UserError(f"{name} was given beside Samples, which hold labels or targets, mask and sizes already; leave {name} out.")
        return spikes
    if _is_events(spikes):
        n, steps, channels, events = _from_events(spikes, labels if targets is None else targets, n_steps, n_in)
    elif _is_table(spikes):
        table = np.asarray(spikes)
        whole = table.dtype.kind == "f" and np.isin(table, (0, 1)).all()  # as PyTorch has spikes
        table = truth_values(table.astype(bool) if whole else table, "spikes", "the samples", shape=(None, None, None))
        if (spikes_in := np.count_nonzero(table)) > MOST:
            raise UserError(f"the table of spikes holds {spikes_in} spikes; at most {MOST} fit at once, give fewer samples.")
        n, steps, channels = table.shape
        for name, given, has in (("n_steps", n_steps, steps), ("n_in", n_in, channels)):
            if given is not None and given != has:
                raise UserError(f"{name} was given as {given}, and the table of spikes has {has}; leave {name} out.")
        events = np.nonzero(table)
    else:
        n, steps, channels, events = _from_times(spikes, dt, n_steps, n_in)
    every = np.ones(steps, bool) if mask is None else mask
    return Samples(*events, n, steps, channels, mask=every, label=labels, target=targets)


def _is_events(spikes: Any) -> bool:
    """Return whether these are the three arrays sample, step and channel, as ``numpy.nonzero`` gives them of a table."""
    whole = lambda part: isinstance(part, np.ndarray) and part.ndim == 1 and (part.dtype.kind in "iu" or not part.size)  # noqa: E731
    return isinstance(spikes, tuple) and len(spikes) == 3 and all(map(whole, spikes))


def _from_events(spikes: tuple, expected: Any, n_steps: int | None, n_in: int | None) -> tuple[int, int, int, tuple]:
    """Return sizes and events of the three arrays; there are as many samples as labels or targets."""
    last = [int(part.max(initial=0)) + 1 for part in spikes]
    given = (len(expected) if isinstance(expected, Sized) else None, n_steps, n_in)
    return *(size if fixed is None else int(fixed) for size, fixed in zip(last, given)), spikes


def _is_list(value: Any) -> bool:
    """Return whether a value has entries; an array or quantity without dimensions has none."""
    return isinstance(value, Sized) and not isinstance(value, str) and getattr(value, "ndim", 1) > 0


def _is_table(spikes: Any) -> bool:
    try:
        return np.ndim(spikes) == 3 and np.asarray(spikes).dtype != object and not isinstance(spikes, list | tuple)
    except ValueError:  # lists of unequal lengths
        return False


def _from_times(spikes: Sequence, dt: float, n_steps: int | None, n_in: int | None) -> tuple[int, int, int, tuple]:
    """Return sizes and events of lists of times, one list for each channel of each sample."""
    sample, step, channel = [], [], []
    most = 0
    if not _is_list(spikes):
        raise UserError(f"the spikes were given as {spikes!r:.60}; give a table [samples, steps, channels], or times in lists.")
    for k, one in enumerate(spikes):
        if not _is_list(one) or not all(map(_is_list, one)):
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


def samples_to_test(given: Any, train: Samples, dt: float) -> Samples:
    """Return samples that are given apart from those of the training: Samples, spikes with labels or targets, or a mapping of them.

    Raises
    ------
    UserError
        For what is none of these, and for another length, other channels, or labels where there were targets.
    """
    if isinstance(given, tuple | list) and len(given) == 2:
        given = {"spikes": given[0], "labels" if train.target is None else "targets": given[1]}
    if isinstance(given, Mapping):
        given, parts = given["spikes"], given
        if not isinstance(given, Samples):
            sizes = (None, None) if _is_table(given) else (train.n_steps, train.n_in)
            given = samples_from(given, parts.get("labels"), parts.get("targets"), parts.get("mask", train.mask), dt, *sizes)
    if not isinstance(given, Samples):
        raise UserError(f"test was given as {type(given).__name__}; give Samples, or (spikes, labels) as for the training.")
    for name in ("n_steps", "n_in"):
        if getattr(given, name) != getattr(train, name):
            raise UserError(f"{name} is {getattr(train, name)} in the training and {getattr(given, name)} in the test; give the same.")
    if (given.target is None) != (train.target is None):
        raise UserError("the samples to train and to test on need both labels, or both targets.")
    if (given.mask != train.mask).any():
        raise UserError("the samples to train and to test on have different masks; give the same.")
    return given


def drawn_from(samples: Samples, test: Samples | None, held_out: float, seed: int) -> dict[str, Any]:
    """Return the fields of a task that draws from samples; those to test on are given, or held out.

    Raises
    ------
    UserError
        For labels that skip a class, and a share that leaves a side empty.
    """
    n_out = check_labels(samples, test)
    if test is None:
        rest, test_on = split(samples, held_out, checked_seed(seed))
    else:
        rest, test_on = np.split(np.arange(len(samples) + len(test)), [len(samples)])
        samples = Samples.join([samples, test])
    return {
        "kind": "regression" if samples.label is None else "classification",
        "n_in": samples.n_in,
        "n_out": n_out,
        "n_steps": samples.n_steps,
        "mask": samples.mask,
        "generate": partial(draw, samples, rest, test_on),
    }


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
    """Return n samples of a side, drawn with replacement, and of the test no more than it has; a task has it as its ``generate``."""
    if split == "test":
        return samples.take(test if n >= len(test) else rng.choice(test, n, replace=False))
    return samples.take(rng.choice(rest, n))


def check_labels(samples: Samples, test: Samples | None = None) -> int:
    """Return the number of classes or of targets.

    Raises
    ------
    UserError
        For labels that skip a class, and for a test that has others, or other targets.
    """
    if samples.label is None:
        n = samples.target.shape[2]
        if test is not None and test.target.shape[2] != n:
            raise UserError(f"there are {n} targets in the training and {test.target.shape[2]} in the test; give the same.")
        return n
    present = np.unique(samples.label)
    if not len(present):
        raise UserError("there are no samples; give at least two of each class.")
    if len(present) < 2 or present[-1] != len(present) - 1:
        gaps = np.flatnonzero(present != np.arange(len(present)))
        said = f"class {gaps[0]} has no sample" if len(gaps) else "there is one class only"
        raise UserError(f"labels go from {present[0]} to {present[-1]} and {said}; number at least two classes from 0 without gaps.")
    if test is not None and (largest := int(test.label.max(initial=0))) >= len(present):
        raise UserError(f"the test has class {largest}, the training {len(present)} classes from 0; test on classes that are trained.")
    return len(present)


def check_size(value: int | None, name: str) -> int | None:
    """Return a number of steps or channels, or None."""
    if value is not None and (not is_whole(value) or value < 1):
        raise UserError(f"{name} was given as {value!r:.40}; give a whole number of at least 1.")
    return value
