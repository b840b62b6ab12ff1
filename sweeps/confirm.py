"""More points than anybody confirmed are not computed: how many they are, and how long they would take."""

from __future__ import annotations

import time
from collections.abc import Sequence

from brian2chip.core.progress import silent
from brian2chip.core.workers import Workers
from brian2chip.errors import UserError
from brian2chip.sweeps.compute import Gap, missing, rows
from brian2chip.sweeps.points import Points
from brian2chip.sweeps.study import Study

#: Points that nobody has to confirm: of those that share a network, and of others.
SHARED, OTHERS = 100_000, 1_000
#: Points that are tried to tell how long all take.
TRIED = 1_000


def confirm(study: Study, points: Points, where: Sequence[Gap], most: float | None, workers: Workers) -> None:
    """Refuse more missing points than ``most``, or than the package takes for few.

    Raises
    ------
    UserError
        With their number and the time that they would take, by that of the first ones.
    """
    n = missing(where)
    limit = (OTHERS if study.together is None else SHARED) if most is None else most
    if n <= limit:
        return
    first = where[0][0]
    tried = 1 if study.together is None else min(TRIED, where[0][1] - first)
    began = time.monotonic()
    for _ in rows(study, points, [(first, first + tried)], Workers(1), silent):
        pass
    at_once = 1 if study.together is not None else workers.cores
    seconds = (time.monotonic() - began) / tried * n / at_once
    raise UserError(
        f"this sweep has {n} points to compute, about {duration(seconds)} by the time that {tried} took here, and {limit:g} are computed "
        f"unasked; give most={n}, on the command line --yes, or fewer points."
    )


def duration(seconds: float) -> str:
    """Return a time as a reader would say it."""
    for limit, unit, size in ((120, "s", 1), (7200, "min", 60), (172_800, "h", 3600)):
        if seconds < limit:
            return f"{seconds / size:.2g} {unit}"
    return f"{seconds / 86_400:.3g} days"
