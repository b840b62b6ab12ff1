"""Direct random target projection: the target itself, by fixed random weights; no error is awaited (Frenkel et al. 2021)."""

from __future__ import annotations

from brian2chip.core.layered_rule import LayeredRule

DRTP = LayeredRule(
    name="drtp",
    source="Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892",
    signal="delta = dot_transposed(B, target, i)",
    convention="the weights descend along it; not divided by batch and outputs as the gradient of the loss is",
)
