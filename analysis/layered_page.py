"""The page on which rules of layered networks stand side by side: accuracy, alignment, cost, and what each needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from brian2chip import __version__
from brian2chip.analysis import render
from brian2chip.core.layered_task import LayeredTask


def curves(histories: Mapping[str, pd.DataFrame]) -> Figure:
    """Return a figure of the held-out error over epochs, or of the loss where there are no classes, a curve a rule.

    Of several seeds the curve is the mean, in a band from the smallest to the largest.
    """
    figure, (ax,) = render.panels(1, 1, (7, 4))
    for name, history in histories.items():
        classes = history["test_error"].notna().any()
        shown = 100 * history["test_error"] if classes else history["test_loss"]
        of_epochs = shown.groupby(history["epoch"])
        mean = of_epochs.mean()
        (line,) = ax.plot(mean.index, mean, label=name)
        if of_epochs.size().max() > 1:
            ax.fill_between(mean.index, of_epochs.min(), of_epochs.max(), color=line.get_color(), alpha=0.2, lw=0)
        ax.set_ylabel("held-out error (%)" if classes else "held-out loss")
    ax.set(xlabel="epoch", yscale="log")
    ax.legend(frameon=False)
    return figure


def comparison(task: LayeredTask, table: pd.DataFrame, picture: bytes, about: Mapping[str, Any]) -> str:
    """Return the page as HTML; ``about`` says with what the rules were compared, as run.json does."""
    return render.page(
        "layered.html",
        f"Learning rules of layered networks on {task.name}",
        source=task.source.rstrip("."),
        expected=task.expected,
        settings=settings(about) if about else "",
        several=len(about.get("seeds", ())) > 1,
        table=render.table(table.rename(columns=lambda name: name.replace("_", " "))),
        picture=render.picture(f"held-out error over epochs on {task.name}", picture),
    )


def settings(about: Mapping[str, Any]) -> str:
    """Return with what the rules were compared in a line: seeds, settings of the training, sizes, samples, and the level of chance."""
    listed = lambda values: ", ".join(map(str, values))  # noqa: E731
    seeds, samples = about["seeds"], about["samples"]
    said = (
        f"{'Seed' if len(seeds) == 1 else 'Seeds'} {listed(seeds)}; {about['optimiser']}, rate {about['rate']:g}, batches of "
        f"{about['batch']}, {about['epochs']} epochs; {listed(about['hidden']) or 'no'} hidden units; {samples['train']} samples to train "
        f"and {samples['test']} to test on; brian2chip {__version__}."
    )
    if about["chance"] is None:
        return said
    return f"{said} Chance, which is always to answer the commonest class, is right in {100 * about['chance']:.1f} % of the test samples."
