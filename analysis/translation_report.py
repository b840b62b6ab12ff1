"""The page on a translation: what happened to every parameter, and what that did to the behaviour, in one self-contained file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from brian2chip.analysis import render

COLUMNS, SIZE = 3, (4.2, 3.2)


def histograms(weights: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Markup:
    """Return a picture with the distribution of each projection's weights, requested and realised."""
    figure, axes = render.panels(len(weights), COLUMNS, SIZE)
    for ax, (name, (requested, realised)) in zip(axes, weights.items()):
        low, high = min(requested.min(), realised.min()), max(requested.max(), realised.max())
        bins = np.linspace(low, high if high > low else low + 1, int(np.clip(np.sqrt(requested.size), 10, 60)))
        ax.hist(requested.ravel(), bins, color="0.75", label="requested")
        ax.hist(realised.ravel(), bins, histtype="step", color="C3", label="on the chip")
        ax.set(title=name, xlabel="weight", ylabel="synapses")
        ax.legend(frameon=False, fontsize=8)
    return render.picture("weights before and after", render.png(figure))


def rates(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> Markup:
    """Return a picture of each neuron's rate (Hz) after against before."""
    figure, axes = render.panels(len(before), COLUMNS, SIZE)
    for ax, name in zip(axes, before):
        top = max(float(before[name].max()), float(after[name].max()), 1e-9)
        ax.plot([0, top], [0, top], color="0.8", lw=1)
        ax.plot(before[name], after[name], ".", color="C3", ms=4)
        ax.set(title=name, xlabel="rate in float (Hz)", ylabel="rate on the chip (Hz)")
    return render.picture("rates before and after", render.png(figure))


def rasters(before: Mapping[str, tuple], after: Mapping[str, tuple]) -> Markup:
    """Return a picture of one sample's spikes (step, neuron), in float and on the chip."""
    figure, axes = render.panels(len(before), COLUMNS, SIZE)
    for ax, name in zip(axes, before):
        ax.plot(*before[name], "|", color="0.6", ms=5)
        ax.plot(*after[name], ".", color="C3", ms=2)
        ax.set(title=f"{name}: float grey, chip red", xlabel="step", ylabel="neuron")
    return render.picture("spikes of the first sample", render.png(figure))


def page(
    title: str,
    verdict: str,
    about: str,
    problems: Sequence[tuple[str, str]],
    notes: Sequence[str],
    sections: Sequence[tuple[str, str, pd.DataFrame | Markup]],
) -> str:
    """Return the page.

    Parameters
    ----------
    title, verdict, about : str
        Heading, the one line, and a sentence on the chip and what its numbers stand on.
    problems : sequence of (what is wrong, what to do)
    notes : sequence of str
        What behaves differently though it was accepted.
    sections : sequence of (heading, words, DataFrame or picture)
    """
    return render.page(
        "translation.html",
        title,
        verdict=verdict,
        about=about,
        problems=render.table(pd.DataFrame(problems, columns=["what", "what to do"])) if problems else "",
        notes=notes,
        sections=[
            (heading, words, render.table(content) if isinstance(content, pd.DataFrame) else content)
            for heading, words, content in sections
        ],
    )
