"""A feed-forward network on chips, and e-prop beside it with nominal constants, as Brian2 objects.

Every chip is a replica with weights and neurons of its own. A step: (start) input spikes; (groups) hidden neurons, their spikes, the
readout; (end) eligibility. The loss is the cross entropy of the largest membranes, so the learning signal of an output is one number, known
at the end of the sample, for the step of its largest membrane: there the filtered eligibility is kept. Nothing goes backward in time, and
for a hidden layer without recurrence this is the whole surrogate gradient (the reset is taken as a constant).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from brian2chip.core.later import brian2, internals
from brian2chip.core.units import second
from brian2chip.engine.functions.links import refer
from brian2chip.learning.in_the_loop.settings import Converter
from brian2chip.learning.optimisers import STORE, update_code
from brian2chip.models.discrete import DiscreteNeuron
from brian2chip.models.eprop import PSEUDO_DERIVATIVES

if TYPE_CHECKING:
    from brian2 import NeuronGroup, Synapses

#: What the backward pass takes for granted of hidden neurons and of the readout, whatever the chip does.
NOMINAL = """
alpha_0 : 1 (shared, constant)
A : 1 (shared, constant)
gamma : 1 (shared, constant)
width : 1 (shared, constant)
kappa : 1 (shared, constant)
kappa_syn : 1 (shared, constant)
gain_out : 1 (shared, constant)
"""
LEARNING = """
seen : 1
psi : 1
before : 1
trace : 1
z_out : 1
count : 1
"""
INPUT = """
k : integer
trace : 1
alpha_syn : 1 (shared, constant)
gain : 1 (shared, constant)
"""
OUTPUT = """
k : integer
seen : 1
larger : 1
best : 1
total : 1
err : 1
scale : 1 (shared, constant)
penalty : 1 (shared, constant)
"""
#: Smaller than any membrane.
NOTHING = -1e9
ELIGIBILITY = """
eps = alpha_0_post*(1 - stops*before_post)*eps + trace_pre
slow = kappa_syn_post*slow + gain_out_post*psi_post*eps
e_bar = kappa_post*e_bar + slow
"""
ERROR = "err = scale*(exp(scale*best)/total - target) + 2*penalty*scale**2*best/n_out"


@dataclass(frozen=True)
class LoopSpec:
    """What is compiled in; everything else is an input of the program.

    Attributes
    ----------
    n_in, n_rec, n_out, n_steps : int
    dt : float
        Seconds.
    hidden, readout : DiscreteNeuron
    converter : Converter or None
        What reads the membranes; None reads them as they are.
    replicas, samples : int
        Chips, and samples one after another at most.
    """

    n_in: int
    n_rec: int
    n_out: int
    n_steps: int
    dt: float
    hidden: DiscreteNeuron
    readout: DiscreteNeuron
    converter: Converter | None
    replicas: int
    samples: int

    @property
    def sample_duration(self):
        """Duration of a sample as a Quantity."""
        return self.n_steps * self.dt * second


def _read(spec: LoopSpec) -> str:
    """Return the code by which the membranes are read."""
    if (c := spec.converter) is None:
        return "seen = v\n"
    return f"seen = {c.lsb!r}*clip(floor(v/{c.lsb!r} + 0.5), {c.low}, {c.high})\n"


def _all_pairs(n_pre: int, n_post: int, replicas: int) -> tuple[np.ndarray, np.ndarray]:
    """Return pre and post of all pairs within each replica."""
    r, i, j = (a.ravel() for a in np.meshgrid(*(np.arange(n) for n in (replicas, n_pre, n_post)), indexing="ij"))
    return r * n_pre + i, r * n_post + j


def build(spec: LoopSpec) -> dict:
    """Return the Brian2 objects by name, with ``"network"`` among them; to be called inside an engine session."""
    rows = spec.samples * spec.n_steps + 1  # one step more: the last sample ends at the start of the next
    o: dict = {
        "stimulus": brian2.NeuronGroup(rows * spec.replicas * spec.n_in, "x : boolean (constant)", name="stimulus"),
        "teacher": brian2.NeuronGroup((spec.samples + 1) * spec.replicas * spec.n_out, "target : 1 (constant)", name="teacher"),
    }
    o["input"], o["rec"], o["out"] = _input(spec, o), _hidden(spec), _readout(spec, o)
    o |= _synapses(spec, o)
    o["best"] = brian2.StateMonitor(o["out"], "best", record=True, dt=spec.sample_duration, when="start", order=-20, name="best")
    o["rates"] = brian2.StateMonitor(o["rec"], "count", record=True, dt=spec.sample_duration, when="start", order=-20, name="rates")
    o["network"] = brian2.Network(*o.values())
    return o


def _cleared(group, spec: LoopSpec, *names: str) -> None:
    """Let variables be zero when a sample begins."""
    code = "\n".join(f"{name} = 0" for name in names)
    group.run_regularly(code, dt=spec.sample_duration, when="start", order=-6, name=f"{group.name}_reset")


def _input(spec: LoopSpec, o: dict) -> NeuronGroup:
    group = brian2.NeuronGroup(spec.replicas * spec.n_in, INPUT, threshold="x", reset="", name="input")
    refer(group, o["stimulus"], "x", "k")
    _cleared(group, spec, "trace")
    group.run_regularly("k = i + N*timestep(t, dt)", when="start", order=0, name="input_row")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "start", 1
    group.run_regularly("trace = alpha_syn*trace + gain*int(x)", when="groups", order=0, name="input_trace")
    return group


def _hidden(spec: LoopSpec) -> NeuronGroup:
    neuron = spec.hidden
    equations = neuron.equations + neuron.declared(each=neuron.constants) + NOMINAL + LEARNING
    group = brian2.NeuronGroup(spec.replicas * spec.n_rec, equations, threshold=neuron.threshold, reset=neuron.reset_code, name="rec")
    _cleared(group, spec, *neuron.states, "before", "trace", "z_out", "count")
    psi = f"psi = {PSEUDO_DERIVATIVES['fast_sigmoid'].replace('v - A', 'seen - A')}\n"
    code = "before = z\n" + neuron.integrate + _read(spec) + psi + neuron.fire + "count += z\n"
    group.run_regularly(code, when="groups", order=1, name="rec_step")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 2
    group.run_regularly("trace = kappa_syn*trace + gain_out*z\nz_out = kappa*z_out + trace", when="end", order=0, name="rec_trace")
    return group


def _readout(spec: LoopSpec, o: dict) -> NeuronGroup:
    neuron = spec.readout
    equations = neuron.equations + neuron.declared(each=neuron.constants) + OUTPUT
    group = brian2.NeuronGroup(
        spec.replicas * spec.n_out, equations, namespace={"n_out": spec.n_out}, events={"larger": "larger > 0.5"}, name="out"
    )
    refer(group, o["teacher"], "target", "k")
    group.run_regularly(ERROR, dt=spec.sample_duration, when="start", order=-12, name="out_error")
    _cleared(group, spec, *neuron.states)
    start = f"best = {NOTHING}\nk = i + N*(timestep(t, dt)//{spec.n_steps})"
    group.run_regularly(start, when="start", order=-5, dt=spec.sample_duration, name="out_row")
    compare = "larger = int(seen > best)\nbest = larger*seen + (1 - larger)*best\n"
    group.run_regularly(neuron.integrate + _read(spec) + compare, when="groups", order=4, name="out_step")
    group.thresholder["larger"].when, group.thresholder["larger"].order = "end", 2
    return group


def _plastic(name: str, spec: LoopSpec, source, target, sizes: tuple[int, int], equations: str) -> Synapses:
    """Return the synapses of a projection, whose weights are what the chip makes of those in the store."""
    synapses = brian2.Synapses(source, target, "used : 1 (constant)\n" + equations, on_pre="I_post += used", name=name)
    i, j = _all_pairs(*sizes, spec.replicas)
    synapses.connect(i=i, j=j)
    return synapses


def _store(name: str, spec: LoopSpec, source: Synapses, size: int, slot: np.ndarray) -> dict:
    """Return the real-valued weights of a projection with their optimiser; the gradient is the sum of the source's g."""
    store = brian2.NeuronGroup(spec.replicas * size, STORE, name=f"{name}_store", dt=spec.sample_duration)
    collect = brian2.Synapses(source, store, "gradient_post = g_pre : 1 (summed)", name=f"{name}_sum")
    collect.connect(i=np.arange(len(slot)), j=slot)
    internals.schedule_sum(collect, "gradient_post", "start", -9)
    store.run_regularly(update_code("adam_pytorch", nbit=False), when="start", order=-8, name=f"{name}_update")
    return {f"{name}_store": store, f"{name}_sum": collect}


def _synapses(spec: LoopSpec, o: dict) -> dict:
    """Return both projections with what is kept at the step of each output's largest membrane, their stores, and the softmax."""
    w_in = _plastic("w_in", spec, o["input"], o["rec"], (spec.n_in, spec.n_rec), "eps : 1\nslow : 1\ne_bar : 1\n")
    w_in.namespace["stops"] = float(spec.hidden.reset == "zero")
    w_in.pre.when, w_in.pre.order = "start", 2
    w_in.run_regularly(ELIGIBILITY, when="end", order=1, name="w_in_rule")
    _cleared(w_in, spec, "eps", "slow", "e_bar")
    w_out = _plastic("w_out", spec, o["rec"], o["out"], (spec.n_rec, spec.n_out), "held : 1\ng : 1\n")
    w_out.pre.when, w_out.pre.order = "groups", 3
    w_out.run_regularly("held += larger_post*(z_out_pre - held)", when="end", order=2, name="w_out_hold")
    w_out.run_regularly("g = held*err_post", dt=spec.sample_duration, when="start", order=-11, name="w_out_gradient")
    out_store = _store("w_out", spec, w_out, spec.n_rec * spec.n_out, np.arange(len(w_out)))

    each = spec.n_in * spec.n_rec  # synapses of a replica, to each of its outputs
    i, k = _all_pairs(each, spec.n_out, spec.replicas)
    variables = "slot : integer (constant)\nheld : 1\ng : 1"
    hold = brian2.Synapses(w_in, o["out"], variables, on_post="held = e_bar_pre", on_event={"post": "larger"}, name="hold")
    hold.connect(i=i, j=k)
    hold.slot = (i // each * spec.n_rec + i % each % spec.n_rec) * spec.n_out + k % spec.n_out
    refer(hold, out_store["w_out_store"], "w", "slot")
    hold.post.when, hold.post.order = "end", 3
    hold.run_regularly("g = held*w*err_post", dt=spec.sample_duration, when="start", order=-11, name="hold_gradient")
    in_store = _store("w_in", spec, hold, each, i)

    softmax = brian2.Synapses(o["out"], o["out"], "total_post = exp(scale_pre*best_pre) : 1 (summed)", name="softmax")
    a, b = _all_pairs(spec.n_out, spec.n_out, spec.replicas)
    softmax.connect(i=a, j=b)
    internals.schedule_sum(softmax, "total_post", "start", -13)
    return {"w_in": w_in, "w_out": w_out, "hold": hold, **out_store, **in_store, "softmax": softmax}
