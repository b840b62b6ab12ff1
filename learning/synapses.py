"""The synapses of a network that learns: those with a learning rule, the readout's, and the broadcast of its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from brian2chip.core.later import brian2, internals
from brian2chip.core.units import second
from brian2chip.engine.functions.links import refer
from brian2chip.learning.network_spec import NetworkSpec
from brian2chip.learning.optimisers import BROADCASTS, GRID, STORE, update_code
from brian2chip.models.eprop import READOUT

if TYPE_CHECKING:
    from brian2 import Synapses

#: The weight of a synapse that its rule changes itself, at a learning rate; and of one that uses a weight of the store.
ON_LINE_WEIGHT = "w : 1\nrate : 1 (shared, constant)\n"
STORED_WEIGHT = "slot : integer (constant)\n"


def pairs(n_pre: int, n_post: int, replicas: int = 1, *, self_connections: bool = True):
    """Return pre, post and weight index of all pairs, in each of the replicas."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n_pre), np.arange(n_post), indexing="ij"))
    keep = np.ones(len(i), bool) if self_connections else i != j
    i, j = i[keep], j[keep]
    shift = np.arange(replicas)[:, None]
    return (i + n_pre * shift).ravel(), (j + n_post * shift).ravel(), np.tile(np.arange(len(i)), replicas)


def plastic(name: str, source, target, shape: NetworkSpec, connected) -> dict:
    """Return a projection onto the network that learns, with its store of weights where the rule accumulates a gradient."""
    i, j, slot = connected
    rule = shape.rule
    weight = ON_LINE_WEIGHT if rule.online else STORED_WEIGHT
    synapses = brian2.Synapses(source, target, weight + rule.model, on_pre=rule.on_pre, namespace=dict(rule.parameters), name=name)
    # Recurrent spikes arrive before the reset, which so stops those of the last step of a sample; input spikes of this step after it.
    synapses.pre.when, synapses.pre.order = "start", 2 if source is not target else -7
    synapses.connect(i=i, j=j)
    period = max(1, shape.block) * shape.dt * second
    synapses.run_regularly(rule.code, dt=period, when="end", order=1, name=f"{name}_rule")
    if rule.runs_each == "block":  # the sample's last block
        synapses.run_regularly(rule.code, dt=shape.sample_duration, when="start", order=-11, name=f"{name}_last_block")
    if rule.state:
        zero = "\n".join(f"{n} = 0" for n in rule.state)
        synapses.run_regularly(zero, dt=shape.sample_duration, when="start", order=-6, name=f"{name}_reset")
    if rule.online:
        return {name: synapses}
    if rule.at_sample_end:
        synapses.run_regularly(rule.at_sample_end, dt=shape.sample_duration, when="start", order=-10, name=f"{name}_sample_end")
    return {name: synapses, **_store(name, synapses, rule.gradient, slot, shape, STORE, "")}


def _store(name: str, synapses: Synapses, gradient: str, slot, shape: NetworkSpec, equations: str, after: str) -> dict:
    """Return the weights that the replicas share, linked into the synapses, and the sum of the replicas' gradients."""
    period = shape.dt * second if shape.online else shape.sample_duration
    equations += (GRID if shape.nbit else "") + (shape.memory.model if shape.memory else "")
    functions = dict(shape.memory.functions) if shape.memory else {}
    store = brian2.NeuronGroup(int(slot.max()) + 1, equations, name=f"{name}_store", dt=period, namespace=functions)
    synapses.slot = slot
    refer(synapses, store, "w", "slot")
    collect = brian2.Synapses(synapses, store, f"gradient_post = {gradient}_pre : 1 (summed)", name=f"{name}_sum")
    collect.connect(i=np.arange(len(slot)), j=slot)
    internals.schedule_sum(collect, "gradient_post", "start", -9)
    code = update_code(shape.optimiser, shape.nbit, shape.memory) + after
    store.run_regularly(code, when="start", order=-8, name=f"{name}_update")
    return {f"{name}_store": store, f"{name}_sum": collect}


def to_readout(shape: NetworkSpec, o: dict) -> dict:
    """Return the readout's synapses with their store, and the broadcast of the error; the broadcast weights lie beside the readout's."""
    i, j, slot = pairs(shape.n_rec, shape.n_out, shape.replicas)
    w_out = brian2.Synapses(o["rec"], o["out"], "slot : integer (constant)\ngradient : 1", on_pre=READOUT.on_pre, name="w_out")
    w_out.connect(i=i, j=j)
    w_out.run_regularly(f"gradient {'' if shape.online else '+'}= err_post*z_out_pre", when="end", name="w_out_rule")
    w_out.run_regularly("gradient = 0", dt=shape.sample_duration, when="start", order=-6, name="w_out_reset")
    store = _store("w_out", w_out, "gradient", slot, shape, STORE + "B : 1\n", BROADCASTS[shape.broadcast])
    broadcast = brian2.Synapses(o["out"], o["rec"], "slot : integer (constant)\nL_post = B*err_pre : 1 (summed)", name="broadcast")
    broadcast.connect(i=j, j=i)
    broadcast.slot = slot
    refer(broadcast, store["w_out_store"], "B", "slot")
    internals.schedule_sum(broadcast, "L_post", "synapses", 3)
    normalise = {}
    if shape.kind == "classification":
        a, b, _ = pairs(shape.n_out, shape.n_out, shape.replicas)
        softmax = brian2.Synapses(o["out"], o["out"], "total_post = exp(y_pre) : 1 (summed)", name="softmax")
        softmax.connect(i=a, j=b)
        internals.schedule_sum(softmax, "total_post", "synapses", 1)
        normalise = {"softmax": softmax}
    return {"w_out": w_out, **store, "broadcast": broadcast, **normalise}
