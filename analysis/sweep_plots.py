"""Figures of tables with a row a point: lines with their spread, heat maps, scattered points."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np


def lines(table, x: str, value: str, by: str | None = None, ax=None):
    """Draw the mean of a result over one quantity, a line for each value of another, with a standard deviation each way; return the axes.

    Parameters
    ----------
    table : DataFrame
        With the columns ``x``, ``value`` and ``by``, one row a point.
    """
    ax = ax if ax is not None else plt.subplots(layout="constrained")[1]
    for label, rows in [(None, table)] if by is None else table.groupby(by):
        found = rows.groupby(x)[value].agg(["mean", "std", "count"])
        places = found.index.to_numpy()
        line = ax.plot(places, found["mean"], "o-", ms=3, label=None if label is None else f"{label:.4g}" if _number(label) else str(label))
        if (found["count"] > 1).any() and _number(places[0]):
            low, high = found["mean"] - found["std"].fillna(0), found["mean"] + found["std"].fillna(0)
            ax.fill_between(places.astype(float), low, high, color=line[0].get_color(), alpha=0.2, lw=0)
    ax.set(xlabel=x, ylabel=value, xscale=_scale(table[x]))
    if by is not None:
        ax.legend(title=by, frameon=False, fontsize="small")
    return ax


def heat_map(table, x: str, y: str, value: str, ax=None):
    """Draw the mean of a result over two quantities as colours, empty where there is none; return the axes."""
    ax = ax if ax is not None else plt.subplots(layout="constrained")[1]
    grid = table.pivot_table(index=y, columns=x, values=value, aggfunc="mean", dropna=False)
    numbers = all(_number(one) for one in (*grid.columns, *grid.index))
    places = (grid.columns, grid.index) if numbers else (np.arange(grid.shape[1]), np.arange(grid.shape[0]))
    mesh = ax.pcolormesh(*(np.asarray(place, float) for place in places), grid.to_numpy(float), shading="nearest")
    if numbers:
        ax.set(xscale=_scale(table[x]), yscale=_scale(table[y]))
    else:
        ax.set(xticks=places[0], xticklabels=grid.columns, yticks=places[1], yticklabels=grid.index)
    ax.set(xlabel=x, ylabel=y)
    ax.figure.colorbar(mesh, ax=ax, label=value)
    return ax


def scattered(table, x: str, y: str, value: str, ax=None):
    """Draw a result at points of two quantities as colours; return the axes."""
    ax = ax if ax is not None else plt.subplots(layout="constrained")[1]
    drawn = ax.scatter(table[x], table[y], c=table[value], s=12)
    ax.set(xlabel=x, ylabel=y, xscale=_scale(table[x]), yscale=_scale(table[y]))
    ax.figure.colorbar(drawn, ax=ax, label=value)
    return ax


def _number(value) -> bool:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool | np.bool_)


def _scale(values) -> str:
    """Return the scale on which values lie more evenly."""
    each = np.unique(values)
    if len(each) < 3 or not all(_number(one) and one > 0 for one in each):
        return "linear"
    steps, ratios = np.diff(each.astype(float)), np.diff(np.log(each.astype(float)))
    return "log" if np.std(ratios) / np.mean(ratios) < np.std(steps) / np.mean(steps) - 1e-6 else "linear"
