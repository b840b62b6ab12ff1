"""A fit of a rule to a protocol's data at every point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.protocols.fit import fit
from brian2chip.protocols.free_parameters import free_vector
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.protocol_runs import names_of
from brian2chip.sweeps.study import Study, content, taken

#: What holds for all fits of a sweep, as :func:`brian2chip.fit` takes it.
SETTINGS = ("free", "bounds", "starts", "search", "intervals", "samples", "confidence")


def protocol_fits(protocol: Protocol, rule: Rule, points: Points, how: Mapping[str, Any], device: str, dt: Any) -> Study:
    """Return the study of fits: held parameters, the first of the starting values, options of the protocol and the seed may vary.

    Raises
    ------
    UserError
        For unknown names, wrong units and settings that no fit has.
    """
    settings = taken(how, "fits", SETTINGS)
    options = names_of(protocol, rule, points)
    free_vector(rule, settings.get("free"), None, {}, settings.get("bounds"), [protocol.name])
    rule = replace(rule, oracle=None)
    run = {**settings, "device": device, "dt": dt}
    about = {
        "protocol": content(protocol),
        "rule": content(rule),
        "device": device,
        "dt": None if dt is None else float(dt),
        "how": settings,
    }
    return Study("fit", f"fits of {rule.name} to {protocol.name}", about, partial(_point, protocol, rule, run, options))


def _point(
    protocol: Protocol, rule: Rule, how: Mapping[str, Any], options: set[str], values: Mapping[str, Any], seed: int, report: Any = None
) -> dict[str, Any]:
    """Return the fitted values with their standard errors, how good they are, and what the data do not determine."""
    own = {name: value for name, value in values.items() if name not in options}
    chosen = {name: value for name, value in values.items() if name in options}
    found = fit(protocol, rule, parameters=own, seed=seed, progress=report, **how, **chosen)
    row: dict[str, Any] = {}
    for name, value, error in zip(found.names, found.values, found.standard_errors):
        row |= {f"fitted_{name}": value, f"fitted_{name}_se": error}
    return {**row, "rms": found.rms, **found.criteria(), "undetermined": ", ".join(found.undetermined)}
