"""EqSpike as Brian2 objects: one time step is one step of all neurons of a batch, whose samples share the weights.

Within a step, from the spikes of the step before: the currents of all layers; then membranes and spikes; filters; weights.
Weights between layers are kept as [units below, units], so that a spike from below adds one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from brian2 import EventMonitor, Network, NeuronGroup

from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.engine.functions.links import refer
from brian2chip.engine.functions.matrix_products import MatrixProducts
from brian2chip.engine.session import Session
from brian2chip.models import eqspike_units as units
from brian2chip.plasticity import eqspike


class Step(NamedTuple):
    """What happens at one step; the fields are the columns of the schedule.

    Attributes
    ----------
    batch : int
        Which batch of samples is shown.
    begins : int
        1 where the states of hidden and output neurons are set to zero before the step.
    nudged : int
        1 in the nudged phase, where weights change.
    answers : int
        1 at the end of the free phase, where the output is read.
    """

    batch: int
    begins: int = 0
    nudged: int = 0
    answers: int = 0


def presentation(config: EqSpikeConfig, batch: int, learns: bool = True) -> list[Step]:
    """Return the steps of one batch: free, then nudged where it is learned."""
    free = [Step(batch, begins=int(k == 0), answers=int(k == config.free - 1)) for k in range(config.free)]
    return free + [Step(batch, nudged=1)] * (config.nudged if learns else 0)


@dataclass(frozen=True)
class SpikingSpec:
    """What one program is compiled for.

    Attributes
    ----------
    sizes : tuple of int
        Inputs, hidden neurons from below, outputs.
    batch : int
    dtype : str
    """

    sizes: tuple[int, ...]
    batch: int
    dtype: str = "float64"


SCHEDULE = "".join(f"{name} = schedule(timestep(t, dt), {k}) : integer (shared)\n" for k, name in enumerate(Step._fields))
PLACE = "sample : integer (constant)\nunit : integer (constant)\n"
INPUT = "u : 1\npulse : 1\npixel : 1\nrate : 1 (shared)\n" + PLACE + SCHEDULE
WEIGHTS = "w : 1\nlearning_rate : 1 (shared)\nnorm : 1 (shared)\neta = nudged*learning_rate/norm : 1 (shared)\n" + SCHEDULE


def build(session: Session, spec: SpikingSpec, tables: dict[str, Any]) -> tuple[dict, dict]:
    """Return the Brian2 objects by name, with ``"network"`` among them, and the namespace of the run; to be called inside a session."""
    products, top = MatrixProducts(session.device, spec.dtype), len(spec.sizes) - 1
    o: dict = {}
    for k, size in enumerate(spec.sizes):
        equations = INPUT if k == 0 else units.VARIABLES + PLACE + SCHEDULE
        events = {"answers": "answers > 0"} if k == top else {"shown": "begins > 0"} if k == 0 else {}
        group = o[f"layer{k}"] = NeuronGroup(spec.batch * size, equations, events=events, name=f"layer{k}")
        group.sample, group.unit = f"i // {size}", f"i % {size}"
    arrays = {(0, "pulse"): products.array(o["layer0"], "pulse", spec.batch, spec.sizes[0])}
    for k in range(1, top + 1):
        arrays |= {(k, v): products.array(o[f"layer{k}"], v, spec.batch, spec.sizes[k]) for v in ("pulse", "d")}
        _weights(o, products, spec, k, arrays)
    o["layer0"].set_event_schedule("shown", when="start", order=1)
    o["layer0"].run_on_event("shown", f"pixel = pixels(batch*{spec.batch} + sample, unit)", when="start", order=2)
    o["layer0"].run_regularly(units.INPUT_SPIKE, when="start", order=3, name="layer0_spike")
    for k in range(1, top + 1):
        _layer(o, spec, k, top, arrays)
    o["record"] = EventMonitor(o[f"layer{top}"], "answers", variables=["f2"], name="record")
    o["network"] = Network(*o.values())
    return o, {**products.namespace(), **tables}


def _weights(o: dict, products: MatrixProducts, spec: SpikingSpec, k: int, arrays: dict) -> None:
    """Make the weights and the biases of a layer, which change in the nudged phase."""
    below, size = spec.sizes[k - 1], spec.sizes[k]
    ends = {"pulse": arrays[k, "pulse"], "d": arrays[k, "d"], "pulse_below": arrays[k - 1, "pulse"]}
    if k > 1:
        ends["d_below"] = arrays[k - 1, "d"]
    change = eqspike.INPUT_WEIGHTS if k == 1 else eqspike.WEIGHTS
    for name, n, code in ((f"w{k}", below * size, change), (f"b{k}", size, eqspike.BIASES)):
        group = o[name] = NeuronGroup(n, WEIGHTS, events={"learns": "nudged > 0"}, namespace=dict(ends), name=name)
        group.set_event_schedule("learns", when="start", order=5)
        group.run_on_event("learns", code, when="start", order=6)
    arrays[k, "W"] = products.array(o[f"w{k}"], "w", below, size)


def _layer(o: dict, spec: SpikingSpec, k: int, top: int, arrays: dict) -> None:
    """Let a layer spike."""
    group = o[f"layer{k}"]
    group.namespace.update({"W": arrays[k, "W"], "pulse_below": arrays[k - 1, "pulse"]})
    arriving = "arriving = dot_transposed_events(W, pulse_below, i)"
    if k < top:
        group.namespace.update({"W_above": arrays[k + 1, "W"], "pulse_above": arrays[k + 1, "pulse"]})
        arriving += " + dot(W_above, pulse_above, i)"
    else:
        shown = f"target = wanted(batch*{spec.batch} + sample, unit)\nnudge = nudged*beta"
        group.run_regularly(shown, when="start", order=0, name=f"layer{k}_target")
    refer(group, o[f"b{k}"], "w", "unit", name="bias")
    group.run_regularly(units.BEGIN, when="start", order=1, name=f"layer{k}_begin")
    group.run_regularly(f"{arriving}\n{units.CURRENT}", when="start", order=2, name=f"layer{k}_current")
    group.run_regularly(units.SPIKE, when="start", order=3, name=f"layer{k}_spike")
    group.run_regularly(units.FILTERS, when="start", order=4, name=f"layer{k}_filters")
