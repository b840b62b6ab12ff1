"""The page of the atlas: rules by protocols, why not, and what each rule needs, in one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from brian2chip.analysis import render
from brian2chip.analysis.atlas_words import ENOUGH, SHADES, best, cell, columns, look, names, needs, refusals, said, took

#: Inches of a picture, and rules that are coloured in it.
SIZE, BEST = (5.6, 2.8), 3


def page(
    table: pd.DataFrame,
    changes: Mapping[tuple[str, str], list[float]],
    data: Mapping[str, pd.DataFrame],
    sources: Mapping[str, tuple[str, str]],
    about: Mapping[str, Any],
) -> str:
    """Return the page of an atlas; the arguments are the fields of :class:`brian2chip.protocols.atlas.Atlas`."""
    marked = table.assign(name=names(table), best=best(table))
    rows = []
    for rule, group in marked.groupby("name", sort=False):
        scores = {row["protocol"]: row for row in group.to_dict("records")}
        first = group.iloc[0]
        local = " and ".join(where for where in ("space", "time") if first[f"local_in_{where}"]) or "no"
        cost = [first[f"{side}_event_at_synapse_operations"] for side in ("pre", "post")]
        line = [render.Cell(rule, "words")]
        line += [render.Cell(cell(r), f"{look(r)}{' best' if r['best'] else ''}".strip()) for r in scores.values()]
        line += [
            render.Cell("–" if pd.isna(first["needs"]) else local),
            render.Cell(" + ".join("–" if pd.isna(n) else f"{n:.0f}" for n in cost)),
        ]
        rows.append(line)
    heads = [render.Cell("rule", "words"), *map(render.Cell, [*columns(table).values(), "local in", "operations (pre + post)"])]
    sections = []
    for protocol, (source, measured) in sources.items():
        picture = _picture(marked, protocol, changes, data[protocol])
        sections.append({"name": protocol, "source": source, "measured": measured, "picture": picture, **said(table, protocol)})
    return render.page(
        "atlas.html",
        "Atlas of plasticity rules and experiments",
        scores=render.TEMPLATES.get_template("parts.html").module.table(heads, rows),
        shades=[(name, f"over {100 * least:.0f} %") for least, name in SHADES],
        enough=ENOUGH,
        protocols=sections,
        refused=refusals(table),
        needs=render.table(needs(table)),
        took=took(table),
        seed=about["seed"],
        versions=[f"{name} {version}" for name, version in about["versions"].items()],
    )


def _picture(table: pd.DataFrame, protocol: str, changes: Mapping, data: pd.DataFrame) -> str:
    """Return a small picture of a protocol's data with the rules' changes: the best coloured where rules are ranked, the others grey."""
    if data.empty:
        return ""
    rows = table[(table["protocol"] == protocol) & (table["applies"] == "yes")]
    first = rows[rows["ranked"]].drop_duplicates("score").nsmallest(BEST, "score")["name"].tolist()
    figure, (ax,) = render.panels(1, 1, SIZE)
    x = range(len(data))
    for rule in rows["name"]:
        if rule not in first and (protocol, rule) in changes:
            ax.plot(x, [100 * dw for dw in changes[protocol, rule]], "_", color="0.75", markersize=5)
    for rule in first:
        ax.plot(x, [100 * dw for dw in changes[protocol, rule]], "o", markersize=4, alpha=0.8, label=rule)
    error = 100 * data["data_sem"] if "data_sem" in data and data["data_sem"].notna().any() else None
    ax.errorbar(x, 100 * data["data_dw"], error, fmt="_", color="black", markersize=8, label="data")
    low, high = (100 * data["data_dw"]).min(), (100 * data["data_dw"]).max()
    room = max(high - low, 20.0)
    ax.set(xlabel="data point", ylabel="change (%)", ylim=(low - room, high + room))
    ax.legend(fontsize="x-small", frameon=False)
    return render.picture(f"{protocol}: its data and the changes of {', '.join(first) or 'the rules'}", render.svg(figure))
