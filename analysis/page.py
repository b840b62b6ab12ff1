"""The comparison page: tables and pictures of rules and protocols in one self-contained HTML file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis import render

#: Inches of a picture in the page: readable on a phone, three beside each other on a desktop.
SIZE = (3.7, 2.9)
#: Points between axes and title: a legend may stand there.
TITLE_PAD = 16


def panels(tables: Mapping[str, pd.DataFrame], plot: Callable, path: Path | None = None) -> dict[str, bytes]:
    """Return an SVG picture for each rule, on common axes.

    Parameters
    ----------
    tables : mapping of rule name to DataFrame
    plot : callable
        ``plot(table, ax)``.
    path : Path, optional
        Of a PNG file that shows all of them side by side.
    """
    figure, axes = render.panels(len(tables), 2, SIZE)
    for ax, (rule, table) in zip(axes, tables.items()):
        plot(table, ax=ax)
        ax.set_title(rule, fontsize="medium", pad=TITLE_PAD)
    limits = [np.array([getattr(ax, f"get_{side}lim")() for ax in axes]) for side in "xy"]
    # An axis that runs downwards (points) keeps its direction.
    common = [(values.min(), values.max()) if values[0, 0] < values[0, 1] else (values.max(), values.min()) for values in limits]
    for ax in axes:
        ax.set(xlim=common[0], ylim=common[1])
    if path is not None:
        figure.savefig(path, dpi=160)
    return {rule: _alone(rule, table, plot, common) for rule, table in tables.items()}


def _alone(rule: str, table: pd.DataFrame, plot: Callable, limits: list[tuple[float, float]]) -> bytes:
    figure, (ax,) = render.panels(1, 1, SIZE)
    plot(table, ax=ax)
    ax.set(xlim=limits[0], ylim=limits[1])
    ax.set_title(rule, fontsize="medium", pad=TITLE_PAD)
    return render.svg(figure)


def needs(account: pd.DataFrame) -> pd.DataFrame:
    """Return the account with one column a rule and one row a property; properties that no rule has are left out."""
    shown = account.set_index("rule").T
    empty = shown.map(lambda v: v in ("", 0, None) and not isinstance(v, (bool, np.bool_)))
    shown = shown[~empty.all(axis=1)].reset_index(names="property")
    return shown.assign(property=shown["property"].str.replace("_", " "))


def comparison(
    scores: pd.DataFrame,
    account: pd.DataFrame,
    pictures: Mapping[str, Mapping[str, bytes]],
    sources: Mapping[str, tuple[str, str]],
    about: Mapping[str, Any],
) -> str:
    """Return the page.

    Parameters
    ----------
    scores : DataFrame
        Columns ``protocol``, ``rule``, ``score_name``, ``score``, ``unmoved`` (no condition changed the rule), ``why`` and,
        where known, ``score_sem``.
    account : DataFrame
        One row a rule, as :func:`brian2chip.analysis.locality.account_table` returns.
    pictures : mapping of protocol to mapping of rule to SVG bytes
    sources : mapping of protocol to (citation, what is measured)
    about : mapping
        Versions, machine and the runs.
    """
    wide, runs = _wide(scores), about["runs"]
    parameters = [{"rule": r["rule"], "parameters": ", ".join(f"{k} = {v}" for k, v in r["parameters"].items())} for r in runs]
    return render.page(
        "comparison.html",
        "Plasticity rules against published experiments",
        scores=render.table(wide, best=wide.columns[1:]),
        uncertain=[run for run in scores.to_dict("records") if run.get("score_sem", 0) > 0],
        refused=[run for run in scores.to_dict("records") if run["why"]],
        protocols=[_section(name, scores, drawn, *sources[name]) for name, drawn in pictures.items()],
        needs=render.table(needs(account)),
        parameters=render.table(pd.DataFrame(parameters).drop_duplicates()),
        versions=[f"{name} {version}" for name, version in about["versions"].items()],
        seeds=sorted({run["seed"] for run in runs}),
        devices=sorted({str(run.get("device")) for run in runs}),
    )


def _wide(scores: pd.DataFrame) -> pd.DataFrame:
    """Return the scores with one row a rule and one column a protocol, which names the score too."""
    names = {p: group["score_name"].replace("", np.nan).dropna().iloc[:1].tolist() for p, group in scores.groupby("protocol", sort=False)}
    wide = scores.pivot(index="rule", columns="protocol", values="score").reindex(scores["rule"].unique())[list(names)]
    wide.columns = [f"{protocol} ({name[0]})" if name else protocol for protocol, name in names.items()]
    return wide.reset_index()


def _section(protocol: str, scores: pd.DataFrame, pictures: Mapping[str, bytes], source: str, measured: str) -> dict[str, Any]:
    """Return what the page says of a protocol."""
    return {
        "name": protocol,
        "source": source,
        "measured": measured,
        "unmoved": scores[(scores["protocol"] == protocol) & scores["unmoved"]]["rule"].tolist(),
        "pictures": [render.picture(f"{rule} on {protocol}, over the published data", content) for rule, content in pictures.items()],
    }
