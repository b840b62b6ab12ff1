"""Traces over time as a picture: a panel for each variable, a line for each condition."""

from __future__ import annotations

from typing import Any

import pandas as pd

#: Lines of one panel; the conditions between are left out.
MOST_LINES = 12


def draw(traces: pd.DataFrame, figure: Any) -> Any:
    """Draw traces into a figure and return it.

    Parameters
    ----------
    traces : DataFrame
        ``time_ms``, ``condition``, ``variable``, ``value``; of several replicas or starts the first is drawn.
    figure : matplotlib figure
    """
    for name in ("replica", "start"):
        if name in traces:
            traces = traces[traces[name] == 0]
    names = list(dict.fromkeys(traces["variable"]))
    conditions = sorted(traces["condition"].unique())
    chosen = conditions[:: -(-len(conditions) // MOST_LINES)]
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for ax, name in zip(panels, names):
        of_name = traces[traces["variable"] == name]
        for condition in chosen:
            one = of_name[of_name["condition"] == condition]
            ax.plot(one["time_ms"], one["value"], linewidth=1, label=f"condition {condition}")
        ax.set_ylabel(name)
        ax.spines[["top", "right"]].set_visible(False)
    panels[-1].set_xlabel("time (ms)")
    if len(chosen) > 1:
        panels[0].legend(frameon=False, fontsize="x-small", ncols=4, loc="upper left")
    return figure
