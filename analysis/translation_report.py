"""The page on a translation: what happened to every parameter, and what that did to the behaviour, in one self-contained file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from markupsafe import Markup

from brian2chip.analysis import render

SIZE = (3.7, 2.9)
#: Spikes of a picture from which on it is drawn as dots.
MANY = 2000


def histograms(weights: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> Markup:
    """Return a picture of the distribution of each projection's weights, requested and realised."""
    drawn = []
    for name, (requested, realised) in weights.items():
        figure, (ax,) = render.panels(1, 1, SIZE)
        low, high = min(requested.min(), realised.min()), max(requested.max(), realised.max())
        bins = np.linspace(low, high if high > low else low + 1, int(np.clip(np.sqrt(requested.size), 10, 60)))
        ax.hist(requested.ravel(), bins, color="0.75", label="requested")
        ax.hist(realised.ravel(), bins, histtype="step", color="C3", label="on the chip")
        ax.set(title=name, xlabel="weight", ylabel="synapses")
        ax.legend(frameon=False, fontsize=8)
        drawn.append((f"weights {name} before and after", figure))
    return render.small_multiples(drawn)


def rates(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> Markup:
    """Return a picture of the rates (Hz) of each population's neurons, after against before."""
    drawn = []
    for name in before:
        figure, (ax,) = render.panels(1, 1, SIZE)
        top = max(float(before[name].max()), float(after[name].max()), 1e-9)
        ax.plot([0, top], [0, top], color="0.8", lw=1)
        ax.plot(before[name], after[name], ".", color="C3", ms=4, rasterized=len(before[name]) > MANY)
        ax.set(title=name, xlabel="rate in float (Hz)", ylabel="rate on the chip (Hz)")
        drawn.append((f"rates of {name} on the chip against float", figure))
    return render.small_multiples(drawn)


def rasters(before: Mapping[str, tuple], after: Mapping[str, tuple]) -> Markup:
    """Return a picture of the spikes (step, neuron) of each population in one sample, in float and on the chip."""
    drawn = []
    for name in before:
        figure, (ax,) = render.panels(1, 1, SIZE)
        many = len(before[name][0]) + len(after[name][0]) > MANY
        ax.plot(*before[name], "|", color="0.6", ms=5, rasterized=many)
        ax.plot(*after[name], ".", color="C3", ms=2, rasterized=many)
        ax.set(title=f"{name}: float grey, chip red", xlabel="step", ylabel="neuron")
        drawn.append((f"spikes of {name} in the first sample, float and chip", figure))
    return render.small_multiples(drawn)


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
