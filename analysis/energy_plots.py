"""The energy account as a picture: synaptic operations a sample on every chip, and joules where an energy is published."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd


def draw(table: pd.DataFrame, axes: Any) -> Any:
    """Draw operations into the first and joules into the second of two axes; return them.

    Parameters
    ----------
    table : DataFrame
        As :func:`brian2chip.translation.energy.energy_table` gives it.
    """
    held = table[table["holds"]]
    left, right = axes
    one = held.drop_duplicates("chip")
    if len(one):
        left.barh(one["chip"], one["synaptic_operations"], color="tab:blue")
    left.set(xlabel="synaptic operations a sample")
    known = held[held["operations_J"].notna()] if "operations_J" in held else held[:0]
    places = np.arange(len(known))
    standing = pd.to_numeric(known["standing_J"], errors="coerce").fillna(0.0) if len(known) else 0
    if len(known):
        right.barh(places, 1e9 * known["operations_J"], color="tab:blue", label="synaptic operations (published energy)")
        right.barh(places, 1e9 * standing, left=1e9 * known["operations_J"], color="0.75", label="leakage and clock (assumed)")
        right.set_yticks(places, [f"{row.chip}\n{row.energy_of}" for row in known.itertuples()], fontsize="x-small")
        right.legend(frameon=False, fontsize="x-small")
    right.set(xlabel="energy a sample (nJ)")
    return axes
