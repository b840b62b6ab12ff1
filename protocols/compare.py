"""Rules side by side: every rule through every protocol, with the locality and cost account, on one page."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from brian2chip.analysis import locality, page
from brian2chip.core import output, registry
from brian2chip.core.progress import Progress, callback
from brian2chip.core.provenance import provenance
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.workers import run_all
from brian2chip.errors import UserError
from brian2chip.protocols.prepare import resolve_protocol, resolve_rule
from brian2chip.protocols.run import plot, run

#: The protocols that have data points to stand against.
DATA_POINTS = ("bi_poo_1998", "sjostrom_2001", "wang_2005")


@dataclass(frozen=True)
class Comparison:
    """What :func:`compare` returns.

    Attributes
    ----------
    scores : DataFrame
        One row a rule and protocol: ``score_name``, ``score``, ``unmoved`` (no condition changed the rule) and, where a run was
        refused, ``why``.
    tables : dict of (protocol, rule) to DataFrame
        What :func:`brian2chip.run` returned.
    account : DataFrame
        Memory, operations and locality of each rule.
    """

    scores: pd.DataFrame
    tables: dict[tuple[str, str], pd.DataFrame]
    account: pd.DataFrame

    def table(self) -> pd.DataFrame:
        """Return the scores with one row a rule and one column a protocol; NaN where a run was refused."""
        return self.scores.pivot(index="rule", columns="protocol", values="score").reindex(self.scores["rule"].unique())

    def write(self, out: str | os.PathLike, force: bool = False) -> Path:
        """Write index.html (one self-contained page), the tables as CSV, the pictures as PNG and run.json; return the page's path."""
        with output.folder(out, force) as folder:
            self.scores.to_csv(folder / "scores.csv", index=False)
            self.account.to_csv(folder / "locality.csv", index=False)
            pictures = {}
            for protocol in dict.fromkeys(p for p, _ in self.tables):
                tables = {rule: table for (p, rule), table in self.tables.items() if p == protocol}
                for rule, table in tables.items():
                    table.to_csv(folder / f"{protocol}__{output.file_name(rule)}.csv", index=False)
                pictures[protocol] = page.panels(tables, plot, folder / f"{protocol}.png")
            about = {"runs": [t.attrs["run"] for t in self.tables.values()], **provenance()}
            sources = {p: (resolve_protocol(p).source, resolve_protocol(p).measured) for p in pictures}
            html = page.comparison(self.scores, self.account, pictures, sources, about)
            (folder / "index.html").write_text(html, encoding="utf-8")
            output.write_json(folder / output.MARK, about)
        return Path(out) / "index.html"


def compare(
    rules: Iterable[Rule | str] = ("stdp", "triplet:hippocampus_all_full", "triplet:visual_cortex_all_full", "sdsp"),
    protocols: Iterable[str] | None = None,
    *,
    device: str = "auto",
    seed: int = 1,
    processes: int | None = None,
    progress: Progress = None,
) -> Comparison:
    """Return every rule through every protocol.

    Parameters
    ----------
    rules : iterable of Rule or str
        Rules, names with or without preset, or paths of files that define one.
    protocols : iterable of str, optional
        Those with data points by default.
    device, seed
        As in :func:`brian2chip.run`.
    processes : int, optional
        Worker processes; the number of cores by default. With one, everything runs in this process.
    progress : callable, bool or None
        Called with the fraction of runs done; ``True`` draws a bar.

    Returns
    -------
    Comparison
        A run that is refused stands in ``scores`` with its sentence; the others are not lost.

    Raises
    ------
    UserError
        For an unknown name, or two rules of one name, before anything runs; where no worker process can be started.
    """
    seed = checked_seed(seed)
    found = [resolve_rule(rule) for rule in rules]
    names = [rule.name for rule in found]
    double = next((n for n in names if names.count(n) > 1), None)
    if double is not None:
        raise UserError(f"two of the rules are called {double!r}; give each a name of its own.")
    chosen = [resolve_protocol(p).name for p in (DATA_POINTS if protocols is None else protocols)]
    if not found or not chosen:
        raise UserError("there is nothing to compare; name at least one rule and one protocol.")
    for name in chosen:
        registry.get("protocol", name)
    pairs = [(protocol, rule) for protocol in chosen for rule in found]
    with callback(progress, "comparing") as report:
        # An oracle may be a function of a file that a worker process cannot import; runs do not use it.
        jobs = {(protocol, rule.name): (protocol, replace(rule, oracle=None), device, seed) for protocol, rule in pairs}
        outcome = run_all(_job, jobs, processes or os.cpu_count() or 1, report)
    rows = [_row(protocol, rule.name, outcome[(protocol, rule.name)]) for protocol, rule in pairs]
    tables = {key: result for key, result in outcome.items() if not isinstance(result, str)}
    return Comparison(pd.DataFrame(rows), tables, locality.account_table(found))


def _job(protocol: str, rule: Rule, device: str, seed: int) -> pd.DataFrame | str:
    """Return the table, or the sentence of the refusal."""
    try:
        return run(protocol, rule, device=device, seed=seed)
    except UserError as error:
        return str(error)


def _row(protocol: str, rule: str, result: pd.DataFrame | str) -> dict:
    """Return the row of ``scores`` of one run."""
    row = {"protocol": protocol, "rule": rule, "score_name": "", "score": float("nan"), "unmoved": False, "why": ""}
    if isinstance(result, str):
        return row | {"why": result}
    name, score = next(iter(result.attrs["run"]["scores"].items()))
    return row | {"score_name": name, "score": score, "unmoved": "dw" in result and not result["dw"].any()}
