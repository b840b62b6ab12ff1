"""Both projections without learning."""

from __future__ import annotations

from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.in_the_loop.projections import plastic


def synapses(spec: LoopSpec, o: dict) -> dict:
    """Return both projections."""
    w_in = plastic("w_in", spec, o["input"], o["rec"], (spec.n_in, spec.n_rec))
    w_out = plastic("w_out", spec, o["rec"], o["out"], (spec.n_rec, spec.n_out))
    return {"w_in": w_in, "w_out": w_out}
