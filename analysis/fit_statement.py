"""What a fit is worth, in words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np

from brian2chip.analysis.fit_result import COLLINEAR


def statement(
    names: Sequence[str],
    best: Any,
    ends: np.ndarray,
    undetermined: Sequence[str],
    vanishing: Sequence[str],
    on_bound: Collection[str],
    condition: float,
    confidence: float,
    lower: bool,
) -> str:
    """Return what the data say of the parameters, from scipy's result and the ends of the intervals; ``lower``: a better fit was met."""
    n, known = best.fun.size, (*undetermined, *vanishing)
    wide = [k for k, low, x, high in zip(names, ends[0], best.x, ends[1]) if k not in known and k not in on_bound and low * high <= 0]
    sentences = []
    if undetermined:
        sentences.append(
            f"The fit is ill-conditioned: the {n} data points do not determine {' and '.join(undetermined)}; the other parameters make up "
            f"for values as far as a bound ({confidence:.0%})."
        )
    if condition > COLLINEAR:
        trade = "parameters trade against one another" if np.isfinite(condition) else "a parameter changes nothing"
        sentences.append(f"The fit is ill-conditioned: {trade} (condition number {condition:.3g} > {COLLINEAR:g}).")
    if vanishing:
        sentences.append(f"The data do not tell {' or '.join(vanishing)} from zero ({confidence:.0%}).")
    if set(on_bound) - set(vanishing):
        sentences.append(f"{' and '.join(n for n in on_bound if n not in vanishing)} ended on a bound, without an interval.")
    if wide:
        sentences.append(f"The {confidence:.0%} interval of {' and '.join(wide)} reaches zero: only roughly determined.")
    if lower:
        sentences.append("A profile came upon a better fit than this one; fit again from several starts.")
    return " ".join(sentences) or f"The {n} data points determine all parameters (condition number {condition:.3g})."
