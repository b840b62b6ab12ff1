"""The protocols' pictures: data with error bars over a rule's curve; every function takes ``ax`` and returns the axes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from brian2chip.analysis import bcm

MODEL = "tab:blue"
DATA = {"color": "black", "linestyle": "none", "marker": "o", "markersize": 4, "capsize": 2, "elinewidth": 1, "zorder": 3}
#: Inches; readable at the width of a phone, and two beside each other on a desktop.
SIZE = (5.0, 3.6)


def _axes(ax, height: float = SIZE[1]):
    if ax is None:
        import matplotlib.pyplot as plt  # takes as long as Brian2 to import, and a run may not draw

        ax = plt.subplots(figsize=(SIZE[0], height), layout="constrained")[1]
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _errors(table: pd.DataFrame, column: str):
    """Return the standard errors of a column, or None where the table has none."""
    return table[column] if column in table and table[column].notna().any() else None


def window(table: pd.DataFrame, ax=None):
    """Draw the change against the spike-time difference, the curve of the rule over the published points.

    Parameters
    ----------
    table : DataFrame
        ``kind`` ("curve" or "data"), ``dt_ms``, ``dw``, ``data_dw`` and, where known, ``data_sem`` (relative changes).
    ax : matplotlib axes, optional
    """
    curve, data = (table[table["kind"] == kind].sort_values("dt_ms") for kind in ("curve", "data"))
    return _over_timing(curve, data, _axes(ax))


def _over_timing(curve: pd.DataFrame, data: pd.DataFrame, ax):
    """Draw the rule over the spike-time difference as a line on each side of zero, where it may jump, under the data."""
    ax.axhline(0, color="0.8", linewidth=0.8)
    ax.axvline(0, color="0.8", linewidth=0.8)
    for k, side in enumerate((curve["dt_ms"] < 0, curve["dt_ms"] > 0)):
        ax.plot(curve["dt_ms"][side], 100 * curve["dw"][side], color=MODEL, label=None if k else "rule")
    if len(data):
        sem = _errors(data, "data_sem")
        ax.errorbar(data["dt_ms"], 100 * data["data_dw"], yerr=None if sem is None else 100 * sem, label="data", **DATA)
    ax.set(xlabel="$t_{post} - t_{pre}$ (ms)", ylabel="change (%)")
    ax.legend(frameon=False)
    return ax


def frequency(table: pd.DataFrame, ax=None):
    """Draw the change against the pairing frequency, one colour for each timing, over the published means.

    Parameters
    ----------
    table : DataFrame
        ``rate_hz``, ``dt_ms``, ``dw``, ``data_dw``, ``data_sem`` (relative changes).
    ax : matplotlib axes, optional
    """
    ax = _axes(ax)
    ax.axhline(0, color="0.8", linewidth=0.8)
    for k, (dt, rows) in enumerate(table.sort_values("rate_hz").groupby("dt_ms", sort=True)):
        sem = _errors(rows, "data_sem")
        ax.plot(rows["rate_hz"], 100 * rows["dw"], color=f"C{k}", label=f"rule, {dt:+g} ms")
        yerr = None if sem is None else 100 * sem
        ax.errorbar(rows["rate_hz"], 100 * rows["data_dw"], yerr=yerr, label=f"data, {dt:+g} ms", **(DATA | {"color": f"C{k}"}))
    ax.set(xlabel="frequency (Hz)", ylabel="change (%)")
    ax.legend(frameon=False, fontsize="small", ncols=2)
    return ax


def points(table: pd.DataFrame, labels: Sequence[str], ax=None):
    """Draw one bar of the rule for each condition, under the published mean with its standard error.

    Parameters
    ----------
    table : DataFrame
        ``dw``, ``data_dw``, ``data_sem`` (relative changes), one row a condition.
    labels : sequence of str
        One for each row; they stand at the left, where they need no turning.
    ax : matplotlib axes, optional
    """
    ax = _axes(ax, height=1.0 + 0.26 * len(table))
    y = np.arange(len(table))
    ax.barh(y, 100 * table["dw"], color=MODEL, alpha=0.6, label="rule")
    sem = _errors(table, "data_sem")
    ax.errorbar(100 * table["data_dw"], y, xerr=None if sem is None else 100 * sem, label="data", **DATA)
    ax.axvline(0, color="0.6", linewidth=0.8)
    ax.set_yticks(y, labels)
    ax.set(xlabel="change (%)", ylim=(len(table) - 0.5, -0.5))
    ax.legend(frameon=False, fontsize="small", ncols=2, loc="lower right", bbox_to_anchor=(1, 0.98))  # above: bars fill the axes
    return ax


def pairings(table: pd.DataFrame, ax=None):
    """Draw one bar of the rule for each pairing, under the published mean with its standard error; returns the axes.

    Parameters
    ----------
    table : DataFrame
        ``rate_hz``, ``dt_ms``, ``dw``, ``data_dw``, ``data_sem`` (relative changes) and, where rows differ in more, ``label``.
    ax : matplotlib axes, optional
    """
    more = table["label"] + ", " if "label" in table else [""] * len(table)
    labels = [f"{said}{rate:g} Hz, {dt:+g} ms" for said, rate, dt in zip(more, table["rate_hz"], table["dt_ms"])]
    return points(table, labels, ax=ax)


def rate_curve(table: pd.DataFrame, ax=None):
    """Draw the change a second against the postsynaptic rate with standard errors, and the threshold where there is one.

    Parameters
    ----------
    table : DataFrame
        ``rate_hz``, ``dw`` (1/s) and, where known, ``dw_sem``.
    ax : matplotlib axes, optional
    """
    ax = _axes(ax)
    ax.axhline(0, color="0.8", linewidth=0.8)
    sem = _errors(table, "dw_sem")
    yerr = None if sem is None else 1e3 * sem
    ax.errorbar(table["rate_hz"], 1e3 * table["dw"], yerr=yerr, color=MODEL, marker="o", markersize=4, capsize=2)
    found = bcm.threshold(table["rate_hz"], table["dw"], sem)
    if found.bcm_like:
        ax.axvline(found.rate_hz, color="0.4", linestyle=":", label=f"threshold {found.rate_hz:.1f} Hz")
        ax.legend(frameon=False)
    ax.set(xlabel="postsynaptic rate (Hz)", ylabel="change a second ($10^{-3}$/s)")
    return ax


def probability(table: pd.DataFrame, ax=None):
    """Draw the probabilities of potentiation and of depression against the postsynaptic rate.

    Parameters
    ----------
    table : DataFrame
        ``rate_hz``, ``p_ltp``, ``p_ltd`` and, where known, ``p_ltp_sem``, ``p_ltd_sem``.
    ax : matplotlib axes, optional
    """
    ax = _axes(ax)
    for name, label, colour in (("p_ltp", "LTP", "tab:red"), ("p_ltd", "LTD", "tab:blue")):
        sem = _errors(table, f"{name}_sem")
        ax.errorbar(table["rate_hz"], table[name], yerr=sem, color=colour, label=label, marker="o", markersize=4, capsize=2)
    ax.set(xlabel="postsynaptic rate (Hz)", ylabel="probability of a change")
    ax.set_ylim(bottom=0)
    ax.legend(frameon=False)
    return ax


def weights(table: pd.DataFrame, ax=None):
    """Draw the histograms of the weights at the start and at the end.

    Parameters
    ----------
    table : DataFrame
        ``w_start``, ``w_end``, one row a synapse, in units of the upper bound.
    ax : matplotlib axes, optional
    """
    ax = _axes(ax)
    bins = np.linspace(0, max(1.0, table["w_end"].max()), 21)
    ax.hist(table["w_start"], bins, color="0.8", label="start")
    ax.hist(table["w_end"], bins, histtype="step", color=MODEL, linewidth=1.5, label="end")
    ax.set(xlabel="weight / upper bound", ylabel="synapses", xlim=(bins[0], bins[-1]))
    ax.legend(frameon=False)
    return ax


def changes(table: pd.DataFrame, ax=None):
    """Draw the change ``dw`` of every condition, over its data where it has some; returns the axes.

    Conditions that differ in ``dt_ms`` alone stand over it, others in the order of the table.
    """
    ax = _axes(ax)
    if _differ_in(table) == {"dt_ms"}:
        ordered = table.sort_values("dt_ms")
        measured = ordered[ordered["data_dw"].notna()] if "data_dw" in ordered else ordered[:0]
        _over_timing(ordered, measured, ax)
        ax.plot(ordered["dt_ms"], 100 * ordered["dw"], ".", color=MODEL)  # a side of one condition is no line
        return ax
    if "data_dw" in table and table["data_dw"].notna().any():
        ax.errorbar(range(len(table)), table["data_dw"], _errors(table, "data_sem"), label="data", **DATA)
        ax.legend(fontsize="small")
    ax.plot(range(len(table)), table["dw"], "o", ms=4)
    ax.set(xlabel="condition", ylabel="change")
    return ax


def _differ_in(table: pd.DataFrame) -> set[str]:
    """Return the columns in which conditions differ, beside what was measured and computed."""
    given = [name for name in table if not name.startswith(("data_", "dw", "w_"))]
    return {name for name in given if table[name].map(repr).nunique() > 1}
