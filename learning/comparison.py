"""What comparisons of learning rules share: several seeds as one row, a folder written anew after each training, and what run.json says."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import output
from brian2chip.core.provenance import provenance
from brian2chip.core.seed import checked_seed
from brian2chip.errors import UserError


class Written:
    """A comparison that can be written: it has ``files(folder)`` and ``about``."""

    about: Mapping[str, Any]

    def files(self, folder: Path) -> None:
        """Write everything but run.json."""
        raise NotImplementedError

    def write(self, out: str | os.PathLike, force: bool = False) -> None:
        """Write its files and run.json into a new folder.

        Raises
        ------
        UserError
            When the folder is not empty (without ``force``) or cannot be written.
        """
        write_anew(out, force, self.files, self.about)


def seeds_of(given: int | Iterable[int]) -> tuple[int, ...]:
    """Return the seeds of a comparison from one or several.

    Raises
    ------
    UserError
        For none, one that is no seed, and one that is given twice.
    """
    several = isinstance(given, Iterable) and not isinstance(given, str)
    seeds = tuple(checked_seed(seed) for seed in (given if several else [given]))
    if not seeds:
        raise UserError("no seed was given; give at least one.")
    for seed in seeds:
        if seeds.count(seed) > 1:
            raise UserError(f"seed {seed} was given twice, and twice the same training is no second one; give different seeds.")
    return seeds


def check_names(names: Sequence[str]) -> None:
    """Raise UserError where there is no rule, or two rules have one name, by which their rows and files are told apart."""
    if not names:
        raise UserError("no rule was given; give at least one.")
    for name in names:
        if names.count(name) > 1:
            raise UserError(f"two of the rules are called {name!r}; give each once, or rename one.")


def over_seeds(rows: Sequence[Mapping[str, Any]], spread: Sequence[str], averaged: Sequence[str] = ()) -> dict[str, Any]:
    """Return the rows of one rule's trainings from several seeds as one: means, and standard deviations as ``<name>_sd``.

    Parameters
    ----------
    rows : sequence of mapping
        One a seed.
    spread : sequence of str
        Numbers of which mean and standard deviation (of a sample: divided by one less than the seeds) are given.
    averaged : sequence of str
        Numbers of which the mean alone is given; everything else is the same for all seeds.
    """
    table, one = pd.DataFrame(rows), {}
    for name, value in rows[0].items():
        one[name] = table[name].mean() if name in (*spread, *averaged) else value
        if name in spread:
            one[f"{name}_sd"] = table[name].std()
    return one


def with_seed(seed: int, history: pd.DataFrame) -> pd.DataFrame:
    """Return a history whose rows say of which seed they are."""
    return history.assign(seed=seed)[["seed", *history.columns]]


def with_history(histories: Mapping[str, pd.DataFrame], name: str, history: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the histories with one training more, below those of the same name."""
    before = [histories[name]] if name in histories else []
    return {**histories, name: pd.concat([*before, history], ignore_index=True)}


def chance(train: np.ndarray | None, test: np.ndarray | None) -> float | None:
    """Return the share of test samples in the class that is commonest in the training; None without classes."""
    if train is None or test is None or not len(train) or not len(test):
        return None
    return float(np.mean(test == np.bincount(train).argmax()))


def write_anew(out: str | os.PathLike, force: bool, write: Callable[[Path], None], about: Mapping[str, Any] | None) -> None:
    """Put a new folder in the place of one in a single step, so that nothing of an earlier comparison stays in it.

    Parameters
    ----------
    out : path
    force : bool
        Whether what is there may be replaced.
    write : callable
        Called with the folder in which the files are written.
    about : mapping or None
        What run.json says, with versions and machine; None while trainings are left, so that the folder is not taken for a finished one.
    """
    with output.folder(out, force) as folder:
        write(folder)
        if about is not None:
            output.write_json(folder / output.MARK, {**about, **provenance()})
