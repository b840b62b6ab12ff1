"""The page of the demonstration: a section an idea, each with the one line that matters first, and curves that a slider moves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from brian2chip.analysis import render

#: Pixels of the moving picture and of its margins: left, right, top, bottom.
WIDTH, HEIGHT, MARGINS = 560, 320, (58, 12, 12, 44)


@dataclass(frozen=True)
class Section:
    """One idea.

    Attributes
    ----------
    title : str
    line : str
        What came out, in one sentence.
    words : str
        What was done.
    parts : tuple of Markup
        Tables and pictures.
    """

    title: str
    line: str
    words: str
    parts: tuple[Markup, ...]


@dataclass(frozen=True)
class Curves:
    """Curves over a common axis at several values of something that a reader moves.

    Attributes
    ----------
    name, unit : str
        Of what is moved, e.g. "pairs a second" and "Hz".
    values : array [values]
    x : array [points]
    x_label, y_label : str
    y : mapping of curve name to array [values, points]
    """

    name: str
    unit: str
    values: np.ndarray
    x: np.ndarray
    x_label: str
    y_label: str
    y: dict[str, np.ndarray]

    @property
    def limits(self) -> tuple[float, float, float, float]:
        """Return the ends of both axes: all curves fit at every value."""
        values = np.concatenate([np.ravel(y) for y in self.y.values()])
        low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
        edge = 0.05 * ((high - low) or 1.0)
        return float(self.x.min()), float(self.x.max()), low - edge, high + edge


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers between two ends, about so many."""
    step = 10.0 ** np.floor(np.log10((high - low) / about))
    step *= next(k for k in (1, 2, 5, 10) if (high - low) / (k * step) <= about)
    first = np.ceil(low / step)
    return [float(round(k * step, 10)) + 0.0 for k in np.arange(first, np.floor(high / step) + 1)]  # -0.0 + 0.0 is 0.0


def moving(curves: Curves, start: int, text: str) -> Markup:
    """Return a picture whose curves a slider moves along the values; without scripts it shows the value at ``start``.

    Parameters
    ----------
    curves : Curves
    start : int
        Index of the value that is shown first.
    text : str
        What is in the picture, for whoever cannot see it.
    """
    x0, x1, y0, y1 = curves.limits
    left, right, top, bottom = MARGINS

    def column(x: float) -> float:
        return round(left + (x - x0) / (x1 - x0) * (WIDTH - left - right), 1)

    def row(y: float) -> float:
        return round(top + (y1 - y) / (y1 - y0) * (HEIGHT - top - bottom), 1)

    columns = [column(x) for x in curves.x]
    begins = {0, *(np.flatnonzero(np.diff(np.sign(curves.x))) + 1).tolist()}  # a jump at zero is no line
    lines = {
        name: ["".join(f"{'M' if k in begins else 'L'}{columns[k]} {row(v)}" for k, v in enumerate(each)) for each in y]
        for name, y in curves.y.items()
    }
    return Markup(
        render.page(
            "moving.html",
            "",
            text=text,
            curves=curves,
            start=start,
            width=WIDTH,
            height=HEIGHT,
            frame=(left, top, WIDTH - right, HEIGHT - bottom),
            x_ticks=[(f"{x:g}", column(x)) for x in ticks(x0, x1)],
            y_ticks=[(f"{y:g}", row(y)) for y in ticks(y0, y1)],
            zero=row(0.0),
            lines=lines,
            data=Markup(json.dumps({"values": [f"{v:g}" for v in curves.values], "lines": list(lines.values())})),
        )
    )


def page(sections: Sequence[Section], took: str, versions: Sequence[str], seed: int) -> str:
    """Return the page.

    Parameters
    ----------
    sections : sequence of Section
    took : str
        How long it took, in words.
    versions : sequence of str
    seed : int
    """
    return render.page("demo.html", "What brian2chip does, on one page", sections=sections, took=took, versions=versions, seed=seed)
