"""Power management as pictures: what a core did in each step, and what other thresholds would have saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

COLOURS = ("tab:blue", "tab:orange", "tab:red", "tab:purple", "tab:brown")
PARTS = {"total": "mean power", "baseline": "baseline power", "operation": "energy of an operation"}


def draw_steps(table: pd.DataFrame, ax: Any, *, core: int = 0, step_ms: float = 1.0) -> Any:
    """Draw the spikes that a core received in each step, coloured by the level that it took; return the axes."""
    one = table[table["core"] == core]
    for level, rows in one.groupby("level"):
        ax.scatter(rows["step"] * step_ms, rows["received"], s=4, color=COLOURS[level % len(COLOURS)], label=f"level {level + 1}")
    ax.set(xlabel="time (ms)", ylabel=f"spikes received by core {core}")
    ax.legend(frameon=False, fontsize="x-small")
    return ax


def draw_exploration(table: pd.DataFrame, ax: Any, published: Mapping[str, float]) -> Any:
    """Draw what each setting saves against its first threshold, late ones in grey, published savings dashed; return the axes."""
    first = table["threshold_1"]
    in_time = table["missed"] == 0
    for (name, words), colour in zip(PARTS.items(), COLOURS):
        ax.scatter(first[in_time], 100 * table[name][in_time], s=8, color=colour, label=words)
        ax.scatter(first[~in_time], 100 * table[name][~in_time], s=8, color="0.8")
        if name in published:
            ax.axhline(100 * published[name], color=colour, linestyle="--", linewidth=1)
    ax.set(
        xlabel="spikes from which level 2 is taken",
        ylabel="saved (%); dashed: published",
        ylim=(min(0, 100 * np.nanmin(table[list(PARTS)])), 100),
    )
    ax.legend(frameon=False, fontsize="x-small")
    return ax
