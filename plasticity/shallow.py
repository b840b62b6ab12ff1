"""Shallow learning: only the output layer learns, the hidden layers keep their random weights."""

from __future__ import annotations

from brian2chip.core.layered_rule import LayeredRule

SHALLOW = LayeredRule(
    name="shallow",
    source="Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892, the control",
    signal="delta = 0",
)
