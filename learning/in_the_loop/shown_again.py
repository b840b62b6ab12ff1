"""Learning from two showings of a sample: in the second the error is known, and meets the eligibility as it is at that step.

Synapses of inputs that have not spiked have no eligibility, and take no part.
"""

from __future__ import annotations

import numpy as np

from brian2chip.core.later import internals
from brian2chip.engine.functions.links import refer
from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.in_the_loop.projections import ELIGIBILITY, cleared, plastic, store

SIGNAL = "slot : integer (constant)\ng : 1\nsignal_pre = now_post*err_post*w : 1 (summed)\n"


def synapses(spec: LoopSpec, o: dict) -> dict:
    """Return both projections with their gradients, which grow at the steps of the largest membranes, and their stores."""
    w_out = plastic("w_out", spec, o["rec"], o["out"], (spec.n_rec, spec.n_out), SIGNAL)
    w_out.slot = np.arange(len(w_out))
    internals.schedule_sum(w_out, "signal_pre", "end", 2)
    w_out.run_regularly("g += now_post*err_post*z_out_pre", when="end", order=3, name="w_out_rule")
    cleared(w_out, spec, "g")
    out_store = store("w_out", spec, w_out, spec.n_rec * spec.n_out, np.arange(len(w_out)))
    refer(w_out, out_store["w_out_store"], "w", "slot")

    state, code = "eps : 1\nslow : 1\ne_bar : 1\ng : 1\n", ELIGIBILITY + "g += signal_post*e_bar\n"
    w_in = plastic("w_in", spec, o["input"], o["rec"], (spec.n_in, spec.n_rec), state, awake=code)
    w_in.namespace["stops"] = float(spec.hidden.reset == "zero")
    w_in.at_awake.when, w_in.at_awake.order = "end", 3
    cleared(w_in, spec, "eps", "slow", "e_bar", "g")
    return {"w_in": w_in, "w_out": w_out, **out_store, **store("w_in", spec, w_in, spec.n_in * spec.n_rec, np.arange(len(w_in)))}
