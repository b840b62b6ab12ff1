"""Equilibrium propagation: weights follow the difference of two products of rates, nudged and free (Scellier & Bengio 2017).

``y`` and ``y_below`` are the rates of both ends of a weight, ``r`` and ``r_below`` those that were kept: of the free equilibrium (EP), of
the step before (C-EP, Ernoult et al. 2020), or of the equilibrium nudged the other way (symmetric, Laborieux et al. 2021). ``scale`` is
one over the nudge (twice the nudge where it is symmetric) and the batch; the gradient is that of the loss.
"""

from __future__ import annotations

WEIGHTS = "gradient = -scale*(outer(y, y_below, i) - outer(r, r_below, i))"
BIASES = "gradient = -scale*(batch_total(y, i) - batch_total(r, i))"
#: What is kept, at the steps that the schedule names.
KEEP = "r = keeps*y + (1 - keeps)*r"
