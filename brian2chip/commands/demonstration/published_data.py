"""Pair and triplet STDP against the experiments that found them."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from brian2chip.analysis import render
from brian2chip.analysis.demo_page import Section
from brian2chip.analysis.page import panels
from brian2chip.protocols.compare import Comparison, compare
from brian2chip.protocols.run import plot

RULES = ("stdp", "triplet:hippocampus_all_full", "triplet:visual_cortex_all_full")


def section(seed: int) -> tuple[Section, dict[str, pd.DataFrame]]:
    """Return the section and its tables: the rules through the experiments that have data points."""
    found = compare(RULES, seed=seed)
    scores = found.scores
    best = scores.loc[scores.groupby("protocol", sort=False)["score"].idxmin()]
    said = "; ".join(f"{row.rule} on {row.protocol} ({row.score_name} {row.score:.3g})" for row in best.itertuples())
    section = Section(
        "Rules against published experiments",
        f"Closest to the data: {said}.",
        "Each rule went through each protocol as equations in Brian2; points are the published data. rmse: root mean square distance "
        "as a fraction of the initial weight; E: mean squared distance in units of the published standard error. Smaller is better.",
        (render.table(_wide(scores), best=_wide(scores).columns[1:]), *(_pictures(protocol, found) for protocol in found.sources)),
    )
    return section, {"scores": scores, **{f"{protocol}__{rule.replace(':', '_')}": t for (protocol, rule), t in found.tables.items()}}


def _wide(scores: pd.DataFrame) -> pd.DataFrame:
    """Return a row a rule and a column an experiment with the name of its score."""
    heads = scores["protocol"] + " (" + scores["score_name"] + ")"
    wide = scores.assign(head=heads).pivot(index="rule", columns="head", values="score")
    return wide.loc[scores["rule"].unique(), heads.unique()].reset_index()


def _pictures(protocol: str, found: Comparison) -> Markup:
    tables = {rule: table for (name, rule), table in found.tables.items() if name == protocol}
    heading = Markup("<h3>{}</h3>").format(f"{protocol}: {found.sources[protocol][0]}")
    pictures = [render.picture(f"{rule} on {protocol}, over the published data", drawn) for rule, drawn in panels(tables, plot).items()]
    return heading + render.side_by_side(pictures)
