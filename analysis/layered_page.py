"""The page on which rules of layered networks stand side by side: accuracy, alignment, cost, and what each needs."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from brian2chip.analysis import render


def curves(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Return a figure of the held-out error over epochs, or of the loss where there are no classes, a curve a rule."""
    figure, (ax,) = render.panels(1, 1, (7, 4))
    for name, history in histories.items():
        classes = history["test_error"].notna().any()
        ax.plot(history["epoch"], 100 * history["test_error"] if classes else history["test_loss"], label=name)
        ax.set_ylabel("held-out error (%)" if classes else "held-out loss")
    ax.set(xlabel="epoch", yscale="log")
    ax.legend(frameon=False)
    return figure


def comparison(task: str, source: str, expected: str, table: pd.DataFrame, picture: bytes) -> str:
    """Return the page as HTML."""
    return render.page(
        "layered.html",
        f"Learning rules of layered networks on {task}",
        source=source,
        expected=expected,
        table=render.table(table.rename(columns=lambda name: name.replace("_", " "))),
        picture=render.picture(f"held-out error over epochs on {task}", picture),
    )
