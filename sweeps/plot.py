"""Draw the table of a sweep: what varies is found in it."""

from __future__ import annotations

import pandas as pd

from brian2chip.analysis import sweep_plots
from brian2chip.errors import UserError, unknown
from brian2chip.sweeps.points import ERROR, POINT, SEED

#: Share of a grid that has to be there to be drawn as one.
FULL = 0.3


def plot_sweep(table: pd.DataFrame, value: str | None = None, *, x: str | None = None, y: str | None = None, lines: bool = False, ax=None):
    """Draw a result of a sweep over what varies: lines over one quantity, a heat map over two; the others, and seeds, are averaged over.

    Parameters
    ----------
    table : DataFrame
        As :func:`brian2chip.sweep` returns it.
    value : str, optional
        The result; the first one by default.
    x, y : str, optional
        The quantities; the first two that vary by default.
    lines : bool
        Draw lines over ``x``, one for each value of ``y``, in place of a heat map.
    ax : Axes, optional

    Returns
    -------
    Axes

    Raises
    ------
    UserError
        For unknown names, and a table in which nothing varies or no point has a result.
    """
    if not {POINT, SEED, ERROR} <= set(table):
        raise UserError("this table is not of a sweep; give the one that brian2chip.sweep returned or wrote.")
    names = list(table)
    varied, results = names[1 : names.index(SEED)], names[names.index(SEED) + 1 : names.index(ERROR)]
    results = [name for name in results if pd.api.types.is_numeric_dtype(table[name])]
    good = table[table[ERROR] == ""]
    if not results or not len(good):
        raise UserError("no point of this table has a result, so there is nothing to draw; its column error says why.")
    for name, known in ((value, results), (x, [*varied, SEED]), (y, [*varied, SEED])):
        if name is not None and name not in known:
            raise unknown("column to draw called", name, known)
    several = [name for name in [*varied, SEED] if good[name].nunique() > 1 and name not in (x, y)]
    value = results[0] if value is None else value
    x = x if x is not None else several.pop(0) if several else varied[0] if varied else SEED
    y = y if y is not None else next((name for name in several if name != SEED), None)
    if y is None or lines:
        return sweep_plots.lines(good, x, value, y, ax)
    if good[[x, y]].drop_duplicates().shape[0] >= FULL * good[x].nunique() * good[y].nunique():
        return sweep_plots.heat_map(good, x, y, value, ax)
    return sweep_plots.scattered(good, x, y, value, ax)
