"""Definitions and results as a notebook shows them: a name, its source, and a small table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from html import escape
from textwrap import dedent
from typing import Any

import numpy as np
import pandas as pd

#: Characters of a value that is shown, and rows of a table.
LONGEST, MOST_ROWS = 300, 40
LEFT = "style='text-align:left;vertical-align:top'"


def definition(thing: Any) -> str:
    """Return what a dataclass says, as HTML: its fields that differ from their defaults, equations as they are written."""
    rows = []
    for f in fields(thing):
        value = getattr(thing, f.name)
        default = f.default_factory() if f.default_factory is not MISSING else f.default
        if f.name in ("name", "source") or callable(value) or _same(value, default):
            continue
        rows.append(f"<tr><th {LEFT}>{escape(f.name)}</th><td style='text-align:left'>{_cell(value)}</td></tr>")
    return f"{_head(thing.name, type(thing).__name__)}<p>{escape(thing.source)}</p><table>{''.join(rows)}</table>"


def result(title: str, table: pd.DataFrame, *sentences: str) -> str:
    """Return a table under a title as HTML, with sentences below."""
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    return f"{_head(title)}{table.to_html(index=False, max_rows=MOST_ROWS, border=0)}{said}"


def words(value: Any) -> str:
    """Return a value in words of one line: a mapping as its entries, an array by its shape and range."""
    if isinstance(value, Mapping):
        return ", ".join(f"{key} = {words(each)}" for key, each in value.items())
    if isinstance(value, np.ndarray) and value.size > 1 and value.dtype.kind in "iuf":
        return f"{' x '.join(map(str, value.shape))} numbers from {value.min():.4g} to {value.max():.4g}"
    return _shortened(f"{value:.6g}" if isinstance(value, float) else str(value))


def _shortened(text: str) -> str:
    """Return a text, cut where it is long, which three dots say."""
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def _head(name: str, kind: str = "") -> str:
    return f"<p><strong>{escape(name)}</strong>{f' ({escape(kind)})' if kind else ''}</p>"


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and not isinstance(value, np.ndarray) and value == default)


def _without_functions(value: Any) -> str:
    """Return a value as text; of a mapping, such as a preset, without the functions in it."""
    return str({key: each for key, each in value.items() if not callable(each)} if isinstance(value, Mapping) else value)


def _cell(value: Any) -> str:
    """Return a value as HTML: text of several lines as it stands, a mapping as a table, a large array by its shape."""
    if isinstance(value, str):
        return f"<pre>{escape(dedent(value).strip())}</pre>" if "\n" in value else escape(_shortened(value))
    if isinstance(value, Mapping):
        return "<br>".join(f"{escape(str(key))} = {escape(_shortened(_without_functions(each)))}" for key, each in value.items())
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"array of shape {value.shape}"
    return escape(_shortened(str(value)))
