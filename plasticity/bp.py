"""Backpropagation: the exact gradient, through the transposed forward weights (Rumelhart et al. 1986)."""

from __future__ import annotations

from brian2chip.core.layered_rule import LayeredRule

BP = LayeredRule(
    name="bp",
    source="Rumelhart, Hinton, Williams 1986, Nature 323:533",
    signal="delta = dot_transposed(W_above, dz_above, i)",
)
