"""A rule in a protocol at every point: points that differ in parameters and starts are synapses of one network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.score import score_of_changes
from brian2chip.core.pathways import built_with
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.starts import variables
from brian2chip.errors import UserError
from brian2chip.protocols.blame import blamed
from brian2chip.protocols.independence import can_share_neurons
from brian2chip.protocols.parameter_sets import ParameterSets, check_sets, wrong_sets
from brian2chip.protocols.prepare import conditions_of, grid_dt, prepared
from brian2chip.protocols.replicas import standard_errors
from brian2chip.protocols.run import checked_run, scores_of
from brian2chip.protocols.run_sets import in_pieces
from brian2chip.sweeps.points import ERROR, SEED, Points
from brian2chip.sweeps.study import Study, check_names, content


def protocol_runs(protocol: Protocol, rule: Rule, points: Points, device: str, dt: Any) -> Study:
    """Return the study of a rule in a protocol, whose parameters, starts and options may vary.

    Raises
    ------
    UserError
        For names that neither rule nor protocol has, wrong units, and what :func:`brian2chip.run` refuses of the rule itself.
    """
    rule = replace(rule, oracle=None)  # runs do not use it, and it may be a function that cannot be sent
    options = names_of(protocol, rule, points)
    driven, _, chosen = checked_run(protocol, rule, device, points.seeds[0], _some(points.first(), options), dt)
    fixed = options | (built_with(driven) & {axis.name for axis in points.axes})
    shared = protocol.simulate is None and device != "genn" and can_share_neurons(driven)
    how = {"device": device, "dt": dt}
    return Study(
        "run",
        f"{rule.name} on {protocol.name}",
        {"protocol": content(protocol), "rule": content(rule), **how, "dt": None if dt is None else float(dt)},
        partial(_point, protocol, rule, how, options),
        partial(_together, protocol, rule, how, options) if shared else None,
        (*fixed, *([SEED] if shared and (options or seed_matters(protocol, driven, chosen)) else [])),
    )


def names_of(protocol: Protocol, rule: Rule, points: Points) -> set[str]:
    """Return which axes are options of the protocol, after checking that each is one, or a parameter or start of the rule.

    Raises
    ------
    UserError
        For unknown names and wrong units; a value out of its bounds is told at its point.
    """
    own = {**dict.fromkeys(rule.parameters), **dict.fromkeys(variables(rule.model))}
    options = dict(protocol.options) | {"replicas": 1}
    check_names(f"parameter or start of {rule.name!r}, or option of {protocol.name!r}, called", points.first(), {**own, **options})
    for name, value in points.first().items():
        if name in own:
            replace(rule, bounds={}).with_parameters(**{name: value})
    return {axis.name for axis in points.axes if axis.name not in own}


def seed_matters(protocol: Protocol, rule: Rule, options: Mapping[str, Any]) -> bool:
    """Return whether a rule that draws nothing itself gives other numbers with another seed: by its starts, or the protocol's stimuli."""
    if protocol.signals is not None or any(isinstance(value, str) for value in rule.initial.values()):
        return True
    rng, conditions = np.random.default_rng(0), conditions_of(protocol, options)
    before = rng.bit_generator.state
    for row in conditions.to_dict("records"):
        with blamed(protocol, protocol.stimulate, f" with condition {row}"):
            protocol.stimulate(row, dict(options), rng)
    return rng.bit_generator.state != before


def _some(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name in names}


def _point(
    protocol: Protocol, rule: Rule, how: Mapping[str, Any], options: set[str], values: Mapping[str, Any], seed: int, report: Any = None
) -> dict[str, float]:
    """Return the scores of one point, with their standard errors where there are replicas."""
    changed = rule.with_parameters(**_some(values, values.keys() - options))
    driven, seed, chosen = checked_run(protocol, changed, how["device"], seed, _some(values, options), how["dt"])
    info: dict[str, Any] = {}
    settings = {"device": how["device"], "seed": seed, "dt": grid_dt(rule, protocol, how["dt"]), "progress": report, "info": info}
    with prepared(driven, protocol, chosen, settings) as ready:
        table = next(iter(ready.tables(ParameterSets(driven))))
        parts = info["leave_out"]() if "leave_out" in info else []
    scores, errors = scores_of(protocol, table), standard_errors(protocol.score or score_of_changes, parts)
    return {**scores, **{f"{name}_sem": value for name, value in errors.items()}}


def _together(
    protocol: Protocol, rule: Rule, how: Mapping[str, Any], options: set[str], points: Points, rows: pd.DataFrame, total: int
) -> Iterator[pd.DataFrame]:
    """Yield rows of one network with their scores, or with the sentence that says why they have none."""
    values = points.values(rows.iloc[0])
    driven, seed, chosen = checked_run(protocol, rule, how["device"], int(rows[SEED].iloc[0]), _some(values, options), how["dt"])
    settings = {"device": how["device"], "seed": seed, "dt": grid_dt(rule, protocol, how["dt"]), "progress": None}
    columns = {axis.name: rows[axis.name].to_numpy(float)[:, None] for axis in points.axes if axis.name not in options}
    sets = ParameterSets(driven, columns, len(rows))
    relative = protocol.reduce is None
    told = columns and not any(isinstance(value, str) for value in driven.initial.values())  # others are told when they are drawn
    wrong = wrong_sets(sets, relative).any(axis=1) if told else np.zeros(len(rows), bool)
    if wrong.any():
        yield rows[wrong].assign(**{ERROR: [sentence(sets, k, relative) for k in np.flatnonzero(wrong)]})
    good = np.flatnonzero(~wrong)
    yield from _scored(protocol, sets, rows, good, chosen, settings, total)


def sentence(sets: ParameterSets, k: int, relative: bool) -> str:
    """Return why a set is refused."""
    try:
        one = ParameterSets(sets.rule, {name: value[k : k + 1] for name, value in sets.values.items()})
        check_sets(one, relative)
    except UserError as error:
        return str(error)
    return ""


def _scored(
    protocol: Protocol, sets: ParameterSets, rows: pd.DataFrame, good: np.ndarray, options: dict, settings: dict, total: int
) -> Iterator[pd.DataFrame]:
    """Yield the scores of some sets; where their network is refused, those of its halves, down to the sets that are to blame."""
    if not len(good):
        return
    values = {name: value[good] for name, value in sets.values.items()}
    try:
        first = sets.rule.with_parameters(**{name: ParameterSets(sets.rule, values).quantity(name, 0) for name in values})
        some = ParameterSets(first, values, len(good))
        pieces = list(in_pieces(protocol, some, options, {**settings, "info": {}}, total=max(total, len(good))))
    except UserError as error:
        if len(good) == 1:
            yield rows.iloc[good].assign(**{ERROR: str(error)})
            return
        for half in (good[: len(good) // 2], good[len(good) // 2 :]):
            yield from _scored(protocol, sets, rows, half, options, settings, total)
        return
    scores = pd.concat(pieces, ignore_index=True).drop(columns=["set", *values])
    found = pd.concat([rows.iloc[good].reset_index(drop=True), scores], axis=1).assign(**{ERROR: ""})
    yield found
