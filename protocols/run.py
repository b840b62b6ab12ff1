"""Run a rule through a protocol, and draw what came out over the published data."""

from __future__ import annotations

import logging
import numbers
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from brian2chip.analysis import plots, trace_plots
from brian2chip.analysis.score import score_of_changes
from brian2chip.core import output
from brian2chip.core.drives import Drive
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.provenance import provenance
from brian2chip.core.registry import catalogue, get
from brian2chip.core.resolve import model as resolve_model
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.units import Quantity
from brian2chip.engine import genn
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.blame import blamed
from brian2chip.protocols.driving import with_neuron
from brian2chip.protocols.options import checked_options
from brian2chip.protocols.parameter_sets import sets_of
from brian2chip.protocols.prepare import check_can_be_paired, checked_changes, grid_dt, prepared, resolve_protocol, resolve_rule
from brian2chip.protocols.recording import Recording, Traces, checked_names
from brian2chip.protocols.replicas import draws, how_many, standard_errors, with_replicas

logger = logging.getLogger(__name__)


def run(
    protocol: Protocol | str,
    rule: Rule | str = "stdp",
    *,
    parameters: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    post: Any = None,
    drive: Drive | str | None = None,
    record: str | Sequence[str] = (),
    record_dt: Quantity | float | None = None,
    progress: Progress = None,
    **options,
) -> pd.DataFrame:
    """Put a rule through a protocol and score it against the published data.

    Parameters
    ----------
    protocol : Protocol or str
    rule : Rule or str
        A rule, its name (``"triplet:hippocampus_all_full"``), or the path of a file that defines one.
    parameters : mapping, optional
        Parameters and starting values of the rule to change, with units, e.g. ``{"tau_plus": 20*ms, "w": 0.5}``; a third factor may be
        given a ``Signal``.
    device : {"auto", "numpy", "cython", "cpp_standalone", "cuda", "genn"}
    seed : int
        Of the stimuli (drawn in NumPy, the same on every device) and of Brian2.
    dt : Quantity or float, optional
        The step, in seconds without a unit; the protocol's grid by default. Every spike must lie on it.
    post : Model or str, optional
        The neuron, in the place of the rule's: a model, its name, or a file that defines one.
    drive : CurrentPulse, VoltageStep, PrescribedSpike or str, optional
        How the neuron is made to fire: ``"prescribed"``, ``"current_pulse(2nA, 3ms)"``, ``"voltage_step(-20mV, 2ms)"``.
    record : str or sequence of str
        Variables of the rule or its neuron to record at every condition; :func:`brian2chip.traces` returns them.
    record_dt : Quantity or float, optional
        How often; every step by default, or less often where that would be more than a million values.
    progress : callable, bool or None
        Called with the fraction done; ``True`` draws a bar.
    **options
        Options of the protocol, and ``replicas``, independent runs of every condition (20 for a rule that draws random numbers).

    Returns
    -------
    DataFrame
        One row a condition: its description, ``dw``, and the data. ``table.attrs["run"]`` holds what is needed to repeat it
        and the scores.

    Raises
    ------
    UserError
        For an unknown name, a wrong unit, a value out of bounds, spikes off the grid, or a rule that Brian2 cannot run.
    """
    protocol, rule = resolve_protocol(protocol), resolve_rule(rule).with_parameters(**checked_changes(parameters))
    rule, seed, chosen = checked_run(protocol, rule, device, seed, options, dt, post, drive)
    recording = Recording(checked_names(record, rule), record_dt) if record else None
    return next(run_alike(protocol, [rule], chosen, device=device, seed=seed, dt=dt, progress=progress, recording=recording))


def checked_run(
    protocol: Protocol,
    rule: Rule,
    device: str,
    seed: int,
    options: Mapping[str, Any],
    dt: Any = None,
    post: Any = None,
    drive: Drive | str | None = None,
) -> tuple[Rule, int, dict[str, Any]]:
    """Return the rule with its neuron and drive, seed and options of a run, checked with all that can be known to be wrong before it."""
    seed, chosen = checked_seed(seed), with_replicas(rule, protocol, checked_options(protocol, options), asked="replicas" in options)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device == "genn":
        genn.refuse(rule, protocol)
    if device not in ("auto", *rule.devices):
        raise UserError(f"rule {rule.name!r} does not run on {device}; use one of {', '.join(rule.devices)}.")
    check_can_be_paired(rule if post is None else replace(rule, post=post))
    return with_neuron(rule, protocol, post, drive, grid_dt(rule, protocol, dt)), seed, chosen


def run_alike(
    protocol: Protocol,
    rules: Sequence[Rule],
    options: dict[str, Any],
    *,
    device: str,
    seed: int,
    dt: Any,
    progress: Progress,
    recording: Recording | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the table of each of several rules that differ in the values of parameters and starts alone (:func:`alike`), in one program."""
    info: dict[str, Any] = {}
    first, several = rules[0], sets_of(rules)
    with callback(progress, f"{first.name} on {protocol.name}") as report:
        settings = {"device": device, "seed": seed, "dt": grid_dt(first, protocol, dt), "progress": report if progress else None}
        settings |= {"recording": recording, "info": info}
        with prepared(first, protocol, options, settings, sets=several.n) as ready:
            found = [(table, info.pop("leave_out", None)) for table in ready.tables(several)]
    recorded = info.pop("traces", None)
    about = {"options": options, "seed": seed, "dt_s": settings["dt"], "device_asked": device, **info, **provenance()}
    for rule, (table, leave_out) in zip(rules, found, strict=True):
        if recorded is not None:
            table.attrs["traces"] = recorded
        yield _with_attributes(protocol, rule, table, about, [] if leave_out is None else leave_out())


def scores_of(protocol: Protocol, table: pd.DataFrame) -> dict[str, float]:
    """Return the scores of a protocol's table.

    Raises
    ------
    UserError
        When the protocol gives anything but numbers by name.
    """
    score = protocol.score or score_of_changes
    with blamed(protocol, score, " and scored"):
        scores = dict(score(table))
    if not scores or not all(isinstance(value, numbers.Real) for value in scores.values()):
        raise UserError(f"protocol {protocol.name!r} gave the scores {scores}; return a mapping of at least one name to a number.")
    return scores


def _with_attributes(
    protocol: Protocol, rule: Rule, table: pd.DataFrame, about: Mapping[str, Any], parts: Sequence[pd.DataFrame]
) -> pd.DataFrame:
    """Return a table that says what it is of; ``parts`` leave out one part of the replicas each."""
    scores = scores_of(protocol, table)
    errors = standard_errors(protocol.score or score_of_changes, parts) if parts else {}
    if (said := how_many(rule, scores, errors, int(about["options"].get("replicas", 1)))) and draws(rule):
        logger.warning(said)
    if not (protocol.name in catalogue("protocol") and get("protocol", protocol.name) == protocol):
        table.attrs["protocol"] = protocol  # its name leads nowhere, or to another one
    table.attrs["run"] = {
        "protocol": protocol.name,
        "rule": rule.name,
        "rule_file": rule.file,
        "scores": scores,
        "score_sem": errors,
        "parameters": {k: str(v) for k, v in rule.parameters.items()},
        "initial": {k: str(v) for k, v in rule.initial.items()},
        "equations": {"model": rule.model, "on_pre": rule.on_pre, "on_post": rule.on_post},
        **_circumstances(rule),
        **about,
    }
    return table


def _circumstances(rule: Rule) -> dict[str, Any]:
    """Return the neuron, how it is driven, and the signals that the rule reads, in words."""
    neuron = None if rule.post is None else resolve_model(rule.post)
    signals = {name: f"{one.times.size} changes" for name, one in rule.third_factors.items() if one is not None}
    said = {"neuron": neuron and neuron.name, "drive": neuron and neuron.drive and str(neuron.drive), "third_factors": signals}
    return {name: value for name, value in said.items() if value}


def plot(table: pd.DataFrame, ax=None):
    """Draw a table that :func:`run` returned, over its data; returns the matplotlib axes."""
    if "run" not in table.attrs:
        raise UserError("this table does not say which protocol it is from; give the table that brian2chip.run returned.")
    about = table.attrs["run"]
    protocol = table.attrs.get("protocol") or resolve_protocol(about["protocol"])
    draw = protocol.plot or plots.changes
    with blamed(protocol, draw, " and drawn"):
        ax = draw(table, ax=ax)
    name, value = next(iter(about["scores"].items()))
    sem = about.get("score_sem", {}).get(name)
    error = f" $\\pm$ {sem:.2g}" if sem else ""
    ax.set_title(f"{about['rule']} on {about['protocol']}: {name} = {value:.3g}{error}", fontsize="medium")
    return ax


def write(table: pd.DataFrame, out: str | os.PathLike, force: bool = False) -> None:
    """Write a table that :func:`run` returned into a new folder: table.csv, figure.png, run.json, and the traces that it recorded."""
    with output.folder(out, force) as folder:
        table.to_csv(folder / "table.csv", index=False)
        with output.drawing("figure.png"):
            figure = Figure(figsize=(6, 4), layout="constrained")
            plot(table, figure.add_subplot())
            figure.savefig(folder / "figure.png", dpi=150)
        if isinstance(table.attrs.get("traces"), Traces):
            table.attrs["traces"].table.to_csv(folder / "traces.csv", index=False)
            with output.drawing("traces.png"):
                figure = Figure(figsize=(7, 5), layout="constrained")
                trace_plots.draw(table.attrs["traces"].table, figure)
                figure.savefig(folder / "traces.png", dpi=150)
        output.write_json(folder / output.MARK, table.attrs["run"])
