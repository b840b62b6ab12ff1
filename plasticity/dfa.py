"""Direct feedback alignment: the output's error, or its sign, reaches every layer by fixed random weights (Nøkland 2016)."""

from __future__ import annotations

from brian2chip.core.layered_rule import LayeredRule

SCALE = "the signal is the error itself, not divided by batch and outputs as the gradient of the loss is"

DFA = LayeredRule(
    name="dfa",
    source="Nøkland 2016, NeurIPS 29",
    signal="delta = dot_transposed(B, error, i)",
    convention=SCALE,
)
"""Direct feedback alignment: the output's error reaches every layer by fixed random weights (Nøkland 2016)."""

SDFA = LayeredRule(
    name="sdfa",
    source="Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892",
    signal="delta = dot_transposed(B, sign_error, i)",
    convention=SCALE,
)
"""Direct feedback alignment with the sign of the error alone (Frenkel et al. 2021)."""
