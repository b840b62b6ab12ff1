"""A layered network as Brian2 objects: one time step is one presentation of a batch, forward, backward and update in order.

Every group holds the units of all samples of the batch; its weights are one array that all of them share, so that ``dot(W, x, i)`` is a
product of matrices. Within a step: the input; from below, each layer's drive and output; error and loss; from above, each layer's
signal; gradients; weights.
"""

from __future__ import annotations

from typing import Any

from brian2 import Network, NeuronGroup, StateMonitor

from brian2chip.engine.functions.links import refer
from brian2chip.engine.functions.matrix_products import MatrixProducts
from brian2chip.engine.session import Session
from brian2chip.learning.layered.spec import Layer, LayeredSpec
from brian2chip.learning.optimisers import GRID, OPTIMISERS, ROUND
from brian2chip.models import soft_lif
from brian2chip.models.rate_units import ACTIVATIONS

INPUT = """
y : 1
sample : integer (constant)
unit : integer (constant)
row : integer
"""
UNITS = """
z : 1
y : 1
slope : 1
delta : 1
dz : 1
feature : integer (constant)
"""
OUTPUT = """
p : 1
target : 1
error : 1
sign_error : 1
loss : 1
sample : integer (constant)
unit : integer (constant)
row : integer
"""
POOL = """
y : 1
delta : 1
"""
WEIGHTS = """
w : 1
gradient : 1
m : 1
u : 1
rate : 1 (shared)
updates : 1 (shared)
due = learns(timestep(t, dt), 0) : 1 (shared)
accumulated = gradient : 1
norm = 1.0 : 1 (shared)
"""
#: Error (what the rules hear of), loss, and the exact gradient at the output's drive.
LOSSES = {
    "binary_cross_entropy": """
error = y - target
loss = -(target*clip(log(y), -100, 0) + (1 - target)*clip(log(1 - y), -100, 0))/n_out
dz = error/(n_batch*n_out)
""",
    "mean_squared_error": """
error = y - target
loss = error**2/n_out
dz = 2*error/(n_batch*n_out)*slope
""",
    "cross_entropy": """
error = p/total(all_p, i) - target
loss = -target*log(p/total(all_p, i))
dz = error/n_batch
""",
}
#: What 2 x 2 pooling makes of the units' outputs, and how signals go back through it.
POOLING = {
    "max": ("largest(y_below, i)", "to_largest(delta_above, y_here, i)"),
    "average": ("average(y_below, i)", "to_average(delta_above, y_here, i)"),
}
#: Order within a time step; the layers come between.
FORWARD, ERROR, BACKWARD, GRADIENT, UPDATE = 0, 100, 200, 300, 400


class _Builder:
    """The objects that were made, and the arrays that products of matrices take, by ``"group.variable"``."""

    def __init__(self, session: Session, spec: LayeredSpec):
        self.spec, self.objects = spec, {}
        self._products = MatrixProducts(session.device, spec.dtype)
        self._arrays: dict[str, int] = {}

    def make(self, name: str, size: int, equations: str, **namespace: Any) -> NeuronGroup:
        self.objects[name] = NeuronGroup(size, equations, namespace=namespace, name=name)
        return self.objects[name]

    def array(self, place: str, rows: int, columns: int, **image: Any) -> int:
        if place not in self._arrays:
            group, _, variable = place.partition(".")
            self._arrays[place] = self._products.array(self.objects[group], variable, rows, columns, **image)
        return self._arrays[place]

    def units(self, k: int, variable: str) -> int:
        """Return the array of a variable of a layer's units."""
        layer = self.spec.layers[k]
        return self.array(f"layer{k}.{variable}", self.spec.batch, layer.units, image=layer.image)

    def run(self, name: str, code: str, order: int, what: str) -> None:
        self.objects[name].run_regularly(code, when="start", order=order, name=f"{name}_{what}")

    def namespace(self) -> dict[str, Any]:
        return self._products.namespace()


def build(session: Session, spec: LayeredSpec, tables: dict[str, Any]) -> tuple[dict, dict]:
    """Return the Brian2 objects by name, with ``"network"`` among them, and the namespace of the run; to be called inside a session.

    ``tables`` holds the input tables ``order``, ``pixels``, ``wanted`` and ``learns``.
    """
    made, top = _Builder(session, spec), len(spec.layers) - 1
    x = _input(made)
    for k, layer in enumerate(spec.layers):
        x = _forward(made, k, layer, x)
    _error(made, top)
    for k in reversed(range(top)):
        _signal(made, k, spec.layers[k])
    o = made.objects
    o["record"] = StateMonitor(o[f"layer{top}"], ("y", "loss"), record=True, when="end", name="record")
    o["network"] = Network(*o.values())
    return o, {**made.namespace(), **tables}


def _input(made: _Builder) -> int:
    spec = made.spec
    group = made.make("input", spec.batch * spec.n_in, INPUT)
    group.sample, group.unit = f"i // {spec.n_in}", f"i % {spec.n_in}"
    made.run("input", "row = order(timestep(t, dt), sample)\ny = pixels(row, unit)", FORWARD, "shown")
    first, image = spec.layers[0], {}
    if first.image:
        image = {"image": first.seen, "patch": (spec.convolution.size, spec.convolution.padding)}
    return made.array("input.y", spec.batch, spec.n_in, **image)


def _forward(made: _Builder, k: int, layer: Layer, x: int) -> int:
    """Make the units and the weights of a layer, which computes its output; return the array that the layer above sees."""
    spec, name, order = made.spec, f"layer{k}", FORWARD + 3 * k + 1
    last, full = k == len(spec.layers) - 1, layer.image is None
    group = made.make(name, spec.batch * layer.units, UNITS + (OUTPUT if last else ""), x=x)
    _weights(made, f"w{k}", layer, "outer(dz, x, i)" if full else "correlate(dz, x, i)", dz=made.units(k, "dz"), x=x)
    _weights(made, f"b{k}", layer, "batch_total(dz, i)", dz=made.units(k, "dz"))
    group.namespace["W"] = made.array(f"w{k}.w", *layer.weights)
    group.feature = f"(i % {layer.units}) // {layer.units // layer.weights[0]}"
    refer(group, made.objects[f"b{k}"], "w", "feature", name="bias")
    made.run(name, f"z = {'dot' if full else 'convolve'}(W, x, i) + bias", order, "drive")
    made.run(name, _activation(spec, layer, group), order + 1, "output")
    if full:
        return made.units(k, "y")
    made.make("pool", spec.batch * layer.pooled, POOL, y_below=made.units(k, "y"))
    made.run("pool", f"y = {POOLING[spec.convolution.pooling][0]}", order + 2, "output")
    return made.array("pool.y", spec.batch, layer.pooled)


def _activation(spec: LayeredSpec, layer: Layer, group: NeuronGroup) -> str:
    """Return the code of a layer's output and slope; its constants go to the namespace of the group."""
    if layer.activation != "soft_lif":
        return ACTIVATIONS[layer.activation]
    group.namespace.update(soft_lif.constants(spec.soft_lif))
    return soft_lif.activation(spec.soft_lif, "learns(timestep(t, dt), 0)")


def _weights(made: _Builder, name: str, layer: Layer, gradient: str, **arrays: int) -> None:
    """Make the weights (w) or the biases (b) of a layer, which learn from their gradient."""
    rows, columns = layer.weights
    size, spec = rows * columns if name.startswith("w") else rows, made.spec
    group = made.make(name, size, WEIGHTS + (GRID if spec.grids else ""), **arrays)
    if spec.grids:
        grid = spec.grids[int(name[1:])]
        group.step, group.low, group.high, group.offset, group.kept = grid.step, grid.low, grid.high, grid.offset, float(spec.kept)
    if layer.trained:
        made.run(name, f"gradient = {gradient}", GRADIENT, "gradient")
        apply = f"real += change\n{ROUND}" if spec.grids else "w += change"
        made.run(name, f"updates += due\n{OPTIMISERS[spec.optimiser]}\n{apply}", UPDATE, "update")


def _error(made: _Builder, k: int) -> None:
    """Let the output compute its error, its loss, and its own exact signal."""
    spec, name = made.spec, f"layer{k}"
    group = made.objects[name]
    group.sample, group.unit = f"i // {spec.n_out}", f"i % {spec.n_out}"
    group.namespace.update({"n_batch": float(spec.batch), "n_out": float(spec.n_out)})
    made.run(name, "row = order(timestep(t, dt), sample)\ntarget = wanted(row, unit)", ERROR, "target")
    if spec.loss == "cross_entropy":
        group.namespace["all_p"] = made.units(k, "p")
        made.run(name, "p = exp(y)", ERROR + 1, "softmax")
    made.run(name, LOSSES[spec.loss] + "sign_error = sign(error)", ERROR + 2, "error")


def _signal(made: _Builder, k: int, layer: Layer) -> None:
    """Let a hidden layer compute its signal by the rule; what comes through a pool above goes back to what was pooled."""
    spec, rule, name, top = made.spec, made.spec.rule, f"layer{k}", len(made.spec.layers) - 1
    chained = rule.chained and layer.image is not None
    order, place = BACKWARD + 2 * (top - k), "pool" if chained else name
    made.objects[place].namespace.update(_arrays_of(made, k, layer.pooled if chained else layer.units))
    made.run(place, rule.signal, order, "signal")
    if chained:
        delta = made.array("pool.delta", spec.batch, layer.pooled)
        made.objects[name].namespace.update({"delta_above": delta, "y_here": made.units(k, "y")})
        made.run(name, f"delta = {POOLING[spec.convolution.pooling][1]}", order + 1, "routed")
    made.run(name, "dz = delta*slope", order + 1, "signal_at_drive")


def _arrays_of(made: _Builder, k: int, units: int) -> dict[str, int]:
    """Return the arrays that the rule's line reads at layer k, by their names in the line; fixed matrices are made."""
    spec, rule, top = made.spec, made.spec.rule, len(made.spec.layers) - 1
    above = spec.layers[k + 1].weights
    found = {v: made.units(top, v) for v in rule.vectors if v != "dz_above"}
    if "dz_above" in rule.vectors:
        found["dz_above"] = made.units(k + 1, "dz")
    if "W_above" in rule.matrices:
        found["W_above"] = made.array(f"w{k + 1}.w", *above)
    for name, shape in (("B_above", above), ("B", (spec.n_out, units))):
        if name in rule.matrices:
            made.make(f"{name}{k}", shape[0] * shape[1], "B : 1 (constant)")
            found[name] = made.array(f"{name}{k}.B", *shape)
    return found
