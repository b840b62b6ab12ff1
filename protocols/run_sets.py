"""Run many parameter sets of a rule through a protocol: thousands of them as synapses of one compiled program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.analysis.score import scores_of_sets
from brian2chip.core.progress import Progress, callback
from brian2chip.core.protocol import Protocol
from brian2chip.core.rule import Rule
from brian2chip.core.starts import variables
from brian2chip.core.units import Quantity, get_dimensions
from brian2chip.errors import UserError, unknown
from brian2chip.protocols.network_objects import si
from brian2chip.protocols.parameter_sets import ParameterSets
from brian2chip.protocols.prepare import checked_changes, conditions_of, grid_dt, prepared, resolve_protocol, resolve_rule
from brian2chip.protocols.run import checked_run, scores_of

#: Rows of the tables that are held at once, before they are joined or written.
ROWS = 200_000


def run_sets(
    protocol: Protocol | str,
    rule: Rule | str,
    sets: pd.DataFrame | Mapping[str, Any],
    *,
    parameters: Mapping[str, Any] | None = None,
    conditions: bool = False,
    device: str = "auto",
    seed: int = 1,
    dt: Quantity | float | None = None,
    progress: Progress = None,
    **options,
) -> pd.DataFrame:
    """Return the scores of a rule in a protocol with each of many parameter sets, as :func:`brian2chip.run` gives them one by one.

    Parameters
    ----------
    protocol, rule, parameters, device, seed, dt, progress, options
        As in :func:`brian2chip.run`; every set sees the same stimuli.
    sets : DataFrame or mapping of str to values
        A column for each parameter or start, a row a set: a mapping with units, ``{"tau_plus": [10, 20, 30]*ms}``, or a table of plain SI
        numbers.
    conditions : bool
        Return one row a set and condition, with what was measured, instead of one row a set with its scores.

    Returns
    -------
    DataFrame
        ``set`` (from 0), then the values of the set in SI and its scores, or the protocol's columns with ``dw``.

    Raises
    ------
    UserError
        For what :func:`brian2chip.run` refuses in any of the sets, columns of different lengths, and numbers that are not finite.
    """
    protocol, rule = resolve_protocol(protocol), resolve_rule(rule).with_parameters(**checked_changes(parameters))
    several = checked_sets(rule, sets)
    driven, seed, chosen = checked_run(protocol, several.rule, device, seed, options, dt)
    several = replace(several, rule=driven)
    if device == "genn":
        raise UserError("parameter sets do not run together on genn, which takes them as constants; choose another device.")
    settings = {"device": device, "seed": seed, "dt": grid_dt(rule, protocol, dt), "progress": None, "info": {}}
    with callback(progress, f"{several.n} sets of {rule.name} on {protocol.name}") as report:
        pieces = []
        for piece in in_pieces(protocol, several, chosen, settings, conditions):
            pieces.append(piece)
            report((int(piece["set"].iloc[-1]) + 1) / several.n)
    return pd.concat(pieces, ignore_index=True)


def in_pieces(
    protocol: Protocol,
    sets: ParameterSets,
    options: Mapping[str, Any],
    settings: dict[str, Any],
    conditions: bool = False,
    total: int | None = None,
) -> Iterator[pd.DataFrame]:
    """Yield the table of :func:`run_sets` in pieces of about :data:`ROWS` synapses, so that memory does not grow with the sets.

    Where the sets are a part of more, ``total`` says of how many, so that the device is chosen as for all of them.
    """
    described, total = conditions_of(protocol, options), total or sets.n
    size = max(1, ROWS // (len(described) * int(options.get("replicas", 1))))
    by_data = protocol.score is protocol.reduce is protocol.simulate is None and not conditions
    with prepared(sets.rule, protocol, options, settings, runs=-(-total // size), sets=min(size, total)) as ready:
        for first in range(0, sets.n, size):
            part = sets.part(first, first + size)
            if by_data:
                values = {name: value[first : first + size, 0] for name, value in sets.values.items()}
                scores = scores_of_sets(described, ready.changes(part))
                yield pd.DataFrame({"set": range(first, first + part.n), **values, **scores})
                continue
            rows: list[Any] = []
            for k, table in enumerate(ready.tables(part), first):
                values = {name: value[k, 0] for name, value in sets.values.items()}
                if conditions:
                    table.insert(0, "set", k)
                    rows.append(table)
                else:
                    rows.append({"set": k, **values, **scores_of(protocol, table)})
            yield pd.concat(rows, ignore_index=True) if conditions else pd.DataFrame(rows)


def checked_sets(rule: Rule, given: pd.DataFrame | Mapping[str, Any]) -> ParameterSets:
    """Return parameter sets from a table of SI numbers or from columns with units.

    Raises
    ------
    UserError
        For anything else, unknown names, wrong units, columns of different lengths, and values that are not finite numbers.
    """
    if not isinstance(given, pd.DataFrame | Mapping) or not len(given) or not all(isinstance(name, str) for name in given):
        raise UserError(
            f"the sets were given as {type(given).__name__}; give a table, or a mapping of names to values, with at least one set in it, "
            "such as {'tau_plus': [10, 20]*ms}."
        )
    known = variables(rule.model)
    for name in given:
        if name not in rule.parameters and name not in known:
            raise unknown(f"parameter or start of {rule.name!r} called", name, [*rule.parameters, *known])
    columns = {name: _column(rule, name, given[name], isinstance(given, pd.DataFrame)) for name in given}
    sizes = {name: len(column) for name, column in columns.items()}
    if len(set(sizes.values())) > 1:
        said = ", ".join(f"{n} of {name}" for name, n in sizes.items())
        raise UserError(f"the columns of the sets have different lengths, {said}; give one value of each for every set.")
    n = next(iter(sizes.values()))
    one = ParameterSets(rule, columns, n)
    return ParameterSets(one.of(0), columns, n)


def _column(rule: Rule, name: str, value: Any, plain: bool) -> np.ndarray:
    """Return a column of SI numbers, [sets, 1]."""
    each = list(value) if isinstance(value, list | tuple) else value
    try:
        numbers = np.asarray([si(one) for one in each] if isinstance(each, list) else each)
        if numbers.dtype.kind not in "iuf" or numbers.ndim != 1 or not numbers.size or not np.isfinite(numbers).all():
            raise TypeError
    except (TypeError, ValueError):
        raise UserError(f"the values of {name} in the sets are no list of finite numbers; give one number for every set.") from None
    if not plain:
        for one in each if isinstance(each, list) else [Quantity(numbers[0], dim=get_dimensions(each))]:
            rule.with_parameters(**{name: one})
    return numbers.astype(float)[:, None]
