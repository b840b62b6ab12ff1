"""Figures of a posterior: every pair of parameters, predictions over the data, rank histograms; each returns its axes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

import numpy as np

from brian2chip.analysis.calibration import band, histogram

MODEL, TRUE = "tab:blue", "tab:red"
DATA = {"color": "black", "linestyle": "none", "marker": "o", "markersize": 4, "capsize": 2, "elinewidth": 1, "zorder": 3}


def _figure(figsize: tuple[float, float]):
    import matplotlib.pyplot as plt  # takes as long as Brian2 to import, and a posterior may not be drawn

    return plt.figure(figsize=figsize, layout="constrained")


def corner(samples, ranges: Sequence[tuple[float, float, bool]], truth: Sequence[float] | None = None, figure=None):
    """Draw each parameter's marginal and each pair's joint distribution over the whole range of the prior.

    Parameters
    ----------
    samples : DataFrame
        Draws, a column for each parameter.
    ranges : sequence of (low, high, log)
        Of the prior, in the order of the columns.
    truth : sequence of float, optional
        Values to mark.
    figure : matplotlib figure, optional

    Returns
    -------
    array of axes [parameters, parameters], None above the diagonal
    """
    names, n = list(samples), len(ranges)
    figure = figure if figure is not None else _figure((1.9 * n + 0.6, 1.9 * n + 0.4))
    grid, axes = figure.add_gridspec(n, n), np.full((n, n), None)
    edges = [np.geomspace(low, high, 41) if log else np.linspace(low, high, 41) for low, high, log in ranges]
    for j, i in combinations_with_replacement(range(n), 2):
        ax = axes[i, j] = figure.add_subplot(grid[i, j])
        if i == j:
            _marginal(ax, samples[names[i]], edges[i], None if truth is None else truth[i])
        else:
            ax.hist2d(samples[names[j]], samples[names[i]], [edges[j], edges[i]], cmap="Blues")
            if truth is not None:
                ax.plot(truth[j], truth[i], "+", color=TRUE, ms=9)
            ax.set(ylim=(edges[i][0], edges[i][-1]), yscale="log" if ranges[i][2] else "linear")
        ax.set(xlim=(edges[j][0], edges[j][-1]), xscale="log" if ranges[j][2] else "linear")
        ax.set_xlabel(names[j] if i == n - 1 else "", fontsize="small")
        ax.set_ylabel(names[i] if j == 0 and i > 0 else "", fontsize="small")
        ax.tick_params(labelsize="x-small", labelbottom=i == n - 1, labelleft=j == 0 and i > 0)
        ax.minorticks_off()
    return axes


def _marginal(ax, values, edges, truth) -> None:
    """Draw the density with respect to the prior, which is a line at 1."""
    counts = np.histogram(values, edges)[0]
    ax.stairs(counts * (len(edges) - 1) / len(values), edges, fill=True, color=MODEL, alpha=0.7)
    ax.axhline(1, color="0.4", lw=0.8, ls="--")
    if truth is not None:
        ax.axvline(truth, color=TRUE, lw=1)
    ax.set_yticks([])


def predictive(table, ax=None):
    """Draw what the posterior says of each data point, as the rule's change and as a published mean would scatter, over the data.

    Parameters
    ----------
    table : DataFrame
        ``point``, ``data_dw``, ``data_sem``, and of the predictions ``low``, ``median``, ``high`` (the rule's change) and ``data_low``,
        ``data_high`` (with the data's error).
    ax : matplotlib axes, optional
    """
    ax = ax if ax is not None else _figure((max(5.0, 0.32 * len(table) + 1), 4.0)).subplots()
    at = np.arange(len(table))
    ax.axhline(0, color="0.8", lw=0.8)
    ax.bar(at, 100 * (table["data_high"] - table["data_low"]), 0.8, 100 * table["data_low"], color=MODEL, alpha=0.2, label="data, 95 %")
    ax.bar(at, 100 * (table["high"] - table["low"]), 0.5, 100 * table["low"], color=MODEL, alpha=0.6, label="rule, 95 %")
    ax.hlines(100 * table["median"], at - 0.25, at + 0.25, color="navy", lw=1)
    ax.errorbar(at, 100 * table["data_dw"], yerr=100 * table["data_sem"], label="published", **DATA)
    ax.set_xticks(at, table["point"], rotation=90, fontsize="x-small")
    ax.set(ylabel="change (%)")
    ax.legend(frameon=False, fontsize="small")
    return ax


def rank_histograms(ranks, n: int, names: Sequence[str], bins: int = 10, figure=None):
    """Draw the ranks of the truth among ``n`` draws, a histogram for each parameter, over what 99 of 100 even ones give.

    Parameters
    ----------
    ranks : int array [data sets, parameters]
    """
    figure = figure if figure is not None else _figure((2.2 * len(names) + 0.4, 2.3))
    axes = np.atleast_1d(figure.subplots(1, len(names), sharey=True))
    low, high = band(len(ranks), bins)
    edges = np.linspace(0, 1, bins + 1)
    for k, ax in enumerate(axes):
        ax.axhspan(low, high, color="0.9")
        ax.stairs(histogram(ranks[:, k], n, bins), edges, color=MODEL, lw=1.5)
        ax.set(xlabel="rank", xlim=(0, 1), ylim=(0, None))
        ax.set_title(names[k], fontsize="small")
    axes[0].set_ylabel("data sets")
    return axes
