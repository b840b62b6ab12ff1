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
        rows.append(
            f"<tr><th style='text-align:left;vertical-align:top'>{escape(f.name)}</th><td style='text-align:left'>{_cell(value)}</td></tr>"
        )
    return f"{_head(thing.name, type(thing).__name__)}<p>{escape(thing.source)}</p><table>{''.join(rows)}</table>"


def result(title: str, table: pd.DataFrame, *sentences: str) -> str:
    """Return a table under a title as HTML, with sentences below."""
    said = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    return f"{_head(title)}{table.to_html(index=False, max_rows=MOST_ROWS, border=0)}{said}"


def _head(name: str, kind: str = "") -> str:
    return f"<p><strong>{escape(name)}</strong>{f' ({escape(kind)})' if kind else ''}</p>"


def _same(value: Any, default: Any) -> bool:
    return value is default or (type(value) is type(default) and not isinstance(value, np.ndarray) and value == default)


def _cell(value: Any) -> str:
    """Return a value as HTML: text of several lines as it stands, a mapping as a table, a large array by its shape."""
    if isinstance(value, str):
        return f"<pre>{escape(dedent(value).strip())}</pre>" if "\n" in value else escape(value[:LONGEST])
    if isinstance(value, Mapping):
        return "<br>".join(f"{escape(str(key))} = {escape(str(each))[:LONGEST]}" for key, each in value.items())
    if isinstance(value, np.ndarray) and value.size > 8:
        return f"array of shape {value.shape}"
    return escape(str(value)[:LONGEST])
