"""Equilibrium propagation: weights change with the difference of two products of rates, nudged and free (Scellier & Bengio 2017).

``y`` and ``y_below`` are the rates on both sides of a weight, ``r`` and ``r_below`` the stored ones: of the free equilibrium (EP), of
the step before (C-EP, Ernoult et al. 2020), or of the equilibrium nudged the other way (symmetric, Laborieux et al. 2021). ``scale`` is
one over the nudge (twice the nudge where it is symmetric) and the batch; the gradient is that of the loss.
"""

from __future__ import annotations

from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.equilibrium_rule import EquilibriumRule, EquilibriumTraining

EP = EquilibriumRule(
    name="ep",
    source="Scellier & Bengio 2017; discrete time as Ernoult et al. 2019, NeurIPS",
    network=EquilibriumConfig("prototypical", "sigmoid", free=30, nudged=10, beta=0.1),
    training=EquilibriumTraining(rates=(0.08, 0.04), batch=20, epochs=30),
)
"""Equilibrium propagation: weights change with the difference of two products of rates, nudged and free (Scellier & Bengio 2017)."""
CEP = EquilibriumRule(
    name="cep",
    source="Ernoult, Grollier, Querlioz, Bengio, Scellier 2020",
    network=EquilibriumConfig("prototypical", "sigmoid", free=40, nudged=15, beta=0.2, continual=True),
    training=EquilibriumTraining(rates=(0.0056, 0.0028), batch=20, epochs=100),
)
"""Continual equilibrium propagation: weights change at every nudged step (Ernoult et al. 2020)."""

WEIGHTS = "gradient = -scale*(outer(y, y_below, i) - outer(r, r_below, i))"
BIASES = "gradient = -scale*(batch_total(y, i) - batch_total(r, i))"
#: What is kept, at the steps that the schedule names.
KEEP = "r = keeps*y + (1 - keeps)*r"
