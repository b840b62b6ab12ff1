"""Sweep a protocol, a fit, a training, a translation or a chip's imperfections over many points, into one table."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import pandas as pd

from brian2chip import __version__
from brian2chip.core import output
from brian2chip.core.claims import claimed
from brian2chip.core.identity import identity
from brian2chip.core.progress import Progress, callback
from brian2chip.core.provenance import provenance
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.sweeps import compute
from brian2chip.sweeps.confirm import confirm
from brian2chip.sweeps.points import Points, points
from brian2chip.sweeps.results import IDENTITY, Results
from brian2chip.sweeps.study import Study
from brian2chip.sweeps.table_files import check_format
from brian2chip.sweeps.what import study_of

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Sweep:
    """A sweep that is ready to be computed.

    Attributes
    ----------
    study : Study
    points : Points
    results : Results
    workers : Workers
    most : float or None
        Points that may be computed unasked.
    """

    study: Study
    points: Points
    results: Results
    workers: Workers
    most: float | None

    def compute(self, progress: Progress = None) -> Results:
        """Return the results after computing what is missing of them; what is done stays, whatever ends this.

        Raises
        ------
        UserError
            For a table of another sweep, more points than were confirmed, and what the executor refuses.
        """
        out, n = self.results.out, len(self.points)
        with nullcontext() if out is None else claimed(out):
            where = compute.gaps(self.results.open(), n)
            try:
                confirm(self.study, self.points, where, self.most, self.workers)
                logger.info("%s: %d points, of which %d are there already", self.study.title, n, n - compute.missing(where))
                with callback(progress, self.study.title) as report:
                    for rows in compute.rows(self.study, self.points, where, self.workers, report):
                        self.results.add(rows)
            finally:
                self.results.close()
            self.results.finish()
        return self.results


def sweep(
    what: Any,
    rule: Any = None,
    *,
    vary: Mapping[str, Any] | None = None,
    seeds: int | Sequence[int] = 1,
    seed: int = 1,
    random: int | None = None,
    latin: int | None = None,
    points: str | os.PathLike | None = None,
    fit: bool = False,
    how: Mapping[str, Any] | None = None,
    device: str | None = None,
    dt: Any = None,
    out: str | os.PathLike | None = None,
    scheduler: str | None = None,
    workers: int | None = None,
    most: float | None = None,
    progress: Progress = None,
    **varied: Any,
) -> pd.DataFrame:
    """Compute something at every point of a grid, of a list or of drawn points, for several seeds; goes on where it was stopped.

    Points of a protocol that differ in parameters and starts share a network and are computed in this process; every other point is a job
    for workers on this machine or of a Dask scheduler.

    Parameters
    ----------
    what : Protocol, Task, LayeredTask, Chip, Substrate or str
        A protocol is run (or fitted), a task trained, a chip translated onto, a substrate drawn from: an object, its name, or a file.
    rule : Rule, LearningRule, SpikingNetwork or str, optional
        The rule of a protocol (``"stdp"`` by default) or of a training (the task's), the network for a chip, either for a substrate.
    vary, **varied : mapping of name to values
        Parameters and starts of the rule, options of the protocol, settings of network and training, parameters of the substrate, ...:
        one value or several, with units, e.g. ``tau_plus=[10, 20, 30]*ms``; for drawn points a range ``(low, high)``, or
        ``(low, high, "log")``, or one value.
    seeds : int or sequence of int
        How many seeds from ``seed`` on, or which.
    seed : int
        The first seed, and that of drawn points.
    random, latin : int, optional
        So many points drawn evenly, or from a Latin hypercube, in place of a grid.
    points : path, optional
        A table of points (.csv), a column each, with units in its cells.
    fit : bool
        Fit the protocol's data at every point instead of running it.
    how : mapping, optional
        Settings that are the same at all points: of fits ``free``, ``bounds``, ``starts``, ...; of trainings ``data``, ``n_test``; of
        translations ``test``, ``calibration``; of substrates ``protocol``, ``chips``, ``test``, ...
    device, dt
        As :func:`brian2chip.run`, :func:`brian2chip.train`, ... take them.
    out : path, optional
        The table: a folder of Parquet (``.parquet``) or one file (``.csv``). The same call again computes what is missing.
    scheduler : str, optional
        The address of a Dask scheduler, e.g. ``"tcp://cluster:8786"``.
    workers : int, optional
        Worker processes on this machine; by default one a core for points that share no network. With one, all is computed here.
    most : float, optional
        Points that may be computed; by default 100,000 that share a network, 1,000 of others.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar with the time that is left.

    Returns
    -------
    DataFrame
        One row a point: ``point``, what varies in SI, ``seed``, the results, and ``error``, why there are none; then they are NaN.

    Raises
    ------
    UserError
        Before any work: for unknown names, wrong units, no points, more than were confirmed, a scheduler that does not answer, workers of
        another version, and a table of another sweep.
    """
    if double := [name for name in vary or {} if name in varied]:
        raise UserError(f"{double[0]} was varied twice; give it once.")
    drawn = {"seeds": seeds, "seed": seed, "random": random, "latin": latin, "file": points}
    ready = prepared(
        what, rule, {**(vary or {}), **varied}, drawn, fit=fit, how=how, device=device, dt=dt, out=out, scheduler=scheduler,
        workers=workers, most=most,
    )  # fmt: skip
    table = ready.compute(progress).table()
    table.attrs["sweep"] = output.plain(ready.results.settings)
    return table


def prepared(
    what: Any,
    second: Any,
    vary: Mapping[str, Any],
    which: Mapping[str, Any],
    *,
    fit: bool,
    how: Mapping[str, Any] | None,
    device: str | None,
    dt: Any,
    out: str | os.PathLike | None,
    scheduler: str | None,
    workers: int | None,
    most: float | None,
) -> Sweep:
    """Return a sweep that is checked; ``which`` is what :func:`~brian2chip.sweeps.points.points` takes besides."""
    chosen = Workers(workers, scheduler)
    path = None if out is None else output.check_writable(out)
    if path is not None:
        check_format(path)
    made = points(vary, **which)
    study = study_of(what, second, made, fit, how or {}, device, dt)
    if study.together is not None:
        made = made.ordered(study.alone)
    return Sweep(study, made, Results(path, settings_of(study, made)), chosen, most)


def settings_of(study: Study, made: Points) -> dict[str, Any]:
    """Return what a sweep is, for whoever finds its table."""
    versions = {"brian2chip": __version__, "brian2": version("brian2")}
    what = {"kind": study.kind, **study.about, "points": identity(made.content()), "versions": versions}
    said = {"axes": [axis.described() for axis in made.axes], "seeds": len(made.seeds), "points": len(made)}
    return output.plain({IDENTITY: what, "title": study.title, **said, **provenance()})
