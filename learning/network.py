"""The recurrent network that e-prop trains, in the order of the paper within a time step, as Brian2 objects."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from brian2 import Network, NeuronGroup, StateMonitor, Synapses, second

from brian2chip.core.rule import Rule
from brian2chip.engine.functions.links import refer
from brian2chip.learning.optimisers import BROADCASTS, GRID, STORE, update_code
from brian2chip.models.discrete import DiscreteNeuron
from brian2chip.models.eprop import EPROP, with_surrogate
from brian2chip.models.eprop_events import EQUATIONS, INVERT, RESPOND, START
from brian2chip.plasticity.eprop import REGULARISE

INPUT = """
k : integer
zbar : 1
u : 1
alpha : 1 (shared)
gain : 1 (shared)
"""
LEAKY_INTEGRATOR = DiscreteNeuron(spikes=False)
# The readout y keeps the part kappa of itself in a step, and its input is scaled so that it averages.
READOUT = (
    LEAKY_INTEGRATOR.equations
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


@dataclass(frozen=True)
class NetworkSpec:
    """What is compiled in: sizes and the lines of code. Everything else is an input of the program.

    Attributes
    ----------
    n_in, n_rec, n_out, n_steps : int
    dt : float
        Seconds.
    kind : {"regression", "classification"}
    rule : Rule
    replicas : int
        Networks that run side by side with the same weights.
    trials : int
        Trials one after another in a run of the program, at most.
    block : int
        Steps of a block for ``eprop_events``; 0 for rules that run at every step.
    """

    n_in: int
    n_rec: int
    n_out: int
    n_steps: int
    dt: float
    kind: str
    rule: Rule
    surrogate: str = "piecewise_linear"
    optimiser: str = "adam"
    broadcast: str = "random"
    nbit: bool = False
    replicas: int = 1
    trials: int = 1
    block: int = 0

    @property
    def trial_duration(self):
        """Duration of a trial as a Quantity."""
        return self.n_steps * self.dt * second

    @property
    def online(self) -> bool:
        """Whether the rule changes the weights itself, at every step."""
        return "w -=" in self.rule.regular[0][0]


def pairs(n_pre: int, n_post: int, replicas: int = 1, *, self_connections: bool = True):
    """Return pre, post and weight index of all pairs, in each of the replicas."""
    i, j = (a.ravel() for a in np.meshgrid(np.arange(n_pre), np.arange(n_post), indexing="ij"))
    keep = np.ones(len(i), bool) if self_connections else i != j
    i, j = i[keep], j[keep]
    shift = np.arange(replicas)[:, None]
    return (i + n_pre * shift).ravel(), (j + n_post * shift).ravel(), np.tile(np.arange(len(i)), replicas)


def build(shape: NetworkSpec) -> dict:
    """Return the Brian2 objects by name, with ``"network"`` among them; to be called inside an engine session.

    Order within a step: (start) update and reset where a trial begins, spikes of the step before and of the input; (groups) leak;
    (thresholds) pseudo-derivative, then spikes; (synapses) readout, error, learning signal; (end) eligibility and gradient.
    """
    o: dict = _data(shape)
    o["input"] = _input(shape, o)
    o["rec"] = _recurrent(shape)
    o["out"] = _readout(shape, o)
    for name, source, free in (("w_in", "input", True), ("w_rec", "rec", False)):
        connected = pairs(len(o[source]) // shape.replicas, shape.n_rec, shape.replicas, self_connections=free)
        o |= _plastic(name, o[source], o["rec"], shape, connected)
    o |= _to_readout(shape, o)
    o["trials"] = StateMonitor(o["out"], ("loss", "score"), record=True, dt=shape.trial_duration, when="start", order=-20, name="trials")
    o["rates"] = StateMonitor(o["rec"], "count", record=True, dt=shape.trial_duration, when="start", order=-20, name="rates")
    o["network"] = Network(*o.values())
    return o


def _data(shape: NetworkSpec) -> dict:
    rows = shape.trials * shape.n_steps + 1  # one step more: the last trial ends at the start of the next
    return {
        "stimulus": NeuronGroup(rows * shape.replicas * shape.n_in, "x : boolean (constant)", name="stimulus"),
        "teacher": NeuronGroup(rows * shape.replicas * shape.n_out, "target : 1 (constant)", name="teacher"),
        "window": NeuronGroup(shape.n_steps, "valid : 1 (constant)", name="window"),
    }


def _input(shape: NetworkSpec, o: dict) -> NeuronGroup:
    group = NeuronGroup(shape.replicas * shape.n_in, INPUT, threshold="x", reset="", name="input")
    refer(group, o["stimulus"], "x", "k")
    group.run_regularly("zbar = 0", dt=shape.trial_duration, when="start", order=-6, name="input_reset")
    group.run_regularly("k = i + N*timestep(t, dt)", when="start", order=0, name="input_row")
    group.thresholder["spike"].when, group.thresholder["spike"].order = "start", 1
    group.run_regularly("zbar = alpha*zbar + gain*int(x)", when="groups", order=0, name="input_trace")
    if shape.online and shape.nbit:
        group.run_regularly("u = (u + 0.4142135623730951) % 1", when="groups", order=0, name="input_dice")
    return group


def _recurrent(shape: NetworkSpec) -> NeuronGroup:
    model = with_surrogate(EPROP, shape.surrogate)
    (integrate, _), (fire, _) = model.regular
    equations = model.equations + (EQUATIONS if shape.block else "")
    group = NeuronGroup(shape.replicas * shape.n_rec, equations, threshold=model.threshold, reset=model.reset, name="rec")
    zero = "\n".join(f"{name} = 0" for name in ("v", "I", "b", "z", "r", "psi", "zbar", "z_out", "count"))
    group.run_regularly(zero, dt=shape.trial_duration, when="start", order=-6, name="rec_reset")
    group.run_regularly(integrate, when="groups", order=0, name="rec_leak")
    group.run_regularly(fire, when="thresholds", order=-1, name="rec_fire")
    if shape.online and shape.nbit:
        group.run_regularly("u = (u + 0.6180339887498949) % 1", when="groups", order=0, name="rec_dice")
    if shape.block:
        group.decay, group.q_a, group.r_f = 1, 1, 1
        group.run_regularly(RESPOND, when="end", order=0, name="rec_respond")
        group.run_regularly(START, dt=shape.block * shape.dt * second, when="end", order=2, name="rec_block")
        group.run_regularly(INVERT, when="end", order=3, name="rec_invert")
        group.run_regularly(START, dt=shape.trial_duration, when="start", order=-6, name="rec_block_reset")
    return group


def _readout(shape: NetworkSpec, o: dict) -> NeuronGroup:
    group = NeuronGroup(shape.replicas * shape.n_out, READOUT, name="out")
    refer(group, o["teacher"], "target", "k")
    refer(group, o["window"], "valid", "step")
    group.run_regularly("v = 0\nloss = 0\nscore = 0", dt=shape.trial_duration, when="start", order=-6, name="out_reset")
    row = f"k = i + N*timestep(t, dt)\nstep = timestep(t, dt) % {shape.n_steps}"
    group.run_regularly(row, when="start", order=0, name="out_row")
    # After the spikes of this step have arrived, before the softmax.
    group.run_regularly(LEAKY_INTEGRATOR.integrate, when="synapses", order=0, name="out_leak")
    group.run_regularly(ERROR[shape.kind], when="synapses", order=2, name="out_error")
    return group


def _plastic(name: str, source, target, shape: NetworkSpec, connected) -> dict:
    """Return a projection onto the network that learns, with its store of weights where the rule accumulates a gradient."""
    i, j, slot = connected
    rule = shape.rule
    model = rule.model if shape.online else rule.model.replace("w : 1", "slot : integer (constant)")
    synapses = Synapses(source, target, model, on_pre=rule.on_pre, name=name)
    # Recurrent spikes arrive before the reset, which so stops those of the last step of a trial; input spikes of this step after it.
    synapses.pre.when, synapses.pre.order = "start", 2 if source is not target else -7
    synapses.connect(i=i, j=j)
    period = max(1, shape.block) * shape.dt * second
    synapses.run_regularly(rule.regular[0][0], dt=period, when="end", order=1, name=f"{name}_rule")
    if shape.block:  # the trial's last block
        synapses.run_regularly(rule.regular[0][0], dt=shape.trial_duration, when="start", order=-11, name=f"{name}_last_block")
    state = [n for n in ("epsilon_a", "e_bar", "gradient", "e_sum") if n in synapses.variables]
    zero = "\n".join(f"{n} = 0" for n in state)
    if zero:
        synapses.run_regularly(zero, dt=shape.trial_duration, when="start", order=-6, name=f"{name}_reset")
    if shape.online:
        return {name: synapses}
    synapses.run_regularly(REGULARISE, dt=shape.trial_duration, when="start", order=-10, name=f"{name}_regularise")
    return {name: synapses, **_store(name, synapses, slot, shape, STORE, "")}


def _store(name: str, synapses: Synapses, slot, shape: NetworkSpec, equations: str, after: str) -> dict:
    """Return the weights that the replicas share, linked into the synapses, and the sum of the replicas' gradients."""
    period = shape.dt * second if shape.online else shape.trial_duration
    store = NeuronGroup(int(slot.max()) + 1, equations + (GRID if shape.nbit else ""), name=f"{name}_store", dt=period)
    synapses.slot = slot
    refer(synapses, store, "w", "slot")
    collect = Synapses(synapses, store, "gradient_post = gradient_pre : 1 (summed)", name=f"{name}_sum")
    collect.connect(i=np.arange(len(slot)), j=slot)
    updater = collect.summed_updaters["gradient_post"]
    updater.when, updater.order = "start", -9
    code = update_code(shape.optimiser, shape.nbit) + after
    store.run_regularly(code, when="start", order=-8, name=f"{name}_update")
    return {f"{name}_store": store, f"{name}_sum": collect}


def _to_readout(shape: NetworkSpec, o: dict) -> dict:
    """Return the readout's synapses with their store, and the broadcast of the error; the broadcast weights lie beside the readout's."""
    i, j, slot = pairs(shape.n_rec, shape.n_out, shape.replicas)
    w_out = Synapses(o["rec"], o["out"], "slot : integer (constant)\ngradient : 1", on_pre="I_post += w", name="w_out")
    w_out.pre.order = -1
    w_out.connect(i=i, j=j)
    w_out.run_regularly(f"gradient {'' if shape.online else '+'}= err_post*z_out_pre", when="end", name="w_out_rule")
    w_out.run_regularly("gradient = 0", dt=shape.trial_duration, when="start", order=-6, name="w_out_reset")
    store = _store("w_out", w_out, slot, shape, STORE + "B : 1\n", BROADCASTS[shape.broadcast])
    broadcast = Synapses(o["out"], o["rec"], "slot : integer (constant)\nL_post = B*err_pre : 1 (summed)", name="broadcast")
    broadcast.connect(i=j, j=i)
    broadcast.slot = slot
    refer(broadcast, store["w_out_store"], "B", "slot")
    broadcast.summed_updaters["L_post"].when, broadcast.summed_updaters["L_post"].order = "synapses", 3
    normalise = {}
    if shape.kind == "classification":
        a, b, _ = pairs(shape.n_out, shape.n_out, shape.replicas)
        softmax = Synapses(o["out"], o["out"], "total_post = exp(y_pre) : 1 (summed)", name="softmax")
        softmax.connect(i=a, j=b)
        softmax.summed_updaters["total_post"].when, softmax.summed_updaters["total_post"].order = "synapses", 1
        normalise = {"softmax": softmax}
    return {"w_out": w_out, **store, "broadcast": broadcast, **normalise}
