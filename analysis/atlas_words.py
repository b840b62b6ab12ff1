"""What the atlas says in a cell and of a rule or an experiment, in words; page and Markdown are made of it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

#: Data points from which rules are ranked.
ENOUGH = 3
#: Shares of the data's change from which a cell is shaded more, and the classes of the style sheet.
SHADES = ((0.75, "most"), (0.5, "much"), (0.25, "some"), (0.0, "little"))
#: How a cell without a score is written.
NO_SCORE = {"no": "–", "failed": "failed", "not run": "not run"}
#: Sign of a rule whose values are of another tissue.
OTHER_TISSUE = "†"
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
        text += f" ({100 * row['change_explained']:.0f} %)" if row["change_explained"] >= 0 else " (worse)"
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
    """Return why rules have no score: one sentence for the sets of a rule and the protocols that are refused in the same words."""
    same: dict[tuple[str, ...], dict[str, list[tuple[str, str]]]] = {}
    for row in table.assign(name=names(table))[table["applies"] != "yes"].to_dict("records"):
        words = row["why"].replace(row["protocol"], "").replace(row["name"], "")
        same.setdefault((row["rule"], row["applies"], words), {}).setdefault(row["name"], []).append((row["protocol"], row["why"]))
    found = []
    for (_, applies, _), places in same.items():
        where = {name: ", ".join(protocol for protocol, _ in each) for name, each in places.items()}
        for protocols in dict.fromkeys(where.values()):
            called = [name for name in where if where[name] == protocols]
            how = "" if applies == "no" else f" ({applies})"
            found.append(f"{', '.join(called)} on {protocols}{how}: {places[called[0]][0][1]}")
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


def took(table: pd.DataFrame) -> str:
    """Return in words how long the cells took and how many there are."""
    counts = table["applies"].value_counts()
    return (
        f"{len(table)} cells: {counts.get('yes', 0)} scores, {counts.get('no', 0)} that do not apply, {counts.get('failed', 0)} failed, "
        f"{counts.get('not run', 0)} not run; {table['seconds'].sum() / 60:.1f} minutes of one process"
    )
