"""The atlas: every rule and parameter set through every protocol, with scores, why not, and what the rule needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from brian2chip.analysis import atlas_page, locality
from brian2chip.analysis.atlas_markdown import markdown
from brian2chip.analysis.atlas_words import ENOUGH, wide
from brian2chip.analysis.score import used_points
from brian2chip.core import html, output, registry
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.workers import Workers
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.atlas_cells import cells, kept, keys_of
from brian2chip.protocols.prepare import conditions_of, resolve_protocol, resolve_rule
from brian2chip.protocols.side_by_side import check_names, grouped, run_jobs, several

#: Updates of clock-driven synapses that one cell may take where nobody says more: some ten seconds of a core.
MOST_UPDATES = 5e8
#: What the table says of a rule's needs, of the columns of the account.
ACCOUNT = (
    "local_in_space",
    "local_in_time",
    "third_factors",
    "needs",
    "updates_at",
    "memory_float64_bytes",
    "memory_beyond_weight_growth",
    "clock_work_growth",
    "pre_event_at_synapse_operations",
    "post_event_at_synapse_operations",
)


@dataclass(frozen=True)
class Atlas:
    """What :func:`atlas` returns.

    Attributes
    ----------
    table : DataFrame
        One row a rule, preset and protocol. ``applies`` is ``yes``, ``no``, ``failed`` or ``not run`` and ``why`` the sentence of the last
        three; ``score_name``, ``score`` and its standard error ``score_sem`` over ``replicas``; ``points``, the data that it stands
        against; ``change_explained``, the share of their squared distance from no change that the rule takes away; ``ranked``, whether
        these are enough to rank rules; ``unmoved``, whether no condition changed the rule; ``advice``, how many replicas a sure score
        takes; ``dt_ms``, the step; ``tissue_note``, where the rule's values are of another tissue than the data. Then what the rule
        needs, for a network of 1,000 neurons that are all connected, and the ``seconds`` that the cell took.
    changes : mapping of (protocol, rule) to list of float
        ``dw`` at the data points.
    data : mapping of protocol to DataFrame
        The data points.
    sources : mapping of protocol to (source, measured)
    about : mapping
        Seed, device, versions, machine.
    """

    table: pd.DataFrame
    changes: Mapping[tuple[str, str], list[float]]
    data: Mapping[str, pd.DataFrame]
    sources: Mapping[str, tuple[str, str]]
    about: Mapping[str, Any]

    def _repr_html_(self) -> str:
        return html.result("atlas", wide(self.table).reset_index())

    def write(self, out: str | os.PathLike, force: bool = False) -> Path:
        """Write index.html (one self-contained page), atlas.csv, atlas.md and run.json; return the page's path."""
        with output.folder(out, force) as folder:
            self.table.to_csv(folder / "atlas.csv", index=False)
            page = atlas_page.page(self.table, self.changes, self.data, self.sources, self.about)
            (folder / "index.html").write_text(page, encoding="utf-8")
            (folder / "atlas.md").write_text(markdown(self.table, self.sources, self.about), encoding="utf-8")
            output.write_json(folder / output.MARK, self.about)
        return Path(out) / "index.html"


def atlas(
    rules: Iterable[Rule | str] | None = None,
    protocols: Iterable[Protocol | str] | None = None,
    *,
    device: str = "auto",
    seed: int = 1,
    processes: int | None = None,
    most_updates: float = MOST_UPDATES,
    progress: Progress = None,
) -> Atlas:
    """Return every rule and preset through every protocol; what was interrupted goes on where it was.

    A cell is kept in the cache as soon as it is done, under the content of rule, protocol, data and package, and not computed again. Cells
    that failed, and those of protocols with functions of a user's, are.

    Parameters
    ----------
    rules : iterable of Rule or str, optional
        Rules, names with or without preset, or files; all plasticity rules with all their presets by default.
    protocols : iterable of Protocol or str, optional
        Protocols, names, or files; by default all but those that say that they take long (``atlas=False``).
    device, seed
        As in :func:`brian2chip.run`.
    processes : int, optional
        Worker processes; by default one a core, where the work takes longer than to start them. With one, everything runs in this process.
    most_updates : float
        Updates of clock-driven synapses that a cell may take; one that takes more is not run, and says so.
    progress : callable, bool or None
        Called with the fraction of runs done; ``True`` draws a bar.

    Raises
    ------
    UserError
        For an unknown name, two rules of one name, or numbers out of range, before anything runs; where worker processes end by themselves.
    """
    found = every_rule() if rules is None else [resolve_rule(rule) for rule in several(rules)]
    chosen = every_protocol() if protocols is None else [resolve_protocol(p) for p in several(protocols)]
    check_names(found, chosen)
    seed, workers = checked_seed(seed), Workers(processes)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if not most_updates >= 0:
        raise UserError(f"most_updates was given as {most_updates}; give a number from 0 on.")
    pairs = [(protocol, rule) for rule in found for protocol in chosen]
    with callback(progress, "atlas") as report:
        keys = keys_of(pairs, device, seed)
        done = {name: cell for name, key in keys.items() if (cell := kept(key)) is not None}
        report(len(done) / len(pairs))
        jobs = {}
        for key, (protocol, group) in grouped((p, r) for p, r in pairs if (p.name, r.name) not in done).items():
            jobs[key] = (protocol, group, [keys[protocol.name, rule.name] for rule in group], device, seed, float(most_updates))
        share = len(done) / len(pairs)
        outcome = run_jobs(cells, jobs, workers, lambda fraction: report(share + (1 - share) * fraction))
    done |= {(job[0].name, rule.name): cell for key, job in jobs.items() for rule, cell in zip(job[1], outcome[key])}
    account = {rule.name: _account(rule) for rule in found}
    table = pd.DataFrame([_row(protocol, rule, done[protocol.name, rule.name], account[rule.name]) for protocol, rule in pairs])
    return Atlas(
        table,
        {name: cell["dw"] for name, cell in done.items() if cell["dw"]},
        {protocol.name: _data(protocol) for protocol in chosen},
        {protocol.name: (protocol.source, protocol.measured) for protocol in chosen},
        {"seed": seed, "device": device, "most_updates": most_updates, **provenance()},
    )


def every_rule() -> list[Rule]:
    """Return all plasticity rules, each followed by its presets."""
    found = []
    for name, rule in registry.working("rule").items():
        found += [rule, *(registry.get("rule", f"{name}:{preset}") for preset in rule.presets)]
    return found


def every_protocol() -> list[Protocol]:
    """Return the protocols that belong in an atlas by their own word."""
    return [protocol for protocol in registry.working("protocol").values() if protocol.atlas]


def tissue_of(rule: Rule) -> str:
    """Return where the data were measured that a rule's values were fitted to; nothing where that is not said."""
    return rule.tissue if isinstance(rule.tissue, str) else rule.tissue.get(rule.name.partition(":")[2], "")


def _data(protocol: Protocol) -> pd.DataFrame:
    """Return the data points of a protocol; none where it cannot say its conditions, which its cells tell."""
    with suppress(UserError):
        return used_points(conditions_of(protocol, protocol.options))
    return pd.DataFrame()


def _account(rule: Rule) -> dict[str, Any]:
    """Return what a rule needs; nothing for one that Brian2 cannot read, which its cells tell."""
    try:
        row = locality.account_table([rule]).iloc[0]
    except Exception:
        return dict.fromkeys(ACCOUNT)
    return {name: row[name] for name in ACCOUNT}


def _row(protocol: Protocol, rule: Rule, cell: Mapping[str, Any], account: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row of the table."""
    base, _, preset = rule.name.partition(":")
    tissue = tissue_of(rule)
    other = bool(tissue and protocol.tissue and tissue != protocol.tissue)
    return {
        "rule": base,
        "preset": preset,
        "protocol": protocol.name,
        **{name: value for name, value in cell.items() if name not in ("seconds", "dw")},
        "ranked": cell["points"] >= ENOUGH,
        "tissue_note": f"the rule's values are of {tissue}, the data of {protocol.tissue}" if other else "",
        **account,
        "seconds": round(cell["seconds"], 2),
    }
