"""Fit a rule's parameters to a protocol's data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from brian2.units.fundamentalunits import Quantity, get_dimensions

from brian2chip.analysis.fit import Fit, fit_parameters
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.paired_synapses import si
from brian2chip.protocols.prepare import check_can_be_paired, checked_options, grid_dt, prepared, resolve_protocol, resolve_rule


def fit(
    protocol: Protocol | str,
    rule: Rule | str,
    *,
    free: list[str] | None = None,
    parameters: Mapping[str, Any] | None = None,
    device: str = "auto",
    seed: int = 1,
    progress: Progress = None,
    **options,
) -> Fit:
    """Return a rule's parameters as a protocol's data determine them, by least squares, with confidence intervals.

    Parameters
    ----------
    protocol, rule, device, seed, progress, options
        As in :func:`brian2chip.run`.
    free : list of str, optional
        Parameters to fit; by default the amplitudes, i.e. the dimensionless parameters whose name begins with ``A``.
    parameters : mapping, optional
        Values of the parameters that are held, and starting values of the free ones.

    Raises
    ------
    UserError
        For an unknown name, a wrong unit, a value out of bounds, or fewer data points than free parameters.
    """
    protocol, rule = resolve_protocol(protocol), resolve_rule(rule).with_parameters(**(parameters or {}))
    chosen = checked_options(protocol, options)
    check_can_be_paired(rule)
    free = _checked_names(rule, free)
    start = [si(rule.parameters[name]) for name in free]
    units = [_unit(rule.parameters[name]) for name in free]
    bounds = [tuple(None if bound is None else si(bound) for bound in rule.bounds.get(name, (None, None))) for name in free]
    settings = {"device": device, "seed": int(seed), "dt": grid_dt(rule, protocol), "progress": None, "info": {}}

    def residuals(vector: np.ndarray) -> np.ndarray:
        """Return the residuals in standard errors (plain differences where the data have none)."""
        table = evaluate(**{n: v * u for n, v, u in zip(free, vector, units)})
        data = table[table["data_used"] if "data_used" in table else table["data_dw"].notna()]
        return ((data["dw"] - data["data_dw"]) / data["data_sem"].fillna(1.0)).to_numpy()

    with (
        callback(progress, f"fitting {rule.name} to {protocol.name}") as report,
        prepared(rule, protocol, chosen, settings, runs=20 * len(free)) as evaluate,
    ):
        return fit_parameters(residuals, free, start, bounds, progress=report)


def _checked_names(rule: Rule, free: list[str] | None) -> list[str]:
    """Return the parameters to fit, the amplitudes when none are named."""
    free = [name for name in rule.parameters if name.startswith("A")] if free is None else list(free)
    if not free:
        raise UserError(f"name the parameters of {rule.name!r} to fit with --free; it has {', '.join(rule.parameters)}.")
    for name in free:
        if name not in rule.parameters:
            raise unknown(f"parameter of {rule.name!r} called", name, rule.parameters)
    return free


def _unit(value: Any) -> Quantity:
    """Return the SI unit of a parameter, 1 for a plain number."""
    return Quantity(1.0, dim=get_dimensions(value))
