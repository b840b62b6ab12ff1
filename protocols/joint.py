"""Several experiments as one, so that one set of parameters is fitted to all of their data in one network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from brian2chip.core.protocol import Protocol
from brian2chip.errors import UserError
from brian2chip.protocols.prepare import conditions_of

#: Columns of a joint table that say where a condition comes from.
WHOSE, ROW = "protocol", "row"


def joint(protocols: Sequence[Protocol]) -> Protocol:
    """Return one protocol of the conditions of several, on a step that holds the spikes of all.

    Raises
    ------
    UserError
        For a protocol twice, and for protocols that are networks of their own, draw replicas, or measure anything but the relative change.
    """
    names = [protocol.name for protocol in protocols]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise UserError(f"protocol {double!r} was given twice to be fitted together; give it once.")
    for protocol in protocols:
        if protocol.simulate is not None or protocol.reduce is not None or protocol.replicas > 1:
            raise UserError(
                f"protocol {protocol.name!r} measures more than the relative change of single synapses and cannot be fitted together with "
                "others; fit it alone."
            )
    own = {protocol.name: protocol for protocol in protocols}
    tables = {name: conditions_of(protocol, dict(protocol.options)) for name, protocol in own.items()}
    return Protocol(
        name=" + ".join(names),
        source="; ".join(protocol.source for protocol in protocols),
        conditions=partial(_conditions, tables),
        stimulate=partial(_stimulate, own, tables),
        dt=int(np.gcd.reduce([round(protocol.dt * 1e9) for protocol in protocols])) / 1e9,
    )


def _conditions(tables: Mapping[str, pd.DataFrame], options: Mapping[str, Any]) -> pd.DataFrame:
    """Return the conditions of all, with what each needs of scores and fits."""
    parts = []
    for name, table in tables.items():
        data = table["data_dw"] if "data_dw" in table else pd.Series(np.nan, table.index)
        used = data.notna() & (table["data_used"] if "data_used" in table else True)
        sem = table["data_sem"] if "data_sem" in table else pd.Series(np.nan, table.index)
        parts.append(pd.DataFrame({WHOSE: name, ROW: range(len(table)), "data_dw": data, "data_sem": sem, "data_used": used}))
    return pd.concat(parts, ignore_index=True)


def _stimulate(own: Mapping[str, Protocol], tables: Mapping[str, pd.DataFrame], condition, options, rng) -> tuple:
    """Return the spikes that the condition's own protocol gives it."""
    protocol = own[condition[WHOSE]]
    return protocol.stimulate(tables[protocol.name].iloc[condition[ROW]].to_dict(), dict(protocol.options), rng)
