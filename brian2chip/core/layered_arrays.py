"""Static samples and a layered task's fields from a user's arrays; part of the samples is held out, or those to test on are given."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from brian2chip.core.array_tasks import check_labels, split
from brian2chip.core.checked_arrays import as_numbers
from brian2chip.core.seed import checked_seed
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError

Sets = dict[str, StaticSamples]


def fields_from(x: Any, labels: Any, targets: Any, test: Any, held_out: float, seed: int) -> dict[str, Any]:
    """Return the fields of a task that has these samples.

    Raises
    ------
    UserError
        For shapes that disagree, labels that skip a class, a test of other inputs or outputs, and a share that leaves a side empty.
    """
    samples = samples_from(x, labels, targets)
    apart = None if test is None else _to_test(test, samples)
    if samples.label is not None:
        n_out = check_labels(samples, apart)
    else:
        n_out = samples.target.shape[1]
        if apart is not None and apart.target.shape[1] != n_out:
            raise UserError(f"there are {n_out} targets in the training and {apart.target.shape[1]} in the test; give the same.")
    if apart is None:
        rest, held = split(samples, held_out, checked_seed(seed))
        sets = {"train": samples.take(rest), "test": samples.take(held)}
    else:
        sets = {"train": samples, "test": apart}
    kind = "regression" if samples.label is None else "classification"
    return {"kind": kind, "n_in": samples.x.shape[1], "n_out": n_out, "load": partial(given, sets)}


def samples_from(x: Any, labels: Any, targets: Any) -> StaticSamples:
    """Return samples from arrays; images and other arrays of several axes become vectors, and one target a sample is one output."""
    if isinstance(x, StaticSamples):
        for name, also in (("labels", labels), ("targets", targets)):
            if also is not None:
                raise UserError(f"{name} were given beside StaticSamples, which hold labels or targets already; leave them out.")
        return x
    if (labels is None) == (targets is None):
        said = "neither labels nor targets" if labels is None else "both labels and targets"
        raise UserError(f"{said} were given; give labels for classes, or targets for numbers.")
    vectors = as_numbers(x, "the inputs x")
    if vectors.ndim > 2:
        vectors = vectors.reshape(len(vectors), -1)
    if targets is None:
        return StaticSamples(vectors, label=labels)
    wanted = as_numbers(targets, "the targets")
    return StaticSamples(vectors, target=wanted[:, None] if wanted.ndim == 1 else wanted)


def _to_test(test: Any, train: StaticSamples) -> StaticSamples:
    """Return the samples to test on, StaticSamples or (x, labels or targets), which fit those of the training."""
    if isinstance(test, tuple | list) and len(test) == 2:
        x, wanted = test
        test = samples_from(x, *((wanted, None) if train.target is None else (None, wanted)))
    if not isinstance(test, StaticSamples):
        raise UserError(f"test was given as {type(test).__name__}; give StaticSamples, or (x, labels) as for the training.")
    if test.x.shape[1] != train.x.shape[1]:
        raise UserError(f"samples have {train.x.shape[1]} inputs in the training and {test.x.shape[1]} in the test; give the same.")
    if (test.target is None) != (train.target is None):
        raise UserError("the samples to train and to test on need both labels, or both targets.")
    if not len(test):
        raise UserError("there are no samples to test on; give at least one.")
    return test


def given(sets: Sets, data: Any = None) -> Sets:
    """Return the sets of a task from arrays; it has this as its ``load``, and needs no ``data``."""
    return dict(sets)


def loaded(name: str, load: Callable[..., Any], data: Any) -> Sets:
    """Return what a task's function ``load`` gives, after checking that these are sets of samples.

    Raises
    ------
    UserError
        For a function without the argument ``data``, and anything but StaticSamples by ``"train"`` and ``"test"``.
    """
    try:
        inspect.signature(load).bind(data=data)
    except TypeError:
        raise UserError(f"the function load of task {name!r} takes no argument data alone; write def load(data=None).") from None
    except ValueError:  # a function of C, whose arguments are unknown
        pass
    sets = load(data=data)
    if not isinstance(sets, Mapping):
        raise UserError(
            f'the function load of task {name!r} returns {type(sets).__name__}; return {{"train": StaticSamples(x, labels), '
            '"test": StaticSamples(...)}, or make the task with LayeredTask.from_arrays.'
        )
    for of in ("train", "test"):
        if of not in sets:
            raise UserError(f'the function load of task {name!r} returns no {of!r} set; return both "train" and "test".')
    for of, samples in sets.items():
        if not isinstance(samples, StaticSamples):
            raise UserError(
                f"the {of} set of task {name!r} was given as {type(samples).__name__}; give StaticSamples(x, labels), or make the task "
                "with LayeredTask.from_arrays."
            )
    return dict(sets)
