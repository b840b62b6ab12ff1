"""A network of equilibrium propagation as Brian2 objects: one time step is one step of relaxation of all samples of a batch.

Within a step: the input; what the schedule stores, restores and keeps; every layer's drive from the rates before the step; the new
states; gradients; weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from brian2 import Network, NeuronGroup, StateMonitor

from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.engine.functions.links import refer
from brian2chip.engine.functions.matrix_products import MatrixProducts
from brian2chip.engine.session import Session
from brian2chip.learning.equilibrium.schedule import Step
from brian2chip.learning.optimisers import OPTIMISERS
from brian2chip.models import equilibrium_units
from brian2chip.plasticity import ep

#: What the schedule says of the present step, by name.
SCHEDULE = "".join(f"{name} = schedule(timestep(t, dt), {k}) : integer (shared)\n" for k, name in enumerate(Step._fields))
INPUT = "y : 1\nr : 1\nsample : integer (constant)\nunit : integer (constant)\n" + SCHEDULE
UNITS = """
s : 1
y : 1
r : 1
stored : 1
drive : 1
target : 1
nudge : 1
beta : 1 (shared)
step : 1 (shared)
sample : integer (constant)
unit : integer (constant)
"""
WEIGHTS = """
w : 1
gradient : 1
m : 1
u : 1
rate : 1 (shared)
scale : 1 (shared)
updates : 1 (shared)
due = learns : 1 (shared)
accumulated = gradient : 1
norm = 1.0 : 1 (shared)
"""
BEFORE = """
s = (1 - begins)*(restores*stored + (1 - restores)*s)
stored = stores*s + (1 - stores)*stored
"""


@dataclass(frozen=True)
class EquilibriumSpec:
    """What one program is compiled for.

    Attributes
    ----------
    sizes : tuple of int
        Inputs, hidden units from below, outputs.
    batch : int
    dynamics, activation, optimiser : str
    dtype : str
    """

    sizes: tuple[int, ...]
    batch: int
    dynamics: str
    activation: str
    optimiser: str = "gradient_descent"
    dtype: str = "float64"


def spec_of(config: EquilibriumConfig, sizes: tuple[int, ...], batch: int, optimiser: str = "gradient_descent") -> EquilibriumSpec:
    """Return what is compiled for a configuration; its phases and its nudge may change without compiling again."""
    return EquilibriumSpec(tuple(sizes), batch, config.dynamics, config.activation, optimiser)


def build(session: Session, spec: EquilibriumSpec, tables: dict[str, Any]) -> tuple[dict, dict]:
    """Return the Brian2 objects by name, with ``"network"`` among them, and the namespace of the run; to be called inside a session."""
    products, top = MatrixProducts(session.device, spec.dtype), len(spec.sizes) - 1
    o: dict = {}
    for k, size in enumerate(spec.sizes):
        equations = INPUT if k == 0 else UNITS + SCHEDULE
        group = o[f"layer{k}"] = NeuronGroup(spec.batch * size, equations, name=f"layer{k}")
        group.sample, group.unit = f"i // {size}", f"i % {size}"
    arrays = {(k, v): products.array(o[f"layer{k}"], v, spec.batch, n) for k, n in enumerate(spec.sizes) for v in ("y", "r")}
    for k in range(1, top + 1):
        _weights(o, products, spec, k, arrays)
    o["layer0"].run_regularly(f"y = {_input_rate(spec)}\n{ep.KEEP}", when="start", order=0, name="layer0_shown")
    for k in range(1, top + 1):
        _layer(o, spec, k, top, arrays)
    o["record"] = StateMonitor(o[f"layer{top}"], "s", record=True, when="end", name="record")
    o["network"] = Network(*o.values())
    return o, {**products.namespace(), **tables}


def _input_rate(spec: EquilibriumSpec) -> str:
    """Return the rate of an input: the pixel itself, limited to 0 to 1 where states are."""
    pixel = f"pixels(batch*{spec.batch} + sample, unit)"
    return f"clip({pixel}, 0, 1)" if spec.dynamics == "energy" else pixel


def _weights(o: dict, products: MatrixProducts, spec: EquilibriumSpec, k: int, arrays: dict) -> None:
    """Make the weights and the biases between two layers; they are the same in both directions."""
    rows, columns = spec.sizes[k], spec.sizes[k - 1]
    ends = {"y": arrays[k, "y"], "r": arrays[k, "r"], "y_below": arrays[k - 1, "y"], "r_below": arrays[k - 1, "r"]}
    for name, size, gradient in ((f"w{k}", rows * columns, ep.WEIGHTS), (f"b{k}", rows, ep.BIASES)):
        group = o[name] = NeuronGroup(size, WEIGHTS + SCHEDULE, namespace=dict(ends), name=name)
        code = f"updates += due\n{gradient}\n{OPTIMISERS[spec.optimiser]}\nw += change"
        group.run_regularly(code, when="start", order=5, name=f"{name}_update")
    arrays[k, "W"] = products.array(o[f"w{k}"], "w", rows, columns)


def _layer(o: dict, spec: EquilibriumSpec, k: int, top: int, arrays: dict) -> None:
    """Let a layer relax."""
    group = o[f"layer{k}"]
    group.namespace.update({"W": arrays[k, "W"], "y_below": arrays[k - 1, "y"]})
    drive = "drive = dot(W, y_below, i) + bias"
    if k < top:
        group.namespace.update({"W_above": arrays[k + 1, "W"], "y_above": arrays[k + 1, "y"]})
        drive += " + dot_transposed(W_above, y_above, i)"
    else:
        shown = f"target = wanted(batch*{spec.batch} + sample, unit)\nnudge = direction*beta"
        group.run_regularly(shown, when="start", order=0, name=f"layer{k}_target")
    refer(group, o[f"b{k}"], "w", "unit", name="bias")
    before = ep.KEEP + BEFORE + equilibrium_units.rate(spec.dynamics, spec.activation)
    group.run_regularly(before, when="start", order=1, name=f"layer{k}_before")
    group.run_regularly(drive, when="start", order=2, name=f"layer{k}_drive")
    group.run_regularly(equilibrium_units.code(spec.dynamics, spec.activation), when="start", order=3, name=f"layer{k}_step")
