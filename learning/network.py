"""The recurrent network that e-prop trains, in the order of the paper within a time step, as Brian2 objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from brian2chip.core.later import brian2
from brian2chip.core.learning_rule import NeuronExtension
from brian2chip.core.units import second
from brian2chip.engine.functions.links import refer
from brian2chip.learning.network_spec import NetworkSpec
from brian2chip.learning.synapses import pairs, plastic, to_readout
from brian2chip.models.eprop import EPROP, READOUT, with_surrogate

if TYPE_CHECKING:
    from brian2 import NeuronGroup

INPUT = """
k : integer
zbar : 1
u : 1
alpha : 1 (shared)
gain : 1 (shared)
"""
OUTPUT = (
    READOUT.equations
    + """
kappa : 1 (shared)
alpha = kappa : 1 (shared)
gain = 1 - kappa : 1 (shared)
y = v : 1
p : 1
err : 1
L : 1
loss : 1
score : 1
total : 1
k : integer
step : integer
"""
)
ERROR = {
    "regression": """
err = valid*(y - target)
loss += 0.5*err**2
score += valid*y
""",
    "classification": """
p = exp(y)/total
err = valid*(p - target)
loss -= valid*target*log(p)
score += valid*y
""",
}


def build(shape: NetworkSpec) -> dict:
    """Return the Brian2 objects by name, with ``"network"`` among them; to be called inside an engine session.

    Order within a step: (start) update and reset where a sample begins, spikes of the step before and of the input; (groups) leak;
    (thresholds) pseudo-derivative, then spikes; (synapses) readout, error, learning signal; (end) eligibility and gradient.
    """
    o: dict = _data(shape)
    o["input"] = _input(shape, o)
    o["rec"] = _recurrent(shape)
    o["out"] = _readout(shape, o)
    for name, source, free in (("w_in", "input", True), ("w_rec", "rec", False)):
        connected = pairs(len(o[source]) // shape.replicas, shape.n_rec, shape.replicas, self_connections=free)
        o |= plastic(name, o[source], o["rec"], shape, connected)
    o |= to_readout(shape, o)
    o["samples"] = brian2.StateMonitor(
        o["out"], ("loss", "score"), record=True, dt=shape.sample_duration, when="start", order=-20, name="samples"
    )
    o["rates"] = brian2.StateMonitor(o["rec"], "count", record=True, dt=shape.sample_duration, when="start", order=-20, name="rates")
    o["network"] = brian2.Network(*o.values())
    return o


def _data(shape: NetworkSpec) -> dict:
    rows = shape.samples * shape.n_steps + 1  # one step more: the last sample ends at the start of the next
    return {
        "stimulus": brian2.NeuronGroup(rows * shape.replicas * shape.n_in, "x : boolean (constant)", name="stimulus"),
        "teacher": brian2.NeuronGroup(rows * shape.replicas * shape.n_out, "target : 1 (constant)", name="teacher"),
        "window": brian2.NeuronGroup(shape.n_steps, "valid : 1 (constant)", name="window"),
    }


def _input(shape: NetworkSpec, o: dict) -> NeuronGroup:
    group = brian2.NeuronGroup(shape.replicas * shape.n_in, INPUT, threshold="x", reset="", name="input")
    refer(group, o["stimulus"], "x", "k")
    group.run_regularly("zbar = 0", dt=shape.sample_duration, when="start", order=-6, name="input_reset")
    group.run_regularly("k = i + N*timestep(t, dt)", when="start", order=0, name="input_row")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "start", 1
    group.run_regularly("zbar = alpha*zbar + gain*int(x)", when="groups", order=0, name="input_trace")
    if shape.rule.rounds:
        group.run_regularly("u = (u + 0.4142135623730951) % 1", when="groups", order=0, name="input_dice")
    return group


def _recurrent(shape: NetworkSpec) -> NeuronGroup:
    extension = shape.rule.extension
    model = with_surrogate(EPROP, shape.surrogate)
    (integrate, _), (fire, _) = model.regular
    equations = model.equations + (extension.equations if extension else "")
    group = brian2.NeuronGroup(shape.replicas * shape.n_rec, equations, threshold=model.threshold, reset=model.reset, name="rec")
    zero = "\n".join(f"{name} = 0" for name in ("v", "I", "b", "z", "r", "psi", "zbar", "z_out", "count"))
    group.run_regularly(zero, dt=shape.sample_duration, when="start", order=-6, name="rec_reset")
    group.run_regularly(integrate, when="groups", order=0, name="rec_leak")
    group.run_regularly(fire, when="thresholds", order=-1, name="rec_fire")
    if shape.rule.rounds:
        group.run_regularly("u = (u + 0.6180339887498949) % 1", when="groups", order=0, name="rec_dice")
    if extension:
        _extend(group, extension, shape)
    return group


def _extend(group: NeuronGroup, extension: NeuronExtension, shape: NetworkSpec) -> None:
    """Let the neurons run what the rule adds to them."""
    for name, value in extension.start.items():
        if value:  # all variables of a group are zero when it is made
            setattr(group, name, value)
    start = "\n".join(f"{name} = {value}" for name, value in extension.start.items())
    if extension.before:
        group.run_regularly(extension.before, when="end", order=0, name="rec_before_rule")
    if shape.block:
        group.run_regularly(start, dt=shape.block * shape.dt * second, when="end", order=2, name="rec_block")
    if extension.after:
        group.run_regularly(extension.after, when="end", order=3, name="rec_after_rule")
    group.run_regularly(start, dt=shape.sample_duration, when="start", order=-6, name="rec_extension_reset")


def _readout(shape: NetworkSpec, o: dict) -> NeuronGroup:
    group = brian2.NeuronGroup(shape.replicas * shape.n_out, OUTPUT, name="out")
    refer(group, o["teacher"], "target", "k")
    refer(group, o["window"], "valid", "step")
    group.run_regularly("v = 0\nloss = 0\nscore = 0", dt=shape.sample_duration, when="start", order=-6, name="out_reset")
    row = f"k = i + N*timestep(t, dt)\nstep = timestep(t, dt) % {shape.n_steps}"
    group.run_regularly(row, when="start", order=0, name="out_row")
    group.run_regularly(READOUT.integrate, when="groups", order=0, name="out_leak")
    group.run_regularly(ERROR[shape.kind], when="synapses", order=2, name="out_error")
    return group
