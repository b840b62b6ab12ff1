"""A feed-forward network on chips, and e-prop beside it with nominal constants, as Brian2 objects.

Every chip is a replica with weights and neurons of its own. A step: (start) input spikes; (groups) hidden neurons, their spikes, the
readout; (end) eligibility. The loss is the cross entropy of the largest membranes, so the learning signal of an output is one number, known
at the end of the sample, for the step of its largest membrane: either the filtered eligibility of that step is kept until then (kept.py),
or the sample is shown again and meets it there (shown_again.py). Nothing goes backward in time, and for a hidden layer without
recurrence this is the whole surrogate gradient (the reset is taken as a constant).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from brian2chip.core.later import brian2, internals
from brian2chip.engine.functions.links import refer
from brian2chip.learning.in_the_loop import forward, kept, shown_again
from brian2chip.learning.in_the_loop.loop_spec import LoopSpec
from brian2chip.learning.in_the_loop.projections import all_pairs, cleared
from brian2chip.models.eprop import PSEUDO_DERIVATIVES

if TYPE_CHECKING:
    from brian2 import NeuronGroup

#: What makes the projections and lets them learn.
LEARNING_FROM = {None: forward, "kept": kept, "shown_again": shown_again}
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
signal : 1
"""
INPUT = """
k : integer
trace : 1
awake : 1
alpha_syn : 1 (shared, constant)
gain : 1 (shared, constant)
"""
OUTPUT = """
k : integer
seen : 1
larger : 1
best : 1
at : 1
now : 1
total : 1
err : 1
scale : 1 (shared, constant)
penalty : 1 (shared, constant)
"""
#: Smaller than any membrane.
NOTHING = -1e9
ERROR = "err = scale*(exp(scale*best)/total - target) + 2*penalty*scale**2*best/n_out"


def _read(spec: LoopSpec) -> str:
    """Return the code by which the membranes are read."""
    if (c := spec.converter) is None:
        return "seen = v\n"
    return f"seen = {c.lsb!r}*clip(floor(v/{c.lsb!r} + 0.5), {c.low}, {c.high})\n"


def build(spec: LoopSpec) -> dict:
    """Return the Brian2 objects by name, with ``"network"`` among them; to be called inside an engine session."""
    rows = spec.samples * spec.n_steps + 1  # one step more: the last sample ends at the start of the next
    o: dict = {
        "stimulus": brian2.NeuronGroup(rows * spec.replicas * spec.n_in, "x : boolean (constant)", name="stimulus"),
        "teacher": brian2.NeuronGroup((spec.samples + 1) * spec.replicas * spec.n_out, "target : 1 (constant)", name="teacher"),
    }
    o["input"], o["rec"], o["out"] = _input(spec, o), _hidden(spec), _readout(spec, o)
    o |= LEARNING_FROM[spec.learning].synapses(spec, o)
    o["softmax"] = brian2.Synapses(o["out"], o["out"], "total_post = exp(scale_pre*best_pre) : 1 (summed)", name="softmax")
    pre, post = all_pairs(spec.n_out, spec.n_out, spec.replicas)
    o["softmax"].connect(i=pre, j=post)
    internals.schedule_sum(o["softmax"], "total_post", "start", -13)
    o["best"] = brian2.StateMonitor(o["out"], "best", record=True, dt=spec.sample_duration, when="start", order=-20, name="best")
    o["rates"] = brian2.StateMonitor(o["rec"], "count", record=True, dt=spec.sample_duration, when="start", order=-20, name="rates")
    o["network"] = brian2.Network(*o.values())
    return o


def _row(spec: LoopSpec) -> str:
    """Return the code that finds the stimulus of a step."""
    if spec.showings == 1:
        return "k = i + N*timestep(t, dt)"
    return f"step = timestep(t, dt)\nk = i + N*((step//{2 * spec.n_steps})*{spec.n_steps} + step % {spec.n_steps})"


def _again(spec: LoopSpec) -> str:
    """Return the expression that is 1 in the second showing of a sample and 0 in the first."""
    return f"((timestep(t, dt)//{spec.n_steps}) % 2)"


def _input(spec: LoopSpec, o: dict) -> NeuronGroup:
    events = {} if spec.learning != "shown_again" else {"awake": "awake > 0.5"}
    group = brian2.NeuronGroup(spec.replicas * spec.n_in, INPUT, threshold="x", reset="", events=events, name="input")
    refer(group, o["stimulus"], "x", "k")
    cleared(group, spec, "trace")
    group.run_regularly(_row(spec), when="start", order=0, name="input_row")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "start", 1
    trace = "trace = alpha_syn*trace + gain*int(x)\n"
    if spec.learning == "shown_again":
        trace += f"awake = int(trace > 0)*{_again(spec)}\n"
        group.thresholder["awake"].when, group.thresholder["awake"].order = "end", 2
    group.run_regularly(trace, when="groups", order=0, name="input_trace")
    return group


def _hidden(spec: LoopSpec) -> NeuronGroup:
    neuron = spec.hidden
    equations = neuron.equations + neuron.declared(each=neuron.constants) + NOMINAL + LEARNING
    group = brian2.NeuronGroup(spec.replicas * spec.n_rec, equations, threshold=neuron.threshold, reset=neuron.reset_code, name="rec")
    cleared(group, spec, *neuron.states, "before", "trace", "z_out", "count")
    psi = f"psi = {PSEUDO_DERIVATIVES['fast_sigmoid'].replace('v - A', 'seen - A')}\n"
    code = "before = z\n" + neuron.integrate + _read(spec) + psi + neuron.fire + "count += z\n"
    group.run_regularly(code, when="groups", order=1, name="rec_step")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "groups", 2
    group.run_regularly("trace = kappa_syn*trace + gain_out*z\nz_out = kappa*z_out + trace", when="end", order=0, name="rec_trace")
    return group


def _readout(spec: LoopSpec, o: dict) -> NeuronGroup:
    neuron = spec.readout
    equations = neuron.equations + neuron.declared(each=neuron.constants) + OUTPUT
    events = {"larger": "larger > 0.5"} if spec.learning == "kept" else {}
    group = brian2.NeuronGroup(spec.replicas * spec.n_out, equations, namespace={"n_out": spec.n_out}, events=events, name="out")
    refer(group, o["teacher"], "target", "k")
    group.run_regularly(ERROR, dt=spec.showing_duration, when="start", order=-12, name="out_error")
    cleared(group, spec, *neuron.states)
    start = f"best = {NOTHING}\nk = i + N*(timestep(t, dt)//{spec.showings * spec.n_steps})"
    group.run_regularly(start, when="start", order=-5, dt=spec.sample_duration, name="out_row")
    compare = "larger = int(seen > best)\nbest = larger*seen + (1 - larger)*best\n"
    if spec.learning == "shown_again":
        compare += f"step = timestep(t, dt) % {spec.n_steps}\nat += larger*(step - at)\nnow = int(abs(step - at) < 0.5)*{_again(spec)}\n"
    elif spec.learning == "kept":
        group.thresholder["larger"].when, group.thresholder["larger"].order = "end", 2
    group.run_regularly(neuron.integrate + _read(spec) + compare, when="groups", order=4, name="out_step")
    return group
