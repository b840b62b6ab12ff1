"""An experiment from a table of comma-separated values whose columns name their units: a row a condition, with what was measured."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core import csv_files
from brian2chip.core.files import shown
from brian2chip.errors import UserError

#: Quantities with a unit in the name of their column, and the factor to the unit of the protocol's table.
UNITS = {
    "dt": {"dt_ms": 1.0, "dt_s": 1e3, "dt_us": 1e-3},
    "rate": {"rate_hz": 1.0, "rate_khz": 1e3},
    "period": {"period_s": 1.0, "period_ms": 1e-3, "period_min": 60.0},
    "pre": {"pre_ms": 1.0, "pre_s": 1e3},
    "post": {"post_ms": 1.0, "post_s": 1e3},
    "dw": {"dw": 1.0, "dw_percent": 0.01},
    "ratio": {"ratio": 1.0, "ratio_percent": 0.01},
}
KINDS = {
    "pairs": csv_files.WHOLE,
    "trains": csv_files.WHOLE,
    "sem": csv_files.GAPS,
    "sem_percent": csv_files.GAPS,
    "n": csv_files.GAPS,
    "label": csv_files.TEXT,
}
KINDS |= {name: csv_files.REAL for what in ("dt", "rate", "period") for name in UNITS[what]}
KINDS |= {name: csv_files.TEXT for what in ("pre", "post") for name in UNITS[what]}
KINDS |= {name: csv_files.GAPS for what in ("dw", "ratio") for name in UNITS[what]}
#: Steps (s) that a protocol may have, the first that holds all times is taken; spikes of one condition, and seconds that it may last.
STEPS = (1e-3, 5e-4, 1e-4, 5e-5, 1e-5)
MOST_SPIKES, LONGEST = 100_000, 100_000.0
#: Seconds before the first spike.
LEAD = 0.1
#: A change of so many times the weight is a percentage in the wrong column, rather than a measurement.
LARGE = 5.0

logger = logging.getLogger(__name__)


def read(path: str | os.PathLike) -> pd.DataFrame:
    """Return the conditions of an experiment, in the columns and units of a protocol's table.

    Raises
    ------
    UserError
        For a file that cannot be read, columns that are missing, unknown or of two units, and values that no experiment can have.
    """
    given = csv_files.read_csv(path, "pairing", lambda head: _kinds(head, path))
    if given.empty:
        raise UserError(f"{shown(path)} has no row below its names; write one for each condition.")
    table = pd.DataFrame({"label": given["label"]} if "label" in given else None, index=given.index)
    for what, names in UNITS.items():
        for name in names:
            if name in given:
                column = given[name]
                scale = names[name]
                key = {"dt": "dt_ms", "rate": "rate_hz", "period": "period_s", "pre": "pre_ms", "post": "post_ms"}.get(what, "data_dw")
                table[key] = [_list(v, scale, name, path, k) for k, v in enumerate(column)] if what in ("pre", "post") else column * scale
                if what in ("dw", "ratio"):
                    table["data_dw"] -= what == "ratio"
                    errors = {"sem": scale, "sem_percent": 0.01}
                    table["data_sem"] = next((given[sem] * unit for sem, unit in errors.items() if sem in given), np.nan)
    for name, default in (("pairs", 1), ("trains", 1)):
        table[name] = given[name] if name in given else default
    if "n" in given:
        table["data_n"] = given["n"]
    for number, row in enumerate(table.to_dict("records"), 1):
        _check_row(row, f"{shown(path)}, condition {number}")
    _say_what_is_assumed(given, table, shown(path))
    return table


def _say_what_is_assumed(given: pd.DataFrame, table: pd.DataFrame, where: str) -> None:
    """Warn of what a table does not say and of what looks like another unit."""
    if "dt_ms" in table and "pairs" not in given:
        logger.warning("%s has no column pairs: every condition is one pairing; add pairs and rate_hz for a train of them.", where)
    if "dw" in given and (largest := given["dw"].abs().max()) > LARGE:
        logger.warning(
            "%s has a change dw of %g: a fraction, %g %%; for per cent call the column dw_percent.", where, largest, 100 * largest
        )


def _kinds(head: list[str], path: str | os.PathLike) -> Mapping[str, str]:
    """Return what each column holds, after a look at which are there."""
    where, known = shown(path), [", ".join(UNITS[what]) for what in UNITS] + ["pairs, trains, sem or sem_percent, n, label"]
    if len(head) == 1 and ";" in head[0]:
        raise UserError(f"{where} has semicolons between its columns; separate them by commas, and write numbers with a point.")
    if strange := [name for name in head if name not in KINDS]:
        raise UserError(f"{where} has a column {strange[0][:60]!r}, which says nothing of a pairing; columns are {'; '.join(known)}.")
    for what, names in UNITS.items():
        if len(double := [name for name in names if name in head]) > 1:
            raise UserError(f"{where} gives {what} in two units, {' and '.join(double)}; keep one column of them.")
    has = {what for what, names in UNITS.items() if any(name in head for name in names)}
    if ("dt" in has) == bool(has & {"pre", "post"}):
        raise UserError(f"{where} needs either dt_ms (post minus pre) or spike lists pre_ms and post_ms; it has {', '.join(head)}.")
    if len(has & {"pre", "post"}) == 1:
        raise UserError(f"{where} lists the spikes of one side only; give both pre_ms and post_ms, empty where a neuron is silent.")
    if {"dw", "ratio"} <= has:
        raise UserError(f"{where} gives the change twice, as dw and as ratio; keep one of them.")
    if {"sem", "sem_percent"} <= set(head):
        raise UserError(f"{where} gives standard errors twice, as sem and as sem_percent; keep one of them.")
    if {"sem", "sem_percent"} & set(head) and not has & {"dw", "ratio"}:
        raise UserError(f"{where} has standard errors (sem) of nothing; give dw or ratio too.")
    for column, needed in (("pairs", "rate"), ("trains", "period")):
        if column in head and needed not in has and not (column == "pairs" and "pre" in has):
            raise UserError(f"{where} has {column} and not how often they come; add a column {next(iter(UNITS[needed]))}.")
    return {name: KINDS[name] for name in head}


def _list(text: str, scale: float, name: str, path: str | os.PathLike, row: int) -> tuple[float, ...]:
    """Return the times of a cell such as ``0 10 20.5``."""
    words = text.replace(";", " ").split()
    if bad := [word for word in words if not csv_files.NUMBER.fullmatch(word)]:
        raise UserError(
            f"{shown(path)}, condition {row + 1}: {name} holds {bad[0][:40]!r}; write times with spaces between, e.g. 0 10 20.5."
        )
    return tuple(float(word) * scale for word in words)


def _check_row(row: Mapping[str, Any], where: str) -> None:
    """Raise a sentence for what no experiment can have."""
    for name, low in (("rate_hz", 1e-6), ("period_s", 1e-6), ("pairs", 1), ("trains", 1), ("data_n", 1)):
        if name in row and not np.isnan(row[name]) and row[name] < low:
            raise UserError(f"{where}: {name} is {row[name]:g}; it must be positive.")
    if row["pairs"] * row["trains"] * max(1, len(row.get("pre_ms", ())), len(row.get("post_ms", ()))) > MOST_SPIKES:
        raise UserError(f"{where}: {row['pairs']:g} pairs in {row['trains']:g} trains are too many; at most {MOST_SPIKES} spikes are run.")
    if row.get("data_sem", np.nan) <= 0:
        raise UserError(f"{where}: sem is {row['data_sem']:g}; a standard error is positive, leave it empty where it is not known.")
    if row.get("data_dw", 0.0) < -1:
        raise UserError(
            f"{where}: the change is {row['data_dw']:g}; a weight cannot lose more than all of it, so dw is at least -1; "
            "per cent go into a column dw_percent."
        )
    pre, post = _train(row, STEPS[-1])
    last = max([*pre, *post], default=0.0) - min([*pre, *post], default=0.0)
    if row["trains"] > 1 and last >= row["period_s"]:
        raise UserError(f"{where}: a train lasts {last:g} s and the next begins after {row['period_s']:g} s; give a longer period.")
    if last + (row["trains"] - 1) * row.get("period_s", 0.0) > LONGEST:
        raise UserError(f"{where}: it lasts longer than {LONGEST:g} s; give fewer trains or shorter periods.")


def _train(row: Mapping[str, Any], dt: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes of one train in seconds; presynaptic spikes of a rate lie on the nearest steps of ``dt``."""
    if "dt_ms" in row:
        pre = np.rint(np.arange(row["pairs"]) / row.get("rate_hz", 1.0) / dt) * dt
        return pre, pre + row["dt_ms"] * 1e-3
    return np.asarray(row["pre_ms"], float) * 1e-3, np.asarray(row["post_ms"], float) * 1e-3


def step(table: pd.DataFrame) -> float:
    """Return the longest of :data:`STEPS` that holds every time that the table gives, and the intervals of its rates if one does."""
    times = [row.get(name, ()) for row in table.to_dict("records") for name in ("dt_ms", "pre_ms", "post_ms")]
    given = np.array([t for each in times for t in np.ravel(each)]) * 1e-3
    if "period_s" in table:
        given = np.r_[given, table["period_s"].dropna()]
    intervals = 1 / table["rate_hz"].unique() if "rate_hz" in table else np.zeros(0)
    fits = [dt for dt in STEPS if _on_grid(given, dt)] or [STEPS[-1]]
    return next((dt for dt in fits if _on_grid(intervals, dt)), min(fits[0], 1e-4) if len(intervals) else fits[0])


def _on_grid(times: np.ndarray, dt: float) -> bool:
    return bool(np.all(np.abs(times / dt - np.rint(times / dt)) < 1e-6))


def conditions(table: pd.DataFrame, options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the table as it was read; a protocol has it as its ``conditions``."""
    return table.copy()


def stimulate(dt: float, condition: Mapping[str, Any], options: Mapping[str, Any], rng: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the spikes of a condition in seconds: its train, ``trains`` times at the period, the first spike after :data:`LEAD`."""
    pre, post = _train(condition, dt)
    first = min([*pre, *post], default=0.0)
    starts = LEAD - min(first, 0.0) + np.arange(condition["trains"])[:, None] * condition.get("period_s", 0.0)
    return (starts + pre).ravel(), (starts + post).ravel()
