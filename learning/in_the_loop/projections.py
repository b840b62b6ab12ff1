"""Projections whose weights a chip realises, and the stores of the real-valued weights beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.core.later import brian2, internals
from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.optimisers import STORE, update_code

if TYPE_CHECKING:
    from brian2 import Synapses

#: When in a step a projection delivers.
DELIVERED = {"w_in": ("start", 2), "w_out": ("groups", 3)}
ELIGIBILITY = """
eps = alpha_0_post*(1 - stops*before_post)*eps + trace_pre
slow = kappa_syn_post*slow + gain_out_post*psi_post*eps
e_bar = kappa_post*e_bar + slow
"""


def all_pairs(n_pre: int, n_post: int, replicas: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pre and post of all pairs within each replica."""
    r, i, j = (a.ravel() for a in np.meshgrid(*(np.arange(n) for n in (replicas, n_pre, n_post)), indexing="ij"))
    return r * n_pre + i, r * n_post + j


def cleared(group, spec: LoopSpec, *names: str) -> None:
    """Let variables be zero when a showing of a sample begins."""
    code = "\n".join(f"{name} = 0" for name in names)
    group.run_regularly(code, dt=spec.showing_duration, when="start", order=-6, name=f"{group.name}_reset")


def plastic(name: str, spec: LoopSpec, source, target, sizes: tuple[int, int], equations: str = "", **learn: str) -> Synapses:
    """Return the synapses of a projection, whose weights are what the chip makes of those in the store.

    ``learn`` is code that runs at an event of the source, by the name of the event.
    """
    code = {"pre": "I_post += used"} | {f"at_{event}": each for event, each in learn.items()}
    events = {"pre": "spike"} | {f"at_{event}": event for event in learn}
    synapses = brian2.Synapses(source, target, "used : 1 (constant)\n" + equations, on_pre=code, on_event=events, name=name)
    i, j = all_pairs(*sizes, spec.replicas)
    synapses.connect(i=i, j=j)
    synapses.pre.when, synapses.pre.order = DELIVERED[name]
    return synapses


def store(name: str, spec: LoopSpec, source: Synapses, size: int, slot: np.ndarray) -> dict:
    """Return the real-valued weights of a projection with their optimiser; the gradient is the sum of the source's g."""
    weights = brian2.NeuronGroup(spec.replicas * size, STORE, name=f"{name}_store", dt=spec.sample_duration)
    total = "gradient_post = g_pre : 1 (summed)"
    collect = brian2.Synapses(source, weights, total, dt=spec.sample_duration, name=f"{name}_sum")
    collect.connect(i=np.arange(len(slot)), j=slot)
    internals.schedule_sum(collect, "gradient_post", "start", -9)
    weights.run_regularly(update_code("adam_pytorch", nbit=False), when="start", order=-8, name=f"{name}_update")
    return {f"{name}_store": weights, f"{name}_sum": collect}
