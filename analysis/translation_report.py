"""The page on a translation: what happened to every parameter, and what that did to the behaviour, in one self-contained file."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from brian2chip.analysis.page import STYLE, frame


def histograms(weights: Mapping[str, tuple[np.ndarray, np.ndarray]]) -> str:
    """Return a picture with the distribution of each projection's weights, requested and realised."""
    figure, axes = _figure(len(weights))
    for ax, (name, (requested, realised)) in zip(axes, weights.items()):
        low, high = min(requested.min(), realised.min()), max(requested.max(), realised.max())
        bins = np.linspace(low, high if high > low else low + 1, int(np.clip(np.sqrt(requested.size), 10, 60)))
        ax.hist(requested.ravel(), bins, color="0.75", label="requested")
        ax.hist(realised.ravel(), bins, histtype="step", color="C3", label="on the chip")
        ax.set(title=name, xlabel="weight", ylabel="synapses")
        ax.legend(frameon=False, fontsize=8)
    return _picture(figure, "weights before and after")


def rates(before: Mapping[str, np.ndarray], after: Mapping[str, np.ndarray]) -> str:
    """Return a picture of each neuron's rate (Hz) after against before."""
    figure, axes = _figure(len(before))
    for ax, name in zip(axes, before):
        top = max(float(before[name].max()), float(after[name].max()), 1e-9)
        ax.plot([0, top], [0, top], color="0.8", lw=1)
        ax.plot(before[name], after[name], ".", color="C3", ms=4)
        ax.set(title=name, xlabel="rate in float (Hz)", ylabel="rate on the chip (Hz)")
    return _picture(figure, "rates before and after")


def rasters(before: Mapping[str, tuple], after: Mapping[str, tuple]) -> str:
    """Return a picture of one sample's spikes (step, neuron), in float and on the chip."""
    figure, axes = _figure(len(before))
    for ax, name in zip(axes, before):
        ax.plot(*before[name], "|", color="0.6", ms=5)
        ax.plot(*after[name], ".", color="C3", ms=2)
        ax.set(title=f"{name}: float grey, chip red", xlabel="step", ylabel="neuron")
    return _picture(figure, "spikes of the first sample")


def _figure(n: int):
    columns = min(n, 3)
    rows = -(-n // columns)
    figure = Figure(figsize=(4.2 * columns, 3.2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[n:]:
        ax.remove()
    return figure, axes


def _picture(figure: Figure, text: str) -> str:
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110)
    return f'<img alt="{html.escape(text)}" src="data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()}">'


def page(
    title: str,
    verdict: str,
    about: str,
    problems: Sequence[tuple[str, str]],
    notes: Sequence[str],
    sections: Sequence[tuple[str, str, Any]],
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
    wrong = pd.DataFrame(problems, columns=["what", "what to do"]) if problems else None
    body = "".join(
        f"<h2>{html.escape(heading)}</h2><p>{html.escape(words)}</p>{frame(content) if isinstance(content, pd.DataFrame) else content}"
        for heading, words, content in sections
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{html.escape(title)}</title><style>{STYLE}</style></head><body>
<h1>{html.escape(title)}</h1>
<p><strong>{html.escape(verdict)}</strong></p><p class="soft">{html.escape(about)}</p>
{"<h2>Problems</h2>" + frame(wrong) if wrong is not None else ""}
{"<h2>What the chip does differently</h2><ul>" + "".join(f"<li>{html.escape(n)}</li>" for n in notes) + "</ul>" if notes else ""}
{body}
</body></html>
"""
