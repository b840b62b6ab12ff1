"""The atlas as Markdown, for the documentation."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from brian2chip.analysis import render
from brian2chip.analysis.atlas_words import ENOUGH, best, columns, names, needs, refusals, took, wide


def markdown(table: pd.DataFrame, sources: Mapping[str, tuple[str, str]], about: Mapping[str, Any]) -> str:
    """Return the atlas as a Markdown document; the arguments are as for :func:`page`."""
    text = wide(table)
    marked = table.assign(name=names(table))[best(table)]
    for row in marked.to_dict("records"):
        column = columns(table)[row["protocol"]]
        text.loc[row["name"], column] = f"**{text.loc[row['name'], column]}**"
    lines = [
        *render.TEMPLATES.get_template("atlas.md").render(enough=ENOUGH, took=took(table), seed=about["seed"]).splitlines(),
        "",
        *_markdown_table(text.rename(index=lambda name: f"`{name}`").reset_index()),
        *("", "## Experiments", ""),
        *(f"- `{protocol}`: {_escaped(source)}. Measured: {_escaped(measured)}." for protocol, (source, measured) in sources.items()),
        *("", "## What each rule needs", "", "Of 1,000 neurons that are all connected, computed from the equations.", ""),
        *_markdown_table(needs(table)),
        *("", "## Where a rule has no score, and why", ""),
        *(f"- {_escaped(sentence)}" for sentence in refusals(table)),
        "",
    ]
    return "\n".join(lines)


def _markdown_table(table: pd.DataFrame) -> list[str]:
    rows = [[_escaped(_value(value)) for value in row] for row in table.itertuples(index=False)]
    return [f"| {' | '.join(line)} |" for line in (map(str, table.columns), ["---"] * len(table.columns), *rows)]


def _value(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "–"
    if isinstance(value, str):
        return value
    return {True: "yes", False: "no"}[value] if str(value) in ("True", "False") else f"{value:,.0f}"


def _escaped(text: str) -> str:
    """Return a text in which nothing is Markdown but bold cells and code."""
    bold = text.startswith("**") and text.endswith("**")
    inner = (text[2:-2] if bold else text).replace("<", "&lt;").replace("*", r"\*").replace("|", r"\|")
    return f"**{inner}**" if bold else inner
