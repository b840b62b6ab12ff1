"""Self-contained HTML pages from the templates beside this file: tables, pictures, and whole pages."""

from __future__ import annotations

import base64
import io
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from matplotlib import rc_context
from matplotlib.figure import Figure

#: Every text that a template prints is escaped; only what these functions return is HTML already.
TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)

#: Of the parts of a picture that are drawn as dots because they hold thousands of points.
RASTER_DPI = 160
#: What is drawn in black and dark grey is light in a page that is dark; colours stay.
IN_THE_DARK = (
    "@media (prefers-color-scheme: dark) { text { fill: #e6e9ee !important; } "
    "[style*='stroke: #000000'] { stroke: #e6e9ee !important; } [style*='fill: #000000'] { fill: #e6e9ee !important; } "
    "use[style*='stroke: #000000']:not([style*='fill']) { fill: #e6e9ee; } "
    "[style*='stroke: #cccccc'] { stroke: #4a525e !important; } [style*='fill: #ffffff'] { fill: none !important; } }"
)


class Cell(NamedTuple):
    """The text of a table's cell, and the class by which the style sheet draws it."""

    text: str
    look: str = ""


def page(template: str, title: str, **content: Any) -> str:
    """Return a page: one of the templates with its content."""
    return TEMPLATES.get_template(template).render(title=title, **content)


def table(frame: pd.DataFrame, best: Collection[str] = ()) -> Markup:
    """Return a DataFrame as an HTML table; the smallest value of the columns in ``best`` is marked."""
    words = {c for c in frame.columns if frame[c].map(lambda v: isinstance(v, str)).any()}
    smallest = {c: frame[c].min() for c in best}
    heads = [Cell(str(c), "words" if c in words else "") for c in frame.columns]
    rows = [[_cell(row[c], c in smallest and row[c] == smallest[c]) for c in frame.columns] for row in frame.to_dict("records")]
    return TEMPLATES.get_template("parts.html").module.table(heads, rows)


def _cell(value: Any, best: bool) -> Cell:
    if isinstance(value, str):
        return Cell(value, "words")
    if isinstance(value, (bool, np.bool_)):
        return Cell("yes" if value else "no")
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return Cell("–")
    text = f"{value:,}" if isinstance(value, (int, np.integer)) else f"{value:,.3g}" if abs(value) < 999.5 else f"{value:,.0f}"
    return Cell(text, "best" if best else "")


def svg(figure: Figure) -> bytes:
    """Return a figure as an SVG picture on a transparent ground: sharp at every size, and light where the reader's pages are dark."""
    buffer = io.StringIO()
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "brian2chip"}):
        figure.savefig(buffer, format="svg", transparent=True, dpi=RASTER_DPI, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    return text.replace("<defs>", f"<style>{IN_THE_DARK}</style>\n <defs>", 1).encode()


def picture(text: str, content: bytes) -> Markup:
    """Return an SVG picture as HTML that needs no other file; ``text`` says what is in it to whoever cannot see it."""
    return TEMPLATES.get_template("parts.html").module.picture(text, base64.b64encode(content).decode())


def small_multiples(drawn: Sequence[tuple[str, Figure]]) -> Markup:
    """Return figures, each with the text for whoever cannot see it, side by side as far as the page is wide."""
    return side_by_side([picture(text, svg(figure)) for text, figure in drawn])


def side_by_side(pictures: Sequence[Markup]) -> Markup:
    """Return pictures in rows, as many in each as the page is wide."""
    return TEMPLATES.get_template("parts.html").module.pictures(pictures)


def panels(count: int, columns: int, size: tuple[float, float]) -> tuple[Figure, np.ndarray]:
    """Return a figure, apart from pyplot's, with ``count`` axes in rows of ``columns``, each of ``size`` inches."""
    columns = min(count, columns)
    rows = -(-count // columns)
    figure = Figure(figsize=(size[0] * columns, size[1] * rows), layout="constrained")
    axes = figure.subplots(rows, columns, squeeze=False).ravel()
    for ax in axes[count:]:
        ax.remove()
    return figure, axes[:count]
