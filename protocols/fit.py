"""Fit a rule's parameters to a protocol's data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.fit import Fit, fit_parameters
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.seed import checked_seed
from brian2chip.core.units import Quantity, get_dimensions
from brian2chip.engine.devices import DEVICES
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.driving import with_neuron
from brian2chip.protocols.efficacy import starts
from brian2chip.protocols.joint import joint
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.options import checked_options
from brian2chip.protocols.prepare import (
    check_can_be_paired,
    checked_changes,
    conditions_of,
    grid_dt,
    prepared,
    resolve_protocol,
    resolve_rule,
)
from brian2chip.protocols.starting_weights import kept_within


def fit(
    protocol: Protocol | str | Sequence[Protocol | str],
    rule: Rule | str,
    *,
    free: list[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    progress: Progress = None,
    **options,
) -> Fit:
    """Return a rule's parameters as a protocol's data determine them, by least squares, with confidence intervals.

    Every evaluation draws the same random numbers, those of ``seed``.

    Parameters
    ----------
    protocol : Protocol or str, or several
        With several, one set of parameters is fitted to all of their data; they take no options.
    rule, device, seed, dt, progress, options
        As in :func:`brian2chip.run`.
    free : list of str, optional
        Parameters to fit; by default the amplitudes, i.e. the dimensionless parameters whose name begins with ``A``.
    parameters : mapping, optional
        Values of the parameters that are held, and starting values of the free ones.

    Raises
    ------
    UserError
        For an unknown name, a wrong unit, a value out of bounds, a protocol without data, data of which some have a standard error and
        some have none, or fewer data points than free parameters; all of it before anything runs.
    """
    seed = checked_seed(seed)
    protocol, rule = _one(protocol, options), resolve_rule(rule).with_parameters(**checked_changes(parameters))
    chosen = checked_options(protocol, options)
    if device not in DEVICES:
        raise unknown("device", device, DEVICES)
    if device not in ("auto", *rule.devices) or device == "genn":
        able = [name for name in rule.devices if name != "genn"]
        raise UserError(f"a fit of rule {rule.name!r}, which runs it many times, does not run on {device}; use one of {', '.join(able)}.")
    check_can_be_paired(rule)
    rule = with_neuron(rule, protocol, dt=grid_dt(rule, protocol, dt))
    free = _checked_names(rule, free)
    data, sem = _data(protocol, conditions_of(protocol, chosen), free)
    start = [si(rule.parameters[name]) for name in free]
    units = [_unit(rule.parameters[name]) for name in free]
    settings = {"device": device, "seed": seed, "dt": grid_dt(rule, protocol, dt), "progress": None, "info": {}}

    def residuals(vector: np.ndarray) -> np.ndarray:
        """Return the residuals in standard errors (plain differences where the data have none)."""
        table = evaluate(**{n: v * u for n, v, u in zip(free, vector, units)})
        return ((table["dw"].loc[data.index] - data) / sem).to_numpy()

    with (
        callback(progress, f"fitting {rule.name} to {protocol.name}") as report,
        prepared(rule, protocol, chosen, settings, runs=20 * len(free)) as evaluate,
    ):
        return fit_parameters(residuals, free, start, _bounds(rule, free), progress=report)


def _one(given: Protocol | str | Sequence[Protocol | str], options: Mapping[str, Any]) -> Protocol:
    """Return the protocol to fit to, of several the joint one."""
    if not isinstance(given, list | tuple):
        return resolve_protocol(given)
    several = [resolve_protocol(each) for each in given]
    if not several:
        raise UserError("there is no protocol to fit to; name at least one.")
    if len(several) > 1 and options:
        raise UserError(f"option {next(iter(options))} was given with several protocols, which take none; fit one of them alone.")
    return several[0] if len(several) == 1 else joint(several)


def _data(protocol: Protocol, conditions: pd.DataFrame, free: list[str]) -> tuple[pd.Series, pd.Series]:
    """Return the data points with their standard errors, all 1 where there are none."""
    if protocol.simulate is not None or "data_dw" not in conditions or not conditions["data_dw"].notna().any():
        raise UserError(
            f"protocol {protocol.name!r} has no data points to fit to; use one that has, such as bi_poo_1998, or give its conditions the "
            "columns data_dw and data_sem."
        )
    used = conditions[conditions["data_dw"].notna() & (conditions["data_used"] if "data_used" in conditions else True)]
    if len(used) <= len(free):
        raise UserError(f"{len(free)} parameters cannot be fitted to {len(used)} data points; free fewer of {', '.join(free)}.")
    sem = used["data_sem"] if "data_sem" in used else pd.Series(np.nan, used.index)
    if sem.isna().all():
        sem = sem.fillna(1.0)
    elif sem.isna().any():
        raise UserError(
            f"{sem.isna().sum()} of the {len(sem)} data points of {protocol.name!r} have no standard error (data_sem) and would weigh as "
            "if it were 1; give all points one, or none."
        )
    if not ((sem > 0) & np.isfinite(sem)).all():
        wrong = sem[~((sem > 0) & np.isfinite(sem))].iloc[0]
        raise UserError(f"the standard error (data_sem) of a data point of {protocol.name!r} is {wrong:g}; it must be positive.")
    return used["data_dw"].astype(float), sem.astype(float)


def _bounds(rule: Rule, free: list[str]) -> list[tuple[float | None, float | None]]:
    """Return the bounds of the free parameters; one by which the rule's code clips a variable cannot pass that variable's start."""
    bounds = {name: [None if bound is None else si(bound) for bound in rule.bounds.get(name, (None, None))] for name in free}
    for variable, low, high in kept_within(rule):
        begin = [state.get(variable, 0.0) for state in starts(rule)]
        if low in bounds:
            bounds[low][1] = min(begin) if bounds[low][1] is None else min(bounds[low][1], *begin)
        if high in bounds:
            bounds[high][0] = max(begin) if bounds[high][0] is None else max(bounds[high][0], *begin)
    return [tuple(bounds[name]) for name in free]


def _checked_names(rule: Rule, free: list[str] | None) -> list[str]:
    """Return the parameters to fit, the amplitudes when none are named."""
    free = [name for name in rule.parameters if name.startswith("A")] if free is None else [free] if isinstance(free, str) else list(free)
    if not free:
        raise UserError(f"name the parameters of {rule.name!r} to fit with --free; it has {', '.join(rule.parameters) or 'none'}.")
    for name in free:
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
        if free.count(name) > 1:
            raise UserError(f"parameter {name!r} was given twice to be fitted; name it once.")
    return free


def _unit(value: Any) -> Quantity:
    """Return the SI unit of a parameter, 1 for a plain number."""
    return Quantity(1.0, dim=get_dimensions(value))
