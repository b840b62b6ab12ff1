"""The cells of the atlas: a rule in a protocol, its score or why it has none; kept in the cache when it is done."""

from __future__ import annotations

import json
import logging
import math
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import fields, replace
from functools import partial
from typing import Any

import pandas as pd

from brian2chip.analysis.score import change_explained, used_points
from brian2chip.core import cache_folder, kept_files
from brian2chip.core.equations import DIFFERENTIAL_EQUATION, equations
from brian2chip.core.identity import Unidentified, identity, sources
from brian2chip.core.progress import Progress
from brian2chip.core.protocol import Protocol
from brian2chip.core.resolve import model
from brian2chip.core.rule import Rule
from brian2chip.core.temporary import temporary_folder
from brian2chip.core.third_factors import signals_as_factors
from brian2chip.errors import UserError
from brian2chip.protocols.blame import raised_in
from brian2chip.protocols.efficacy import starts
from brian2chip.protocols.prepare import conditions_of, grid_dt, stimuli_of
from brian2chip.protocols.replicas import check_simulated, draws, how_many
from brian2chip.protocols.run import checked_run
from brian2chip.protocols.side_by_side import run_together
from brian2chip.protocols.third_factors import collected, signals_of
from brian2chip.protocols.trains import SHORTEST_STEP

logger = logging.getLogger(__name__)

#: What a cell says of a rule in a protocol.
YES, NO, FAILED, TOO_LONG = "yes", "no", "failed", "not run"
EMPTY: dict[str, Any] = {
    "applies": YES,
    "why": "",
    "score_name": "",
    "score": math.nan,
    "score_sem": math.nan,
    "points": 0,
    "change_explained": math.nan,
    "unmoved": False,
    "replicas": 1,
    "dt_ms": math.nan,
    "advice": "",
    "seconds": 0.0,
    "dw": [],
}


def keys_of(pairs: Iterable[tuple[Protocol, Rule]], device: str, seed: int) -> dict[tuple[str, str], str | None]:
    """Return the name under which the cell of each protocol and rule is kept: a hash of both, neuron, data, package and versions.

    None where there is no content to go by: functions of a user's, or a package that was changed since this process began.
    """
    pairs = list(pairs)
    try:
        package = sources()
    except Unidentified as changed:
        logger.warning("the cells of the atlas are not kept: %s since this process began; begin anew.", changed)
        return {(protocol.name, rule.name): None for protocol, rule in pairs}
    rules = {rule.name: _identity(_of_rule, rule) for _, rule in pairs}
    protocols = {protocol.name: _identity(_of_protocol, protocol) for protocol, _ in pairs}
    found = {}
    for protocol, rule in pairs:
        parts = (protocols[protocol.name], rules[rule.name])
        found[protocol.name, rule.name] = None if None in parts else identity("cell of the atlas", *parts, device, seed, package)
    return found


def _identity(content: Callable[[Any], Any], thing: Any) -> str | None:
    try:
        return identity(content(thing))
    except (Unidentified, UserError):
        return None


def _of_rule(rule: Rule) -> Rule:
    """Return what determines the run of a rule: a neuron that it names by a file or a package is its content."""
    return replace(rule, oracle=None, file=None, presets={}, tissue="", post=None if rule.post is None else model(rule.post))


def _of_protocol(protocol: Protocol) -> Any:
    told = {field.name: _told(getattr(protocol, field.name)) for field in fields(protocol) if field.name not in ("plot", "tissue", "atlas")}
    return told, _told(conditions_of(protocol, protocol.options))


def _told(value: Any) -> Any:
    """Return a field of a protocol as its identity takes it: a table as text, a function with arguments as its parts."""
    if isinstance(value, pd.DataFrame):
        return value.to_csv(), [str(kind) for kind in value.dtypes]
    if isinstance(value, partial):
        return value.func, [_told(one) for one in value.args], {name: _told(one) for name, one in value.keywords.items()}
    return value


def kept(key: str | None) -> dict[str, Any] | None:
    """Return a cell that was kept, None where there is none."""
    if key is None:
        return None
    path = cache_folder.kept("cells") / key
    if kept_files.is_whole(path, os.R_OK):
        with suppress(OSError, ValueError):
            return json.loads(path.read_bytes())
    return None


def keep(key: str, cell: Mapping[str, Any]) -> None:
    """Keep a cell, unless the package was changed while it was made."""
    path = cache_folder.kept("cells") / key
    with suppress(OSError, Unidentified), temporary_folder(path.parent) as folder:
        sources()
        made = folder / "cell"
        made.write_text(json.dumps(cell))
        kept_files.keep(made, path, os.R_OK)


def cells(
    protocol: Protocol, rules: list[Rule], keys: list[str | None], device: str, seed: int, most: float, report: Progress = None
) -> list[dict[str, Any]]:
    """Return the cells of rules that run together; what is done is kept."""
    found: dict[str, dict[str, Any]] = {}
    step = step_of(protocol, rules[0])
    for rule in rules:
        if (n := updates(protocol, rule, device, seed, step)) > most:
            why = (
                f"its clock-driven synapses would be updated {n:.1e} times, more than {most:g}; run it by itself (brian2chip run "
                f"{protocol.name} --rule {rule.file or rule.name}), or allow more (most_updates=, --most-updates)."
            )
            found[rule.name] = EMPTY | {"applies": TOO_LONG, "why": why}
    chosen = [rule for rule in rules if rule.name not in found]
    began = time.perf_counter()
    with _without_advice():
        outcome = run_together(protocol, chosen, device, seed, step, Exception) if chosen else []
    each = (time.perf_counter() - began) / max(1, len(chosen))
    for rule, result in zip(chosen, outcome):
        found[rule.name] = _cell(rule, result) | {"seconds": each}
    for rule, key in zip(rules, keys):
        if key is not None and found[rule.name]["applies"] in (YES, NO):
            keep(key, found[rule.name])
    return [found[rule.name] for rule in rules]


@contextmanager
def _without_advice() -> Iterator[None]:
    """Leave out of the log what the table says of replicas."""
    said = logging.getLogger("brian2chip.protocols.run")
    before = said.level
    said.setLevel(logging.ERROR)
    try:
        yield
    finally:
        said.setLevel(before)


def _cell(rule: Rule, result: pd.DataFrame | Exception) -> dict[str, Any]:
    """Return the cell of one run."""
    if isinstance(result, UserError) and result.__cause__ is None and not raised_in(result).startswith("brian2chip.engine"):
        return EMPTY | {"applies": NO, "why": str(result)}
    if isinstance(result, Exception):  # of Brian2 for its equations, of a protocol's function, of compiler, memory and disk
        said = str(result) if isinstance(result, UserError) else f"{type(result).__name__}: {result}"
        return EMPTY | {"applies": FAILED, "why": " ".join(said.split())}
    about = result.attrs["run"]
    name, score = next(iter(about["scores"].items()))
    points, replicas = used_points(result), int(about["options"].get("replicas", 1))
    lost = int((~points["dw"].map(math.isfinite)).sum())
    if lost:
        return EMPTY | {"applies": FAILED, "why": f"the change is no finite number at {lost} of {len(points)} data points."}
    return EMPTY | {
        "score_name": name,
        "score": float(score),
        "score_sem": float(about["score_sem"].get(name, math.nan)),
        "points": len(points),
        "change_explained": change_explained(result),
        "unmoved": bool("dw" in result and not result["dw"].any()),
        "replicas": replicas,
        "dt_ms": 1e3 * about["dt_s"],
        "advice": how_many(rule, about["scores"], about["score_sem"], replicas) if draws(rule) else "",
        "dw": [float(x) for x in points["dw"]],
    }


def step_of(protocol: Protocol, rule: Rule) -> float:
    """Return the step in seconds: as a run has it, or the longest that holds the rule's delays where these are no whole numbers of it."""
    try:
        step = grid_dt(rule, protocol)
        nanoseconds = [round(seconds * 1e9) for seconds in (step, *(path.delay_s for path in rule.pathways))]
    except Exception:  # the run says what is wrong
        return protocol.dt
    common = math.gcd(*nanoseconds)
    return common * 1e-9 if SHORTEST_STEP <= common < nanoseconds[0] else step


def updates(protocol: Protocol, rule: Rule, device: str, seed: int, step: float) -> float:
    """Return how often synapses with clock-driven equations would be updated; zero where they have none, or the run is refused."""
    try:
        rule, seed, options = checked_run(protocol, rule, device, seed, {}, step)
        found = equations(rule.model).values()
        if not any((e.type == DIFFERENTIAL_EQUATION and "event-driven" not in e.flags) or "summed" in e.flags for e in found):
            return 0.0
        conditions = conditions_of(protocol, options)
        if protocol.simulate is None:  # signals that are missing are the better reason
            collected(signals_as_factors(rule), signals_of(protocol, conditions, options, seed), protocol.name)
        else:
            check_simulated(rule, protocol, {})
        seconds = options.get("duration_s")
        if seconds is None and protocol.simulate is None:
            seconds = max(max(map(max, filter(len, pair)), default=0.0) for pair in stimuli_of(protocol, conditions, options, seed))
        copies = int(options.get("replicas", 1)) * len(starts(rule))
        return len(conditions) * copies * float(seconds or 0.0) / step
    except Exception:  # the run says what is wrong
        return 0.0
