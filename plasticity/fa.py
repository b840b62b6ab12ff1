"""Feedback alignment: as backpropagation, through fixed random weights (Lillicrap et al. 2016)."""

from __future__ import annotations

from brian2chip.core.layered_rule import LayeredRule

FA = LayeredRule(
    name="fa",
    source="Lillicrap, Cownden, Tweed, Akerman 2016, Nature Communications 7:13276",
    signal="delta = dot_transposed(B_above, dz_above, i)",
)
