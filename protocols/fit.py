"""Fit a rule's parameters to a protocol's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.fit import Fit, check_choices, fit_parameters
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.units import Quantity
from brian2chip.core.workers import Workers
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.driving import with_neuron
from brian2chip.protocols.fit_problem import Problem
from brian2chip.protocols.free_parameters import free_vector, split_starts
from brian2chip.protocols.joint import WHOSE, joint
from brian2chip.protocols.options import checked_options
from brian2chip.protocols.prepare import (
    check_can_be_paired,
    checked_changes,
    conditions_of,
    grid_dt,
    resolve_protocol,
    resolve_rule,
)


def fit(
    protocol: Protocol | str | Sequence[Protocol | str],
    rule: Rule | str,
    *,
    free: list[str] | None = None,
    separate: list[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    bounds: Mapping[str, tuple] | None = None,
    starts: int = 1,
    search: str = "latin_hypercube",
    intervals: str = "jacobian",
    samples: int = 200,
    confidence: float = 0.95,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    workers: int | None = None,
    progress: Progress = None,
    **options,
) -> Fit:
    """Return a rule's parameters as a protocol's data determine them, by least squares, with confidence intervals.

    Every evaluation draws the same random numbers, those of ``seed``. What is evaluated at once (a point and its derivatives, all starts,
    all refits) is one run of one program, a synapse for each condition and parameter set.

    Parameters
    ----------
    protocol : Protocol or str, or several
        Several are fitted together; they take no options.
    rule, device, dt, progress, options
        As in :func:`brian2chip.run`.
    free : list of str, optional
        Parameters to fit; by default the amplitudes, i.e. the dimensionless parameters whose name begins with ``A``.
    separate : list of str, optional
        Those of the free parameters that have a value for each protocol, called ``A2_plus[wang_2005]``; the others have one for all.
    parameters : mapping, optional
        Values of the parameters that are held, and starting values of the free ones, also of one protocol's, ``A2_plus[wang_2005]``.
    bounds : mapping of str to (low, high), optional
        Narrower bounds of free parameters than those of the rule, with units; None for an end that stays.
    starts, search, intervals, samples, confidence
        As in :func:`brian2chip.analysis.fit.fit_parameters`.
    seed : int
        As in :func:`brian2chip.run`, and of random starts and resampled data.
    workers : int, optional
        Worker processes for several starts of a rule whose parameter sets share no network; one a core by default.

    Raises
    ------
    UserError
        For an unknown name, a wrong unit, a value out of bounds, a protocol without data, data of which some have a standard error and
        some have none, or fewer data points than free parameters; all of it before anything runs.
    """
    seed, chosen_workers = checked_seed(seed), Workers(workers)
    check_choices(search=search, intervals=intervals, starts=starts, samples=samples, confidence=confidence)
    protocols = _several(protocol, options)
    shared, own = split_starts(checked_changes(parameters))
    protocol = protocols[0] if len(protocols) == 1 else joint(protocols)
    rule = resolve_rule(rule).with_parameters(**shared)
    chosen = checked_options(protocol, options)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device not in ("auto", *rule.devices) or device == "genn":
        able = [name for name in rule.devices if name != "genn"]
        raise UserError(f"a fit of rule {rule.name!r}, which runs it many times, does not run on {device}; use one of {', '.join(able)}.")
    check_can_be_paired(rule)
    rule = with_neuron(rule, protocol, dt=grid_dt(rule, protocol, dt))
    conditions = conditions_of(protocol, chosen)
    vector = free_vector(rule, free, separate, own, bounds, [each.name for each in protocols])
    data, sem, known_errors = data_points(protocol, conditions, vector.names)
    where = (
        conditions[WHOSE].map([each.name for each in protocols].index).to_numpy() if len(protocols) > 1 else np.zeros(len(conditions), int)
    )
    settings = {"device": device, "seed": seed, "dt": grid_dt(rule, protocol, dt), "progress": None}

    numbers = data.index.to_numpy(), data.to_numpy(), sem.to_numpy()
    problem = Problem(protocol, replace(rule, oracle=None), chosen, settings, vector, where, *numbers)
    with callback(progress, f"fitting {rule.name} to {protocol.name}") as report, problem.ready() as (residuals, at_once):
        found = fit_parameters(
            residuals,
            vector.names,
            vector.start,
            vector.bounds,
            starts=starts,
            search=search,
            seed=seed,
            confidence=confidence,
            intervals=intervals,
            samples=samples,
            vectorized=at_once,
            known_errors=known_errors,
            rough=problem.searches(starts, at_once, chosen_workers),
            progress=report,
        )
    rules = {each.name: vector.rule_with(found.values, k) for k, each in enumerate(protocols)}
    return replace(found, units=vector.units, rules=rules)


def _several(given: Protocol | str | Sequence[Protocol | str], options: Mapping[str, Any]) -> list[Protocol]:
    """Return the protocols to fit to."""
    if not isinstance(given, list | tuple):
        return [resolve_protocol(given)]
    several = [resolve_protocol(each) for each in given]
    if not several:
        raise UserError("there is no protocol to fit to; name at least one.")
    if len(several) > 1 and options:
        raise UserError(f"option {next(iter(options))} was given with several protocols, which take none; fit one of them alone.")
    return several


def data_points(protocol: Protocol, conditions: pd.DataFrame, free: Sequence[str]) -> tuple[pd.Series, pd.Series, bool]:
    """Return the data points with their standard errors, all 1 where there are none, and whether there are.

    Raises
    ------
    UserError
        For no data, fewer than there are free parameters, and standard errors that are not positive or given for some points alone.
    """
    if protocol.simulate is not None or "data_dw" not in conditions or not conditions["data_dw"].notna().any():
        raise UserError(
            f"protocol {protocol.name!r} has no data points to fit to; use one that has, such as bi_poo_1998, or give its conditions the "
            "columns data_dw and data_sem."
        )
    used = conditions[conditions["data_dw"].notna() & (conditions["data_used"] if "data_used" in conditions else True)]
    if len(used) <= len(free):
        raise UserError(f"{len(free)} parameters cannot be fitted to {len(used)} data points; free fewer of {', '.join(free)}.")
    sem = used["data_sem"] if "data_sem" in used else pd.Series(np.nan, used.index)
    known = bool(sem.notna().any())
    if not known:
        sem = sem.fillna(1.0)
    elif sem.isna().any():
        raise UserError(
            f"{sem.isna().sum()} of the {len(sem)} data points of {protocol.name!r} have no standard error (data_sem) and would weigh as "
            "if it were 1; give all points one, or none."
        )
    if not ((sem > 0) & np.isfinite(sem)).all():
        wrong = sem[~((sem > 0) & np.isfinite(sem))].iloc[0]
        raise UserError(f"the standard error (data_sem) of a data point of {protocol.name!r} is {wrong:g}; it must be positive.")
    return used["data_dw"].astype(float), sem.astype(float), known
