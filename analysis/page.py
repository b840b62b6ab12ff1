"""The comparison page: tables and pictures of rules and protocols in one self-contained HTML file."""

import base64
import html
from pathlib import Path

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
img { width: 100%; height: auto; border: 1px solid var(--line); border-radius: .5rem; margin-top: .5rem; }
"""


def panels(tables, plot, path):
    """Draw one panel a rule, side by side on common axes, into a PNG file.

    Parameters
    ----------
    tables : mapping of rule name to DataFrame
    plot : callable
        ``plot(table, ax)``.
    path : Path
    """
    columns = min(len(tables), 2)
    rows = -(-len(tables) // columns)
    figure = Figure(figsize=(6.2 * columns, 4.2 * rows), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True).ravel()
    for ax, table in zip(axes, tables.values()):
        plot(table, ax=ax)
        ax.tick_params(labelleft=True, labelbottom=True)
    for ax in axes[len(tables) :]:
        ax.remove()
    figure.savefig(path, dpi=110)


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
    head = "".join(f"<th>{html.escape(str(c).replace('_', ' '))}</th>" for c in table.columns)
    smallest = {c: table[c].min() for c in best}
    body = "".join(
        "<tr>" + "".join(_cell(row[c], c in smallest and row[c] == smallest[c]) for c in table.columns) + "</tr>"
        for row in table.to_dict("records")
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def comparison(scores, account, pictures, sources, about):
    """Return the page.

    Parameters
    ----------
    scores : DataFrame
        Columns ``protocol``, ``rule``, ``score_name``, ``score``, ``why``.
    account : DataFrame
        One row a rule, as :func:`brian2chip.analysis.locality.account_table` returns.
    pictures : mapping of protocol to PNG path
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
    for protocol, path in pictures.items():
        data = base64.b64encode(Path(path).read_bytes()).decode()
        source, measured = sources[protocol]
        sections.append(
            f"<h2>{html.escape(protocol)}</h2><p class='soft'>{html.escape(source)}. Measured: {html.escape(measured)}.</p>"
            f'<img alt="the rules on {html.escape(protocol)}, over the published data" src="data:image/png;base64,{data}">'
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
{frame(account)}
<h2>Parameters</h2>
{frame(parameters)}
<h2>To repeat this page</h2>
<p class="soft">{html.escape(versions)}; seed {", ".join(map(str, seeds))}; device {", ".join(devices)}. The folder holds every table
as CSV, every picture as PNG, and run.json with all parameters and equations.</p>
</body></html>
"""
