"""The comparison page: tables and pictures of rules and protocols in one self-contained HTML file."""

import base64
import html
import io

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

STYLE = """
:root { color-scheme: light; --ink: #1c2430; --soft: #5b6675; --line: #dde3ea; --best: #e3f3e6; --wash: #f6f8fa; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 72rem; padding: 1.2rem; font: 16px/1.5 system-ui, sans-serif; color: var(--ink); }
h1 { font-size: 1.6rem; line-height: 1.2; margin: .4rem 0 .2rem; }
h2 { font-size: 1.2rem; margin: 2.2rem 0 .3rem; }
p, li { max-width: 44rem; }
.soft { color: var(--soft); font-size: .9rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .92rem; }
th, td { padding: .45rem .7rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { background: var(--wash); font-weight: 600; }
td.words { white-space: normal; min-width: 11rem; }
th:first-child, td:first-child, .words { text-align: left; }
tr:last-child td { border-bottom: 0; }
td.best { background: var(--best); font-weight: 600; }
.pictures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(26rem, 100%), 1fr)); gap: .6rem; }
img { width: 100%; height: auto; border: 1px solid var(--line); border-radius: .5rem; margin-top: .5rem; }
"""


def _figure(columns=1, rows=1):
    figure = Figure(figsize=(5.6 * columns, 4.0 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    return figure, figure.subplots(rows, columns, squeeze=False).ravel()


def panels(tables, plot, path):
    """Draw one panel a rule on common axes: all into one PNG file, and each alone for the page.

    Parameters
    ----------
    tables : mapping of rule name to DataFrame
    plot : callable
        ``plot(table, ax)``.
    path : Path

    Returns
    -------
    dict of rule name to bytes
        A PNG picture each.
    """
    columns = min(len(tables), 2)
    figure, axes = _figure(columns, -(-len(tables) // columns))
    for ax, table in zip(axes, tables.values()):
        plot(table, ax=ax)
    used = axes[: len(tables)]
    limits = [np.array([getattr(ax, f"get_{side}lim")() for ax in used]) for side in "xy"]
    # An axis that runs downwards (points) keeps its direction.
    common = [(values.min(), values.max()) if values[0, 0] < values[0, 1] else (values.max(), values.min()) for values in limits]
    for ax in used:
        ax.set(xlim=common[0], ylim=common[1])
    for ax in axes[len(tables) :]:
        ax.remove()
    figure.savefig(path, dpi=110)
    return {rule: _alone(table, plot, common) for rule, table in tables.items()}


def _alone(table, plot, limits):
    figure, (ax,) = _figure()
    plot(table, ax=ax)
    ax.set(xlim=limits[0], ylim=limits[1])
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=110, format="png")
    return buffer.getvalue()


def _cell(value, best=False):
    if isinstance(value, str):
        return f'<td class="words">{html.escape(value)}</td>'
    if isinstance(value, (bool, np.bool_)):
        return f"<td>{'yes' if value else 'no'}</td>"
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "<td>&ndash;</td>"
    text = f"{value:,}" if isinstance(value, (int, np.integer)) else f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f'<td class="best">{text}</td>' if best else f"<td>{text}</td>"


def frame(table, best=()):
    """Return a DataFrame as an HTML table; the smallest value of the columns in ``best`` is marked."""
    words = {c for c in table.columns if table[c].map(lambda v: isinstance(v, str)).any()}
    head = "".join(f"<th{' class=words' if c in words else ''}>{html.escape(str(c))}</th>" for c in table.columns)
    smallest = {c: table[c].min() for c in best}
    body = "".join(
        "<tr>" + "".join(_cell(row[c], c in smallest and row[c] == smallest[c]) for c in table.columns) + "</tr>"
        for row in table.to_dict("records")
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def needs(account):
    """Return the account with one column a rule and one row a property; properties that no rule has are left out."""
    shown = account.set_index("rule").T
    empty = shown.map(lambda v: v in ("", 0, None) and not isinstance(v, (bool, np.bool_)))
    shown = shown[~empty.all(axis=1)].reset_index(names="property")
    return shown.assign(property=shown["property"].str.replace("_", " "))


def _unmoved(protocol, scores):
    """Return a sentence about the rules that no condition of a protocol changed."""
    still = scores[(scores["protocol"] == protocol) & scores["unmoved"]]["rule"]
    if still.empty:
        return ""
    return f"<p>No condition changed {html.escape(', '.join(still))}: this stimulation stays outside what moves that rule.</p>"


def comparison(scores, account, pictures, sources, about):
    """Return the page.

    Parameters
    ----------
    scores : DataFrame
        Columns ``protocol``, ``rule``, ``score_name``, ``score``, ``unmoved`` (no condition changed the rule), ``why``.
    account : DataFrame
        One row a rule, as :func:`brian2chip.analysis.locality.account_table` returns.
    pictures : mapping of protocol to mapping of rule to PNG bytes
    sources : mapping of protocol to (citation, what is measured)
    about : mapping
        Versions, machine and the runs.
    """
    names = {p: group["score_name"].replace("", np.nan).dropna().iloc[:1].tolist() for p, group in scores.groupby("protocol", sort=False)}
    wide = scores.pivot(index="rule", columns="protocol", values="score").reindex(scores["rule"].unique())[list(names)]
    wide.columns = [f"{p} ({names[p][0]})" if names[p] else p for p in wide.columns]
    wide = wide.reset_index()
    refused = [f"<li>{html.escape(r.rule)} on {html.escape(r.protocol)}: {html.escape(r.why)}</li>" for r in scores.itertuples() if r.why]
    sections = []
    for protocol, drawn in pictures.items():
        source, measured = sources[protocol]
        images = "".join(
            f'<img alt="{html.escape(rule)} on {html.escape(protocol)}, over the published data" '
            f'src="data:image/png;base64,{base64.b64encode(picture).decode()}">'
            for rule, picture in drawn.items()
        )
        sections.append(
            f"<h2>{html.escape(protocol)}</h2><p class='soft'>{html.escape(source)}. Measured: {html.escape(measured)}.</p>"
            f"{_unmoved(protocol, scores)}<div class='pictures'>{images}</div>"
        )
    parameters = pd.DataFrame(
        [{"rule": r["rule"], "parameters": ", ".join(f"{k} = {v}" for k, v in r["parameters"].items())} for r in about["runs"]]
    ).drop_duplicates()
    versions = ", ".join(f"{k} {v}" for k, v in about["versions"].items())
    seeds = sorted({r["seed"] for r in about["runs"]})
    devices = sorted({str(r.get("device")) for r in about["runs"]})
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plasticity rules against published experiments</title><style>{STYLE}</style></head><body>
<h1>Plasticity rules against published experiments</h1>
<p>Each rule ran through each protocol as equations in Brian2; the points in the pictures are the published data. Every score
counts a distance from the data, so smaller is better; the smallest of each protocol is marked.</p>
{frame(wide, best=wide.columns[1:])}
<p class="soft">E: mean squared distance in units of the published standard error (Pfister &amp; Gerstner 2006).
rmse: root mean square distance, as a fraction of the initial weight.</p>
{"<ul>" + "".join(refused) + "</ul>" if refused else ""}
{"".join(sections)}
<h2>What each rule needs</h2>
<p>Computed from the equations: what must be stored, what an event costs, and whether the update is local in space and in time.</p>
{frame(needs(account))}
<h2>Parameters</h2>
{frame(parameters)}
<h2>To repeat this page</h2>
<p class="soft">{html.escape(versions)}; seed {", ".join(map(str, seeds))}; device {", ".join(devices)}. The folder holds every table
as CSV, every picture as PNG, and run.json with all parameters and equations.</p>
</body></html>
"""
