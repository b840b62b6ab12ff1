"""Learning from one showing of a sample: for every output the eligibility is kept as it was at the step of its largest membrane."""

from __future__ import annotations

import numpy as np

from brian2chip.core.later import brian2
from brian2chip.engine.functions.links import refer
from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.in_the_loop.projections import ELIGIBILITY, all_pairs, cleared, plastic, store


def synapses(spec: LoopSpec, o: dict) -> dict:
    """Return both projections with what is kept at the step of each output's largest membrane, and their stores."""
    w_in = plastic("w_in", spec, o["input"], o["rec"], (spec.n_in, spec.n_rec), "eps : 1\nslow : 1\ne_bar : 1\n")
    w_in.namespace["stops"] = float(spec.hidden.reset == "zero")
    w_in.run_regularly(ELIGIBILITY, when="end", order=1, name="w_in_rule")
    cleared(w_in, spec, "eps", "slow", "e_bar")
    w_out = plastic("w_out", spec, o["rec"], o["out"], (spec.n_rec, spec.n_out), "held : 1\ng : 1\n")
    w_out.run_regularly("held += larger_post*(z_out_pre - held)", when="end", order=2, name="w_out_hold")
    w_out.run_regularly("g = held*err_post", dt=spec.sample_duration, when="start", order=-11, name="w_out_gradient")
    out_store = store("w_out", spec, w_out, spec.n_rec * spec.n_out, np.arange(len(w_out)))

    each = spec.n_in * spec.n_rec  # synapses of a replica, to each of its outputs
    i, k = all_pairs(each, spec.n_out, spec.replicas)
    variables = "slot : integer (constant)\nheld : 1\ng : 1"
    hold = brian2.Synapses(w_in, o["out"], variables, on_post="held = e_bar_pre", on_event={"post": "larger"}, name="hold")
    hold.connect(i=i, j=k)
    hold.slot = (i // each * spec.n_rec + i % each % spec.n_rec) * spec.n_out + k % spec.n_out
    refer(hold, out_store["w_out_store"], "w", "slot")
    hold.post.when, hold.post.order = "end", 3
    hold.run_regularly("g = held*w*err_post", dt=spec.sample_duration, when="start", order=-11, name="hold_gradient")
    return {"w_in": w_in, "w_out": w_out, "hold": hold, **out_store, **store("w_in", spec, hold, each, i)}
