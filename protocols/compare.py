"""Rules side by side: every rule through every protocol, with the locality and cost account, on one page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from brian2chip.analysis import locality, page
from brian2chip.core import html, output
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.workers import Workers
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.prepare import resolve_protocol, resolve_rule
from brian2chip.protocols.run import plot
from brian2chip.protocols.side_by_side import check_names, grouped, run_jobs, run_together, several

#: The protocols that have data points to stand against.
DATA_POINTS = ("bi_poo_1998", "sjostrom_2001", "wang_2005")


@dataclass(frozen=True)
class Comparison:
    """What :func:`compare` returns.

    Attributes
    ----------
    scores : DataFrame
        One row a rule and protocol: ``score_name``, ``score``, ``score_sem`` (where there are replicas), ``unmoved`` (no condition
        changed the rule) and, where a run was refused, ``why``.
    tables : dict of (protocol, rule) to DataFrame
        What :func:`brian2chip.run` returned.
    account : DataFrame
        Memory, operations and locality of each rule.
    sources : dict of protocol to (source, measured)
        Where each protocol comes from, and what its ``dw`` is.
    """

    scores: pd.DataFrame
    tables: dict[tuple[str, str], pd.DataFrame]
    account: pd.DataFrame
    sources: dict[str, tuple[str, str]]

    def table(self) -> pd.DataFrame:
        """Return the scores with one row a rule and one column a protocol; NaN where a run was refused."""
        return self.scores.pivot(index="rule", columns="protocol", values="score").reindex(self.scores["rule"].unique())

    def _repr_html_(self) -> str:
        return html.result("scores", self.table().reset_index())

    def write(self, out: str | os.PathLike, force: bool = False) -> Path:
        """Write index.html (one self-contained page), the tables as CSV, the pictures as PNG and run.json; return the page's path."""
        with output.folder(out, force) as folder:
            self.scores.to_csv(folder / "scores.csv", index=False)
            self.account.to_csv(folder / "locality.csv", index=False)
            pictures, files = {}, _file_names(dict.fromkeys(name for pair in self.tables for name in pair))
            for protocol in dict.fromkeys(p for p, _ in self.tables):
                tables = {rule: table for (p, rule), table in self.tables.items() if p == protocol}
                for rule, table in tables.items():
                    table.to_csv(folder / f"{files[protocol]}__{files[rule]}.csv", index=False)
                pictures[protocol] = page.panels(tables, plot, folder / f"{files[protocol]}.png")
            about = {"runs": [t.attrs["run"] for t in self.tables.values()], **provenance()}
            html = page.comparison(self.scores, self.account, pictures, {p: self.sources[p] for p in pictures}, about)
            (folder / "index.html").write_text(html, encoding="utf-8")
            output.write_json(folder / output.MARK, about)
        return Path(out) / "index.html"


def _file_names(things: Iterable[str]) -> dict[str, str]:
    """Return a file name for each rule and protocol, no two of them the same."""
    names: dict[str, str] = {}
    for thing in things:
        plain = "".join(c if c.isalnum() or c in "._-" else "_" for c in thing)
        taken = {name.lower() for name in names.values()}
        names[thing] = next(n for n in (plain, *(f"{plain}_{k}" for k in range(2, len(taken) + 3))) if n.lower() not in taken)
    return names


def compare(
    rules: Iterable[Rule | str] = ("stdp", "triplet:hippocampus_all_full", "triplet:visual_cortex_all_full", "sdsp"),
    protocols: Iterable[Protocol | str] | None = None,
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
    protocols : iterable of Protocol or str, optional
        Protocols, names, or paths of files that define one; those with data points by default.
    device, seed
        As in :func:`brian2chip.run`.
    processes : int, optional
        Worker processes; by default one a core, where the work takes longer than to start them. With one, everything runs in this process.
    progress : callable, bool or None
        Called with the fraction of runs done; ``True`` draws a bar.

    Returns
    -------
    Comparison
        A run that is refused stands in ``scores`` with its sentence; the others are not lost.

    Raises
    ------
    UserError
        For an unknown name, or two rules of one name, before anything runs; where worker processes end by themselves.
    """
    found = [resolve_rule(rule) for rule in several(rules)]
    chosen = [resolve_protocol(p) for p in several(DATA_POINTS if protocols is None else protocols)]
    check_names(found, chosen)
    seed, workers = checked_seed(seed), Workers(processes)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    pairs = [(protocol, rule) for protocol in chosen for rule in found]
    account = locality.account_table(found)
    with callback(progress, "comparing") as report:
        outcome = _run_all(pairs, device, seed, workers, report)
    rows = [_row(protocol.name, rule.name, outcome[(protocol.name, rule.name)]) for protocol, rule in pairs]
    tables = {key: result for key, result in outcome.items() if not isinstance(result, str)}
    return Comparison(pd.DataFrame(rows), tables, account, {p.name: (p.source, p.measured) for p in chosen})


def _run_all(pairs: list[tuple[Protocol, Rule]], device: str, seed: int, workers: Workers, report: Callable[[float], None]) -> dict:
    """Return ``{(protocol, rule): table or sentence}`` in the order of the pairs."""
    jobs = {key: (protocol, rules, device, seed) for key, (protocol, rules) in grouped(pairs).items()}
    found = run_jobs(_job, jobs, workers, report)
    outcome = {(job[0].name, rule.name): result for key, job in jobs.items() for rule, result in zip(job[1], found[key])}
    return {(protocol.name, rule.name): outcome[protocol.name, rule.name] for protocol, rule in pairs}


def _job(protocol: Protocol, rules: list[Rule], device: str, seed: int, report: Progress = None) -> list[pd.DataFrame | str]:
    """Return the table of each of several rules that are alike, or the sentence of its refusal."""
    return [str(one) if isinstance(one, UserError) else one for one in run_together(protocol, rules, device, seed)]


def _row(protocol: str, rule: str, result: pd.DataFrame | str) -> dict:
    """Return the row of ``scores`` of one run."""
    row = {"protocol": protocol, "rule": rule, "score_name": "", "score": float("nan"), "score_sem": float("nan")}
    row |= {"unmoved": False, "why": ""}
    if isinstance(result, str):
        return row | {"why": result}
    name, score = next(iter(result.attrs["run"]["scores"].items()))
    sem = result.attrs["run"]["score_sem"].get(name, float("nan"))
    return row | {"score_name": name, "score": score, "score_sem": sem, "unmoved": "dw" in result and not result["dw"].any()}
