"""Distributions over chips as histograms, one for each stage, with what the ideal network or rule gives as a line."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from brian2chip.errors import UserError

#: Scores whose range over chips is wider than this are drawn on a logarithmic scale.
WIDE = 30.0


def histograms(table: pd.DataFrame, measure: str, ideal: Mapping[str, float], ax=None):
    """Draw a histogram of a measure over chips for every stage, and return the axes.

    Parameters
    ----------
    table : DataFrame
        ``chip``, ``stage`` and the measure.
    measure : str
        A column, e.g. ``"accuracy"``.
    ideal : mapping of str to float
        What the ideal network or rule gives, by measure.
    ax : matplotlib axes, optional

    Raises
    ------
    UserError
        For a column that is not there.
    """
    if measure not in table:
        raise UserError(f"the table has no column {measure!r}; it has {', '.join(map(str, table.columns))}.")
    if ax is None:
        import matplotlib.pyplot as plt  # takes long to import, and who does not draw does without it

        ax = plt.subplots(figsize=(6, 4), layout="constrained")[1]
    values = table[measure].to_numpy(float)
    low, high = np.nanmin(values), np.nanmax(values)
    logarithmic = low > 0 and high / low > WIDE
    if logarithmic:
        bins = np.geomspace(low, high, 41)
        ax.set_xscale("log")
    else:
        bins = np.linspace(low, high if high > low else low + 1e-9, 41)
    for k, (stage, rows) in enumerate(table.groupby("stage", sort=False)):
        low, median, high = rows[measure].quantile([0.05, 0.5, 0.95])
        label = f"{stage}: median {median:.3g}, from 5 to 95 % {low:.3g} to {high:.3g}"
        ax.hist(rows[measure], bins=bins, alpha=0.6, color=f"C{k}", label=label)
    if measure in ideal:
        ax.axvline(ideal[measure], color="k", lw=1, ls="--", label=f"ideal: {ideal[measure]:.3g}")
    ax.set(xlabel=measure, ylabel="chips")
    ax.legend(frameon=False, fontsize="small")
    return ax
