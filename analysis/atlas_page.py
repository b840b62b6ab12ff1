"""The page of the atlas, and the same as Markdown: rules by protocols, why not, and what each rule needs."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from brian2chip.analysis import render

#: Data points from which rules are ranked.
ENOUGH = 3
#: Shares of the data's change from which a cell is shaded more, and the classes of the style sheet.
SHADES = ((0.75, "most"), (0.5, "much"), (0.25, "some"), (0.0, "little"))
#: How a cell without a score is written.
NO_SCORE = {"no": "–", "failed": "failed", "not run": "not run"}
#: Sign of a rule whose values are of another tissue.
OTHER_TISSUE = "†"
SIZE, BEST = (5.6, 2.8), 3
NEEDS = {
    "rule": "rule",
    "local_in_space": "local in space",
    "local_in_time": "local in time",
    "needs": "needs",
    "third_factors": "third factors",
    "updates_at": "changes at",
    "memory_float64_bytes": "bytes",
    "memory_beyond_weight_growth": "memory beyond weights",
    "clock_work_growth": "work each step",
    "pre_event_at_synapse_operations": "operations a pre spike",
    "post_event_at_synapse_operations": "operations a post spike",
}


def names(table: pd.DataFrame) -> pd.Series:
    """Return each row's rule with its preset, as it is called by."""
    return table["rule"] + table["preset"].map(lambda preset: f":{preset}" if preset else "")


def best(table: pd.DataFrame) -> pd.Series:
    """Return whether a row has the smallest score of its protocol, of those that are ranked."""
    ranked = table["score"].where(table["ranked"] & table["score_name"].isin(("E", "rmse")))
    return ranked.notna() & (ranked == ranked.groupby(table["protocol"]).transform("min"))


def look(row: Mapping[str, Any]) -> str:
    """Return the class of a cell: how much of the change it explains, where there are points enough to say so."""
    share = row["change_explained"]
    return next((name for least, name in SHADES if share > least), "") if row["ranked"] else ""


def cell(row: Mapping[str, Any]) -> str:
    """Return a cell in words: the score, its standard error, the share of the change that it explains where rules are ranked."""
    if row["applies"] != "yes":
        return NO_SCORE[row["applies"]]
    text = "none" if math.isnan(row["score"]) else f"{row['score']:.3g}" if abs(row["score"]) < 1000 else f"{row['score']:.0f}"
    if row["score_sem"] > 0:
        text += f" ± {row['score_sem']:.2g}"
    if row["ranked"]:
        text += f" ({100 * row['change_explained']:.0f} %)" if row["change_explained"] > 0 else " (worse)"
        text = text.replace("(worse)", "(0 %)") if row["change_explained"] == 0 else text
    return text + (f" {OTHER_TISSUE}" if row["tissue_note"] else "")


def columns(table: pd.DataFrame) -> dict[str, str]:
    """Return the heading of each protocol, with the name of its score and the number of points where they are too few."""
    found = {}
    for protocol, rows in table.groupby("protocol", sort=False):
        scores, points = [name for name in rows["score_name"] if name], int(rows["points"].max())
        few = f", {points} point{'s' * (points > 1)}" if 0 < points < ENOUGH else ""
        found[protocol] = f"{protocol} ({scores[0]}{few})" if scores else protocol
    return found


def wide(table: pd.DataFrame) -> pd.DataFrame:
    """Return the cells in words, one row a rule and one column a protocol."""
    text = pd.DataFrame({"rule": names(table), "protocol": table["protocol"], "text": [cell(row) for row in table.to_dict("records")]})
    found = text.pivot(index="rule", columns="protocol", values="text").reindex(index=text["rule"].unique(), columns=list(columns(table)))
    return found.rename(columns=columns(table))


def refusals(table: pd.DataFrame) -> list[str]:
    """Return why rules have no score, one sentence for a rule with its presets in a protocol."""
    found = []
    for (rule, protocol, applies), rows in table[table["applies"] != "yes"].groupby(["rule", "protocol", "applies"], sort=False):
        called = list(names(rows))
        more = f" and {len(called) - 1} more of its sets" if len(called) > 1 else ""
        found.append(f"{called[0]}{more} on {protocol}{'' if applies == 'no' else f' ({applies})'}: {rows['why'].iloc[0]}")
    return found


def needs(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each rule needs, one row a rule."""
    once = table.drop_duplicates("rule")
    return once[list(NEEDS)].rename(columns=NEEDS).reset_index(drop=True)


def said(table: pd.DataFrame, protocol: str) -> dict[str, Any]:
    """Return what there is to say of a protocol: rules that nothing moved, replicas that are too few, values of another tissue."""
    rows = table[table["protocol"] == protocol]
    unmoved = list(names(rows[rows["unmoved"]]))
    notes = rows[rows["tissue_note"] != ""]
    tissues = [f"{', '.join(names(group))}: {note}" for note, group in notes.groupby("tissue_note", sort=False)]
    return {
        "unmoved": unmoved,
        "advice": [text for text in rows["advice"] if text],
        "tissues": tissues,
        "points": int(rows["points"].max()),
    }


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
        line += [render.Cell(local if first["needs"] else "–"), render.Cell(" + ".join("–" if pd.isna(n) else f"{n:.0f}" for n in cost))]
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


def took(table: pd.DataFrame) -> str:
    """Return in words how long the cells took and how many there are."""
    counts = table["applies"].value_counts()
    return (
        f"{len(table)} cells: {counts.get('yes', 0)} scores, {counts.get('no', 0)} that do not apply, {counts.get('failed', 0)} failed, "
        f"{counts.get('not run', 0)} not run; {table['seconds'].sum() / 60:.1f} minutes of one process"
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
    return render.picture(f"{protocol}: its data and the changes of {', '.join(first) or 'the rules'}", render.png(figure))


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
