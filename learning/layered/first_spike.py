"""A trained convolutional network of n-bit weights in whole numbers: from pixels that spike once or from frames, which agree exactly."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from brian2 import EventMonitor, Network, NeuronGroup

from brian2chip.core.checked_arrays import whole_numbers
from brian2chip.engine.functions.links import refer
from brian2chip.engine.functions.matrix_products import MatrixProducts
from brian2chip.engine.session import Session, session
from brian2chip.errors import UserError
from brian2chip.learning.layered.spec import LayeredSpec
from brian2chip.learning.layered.trained import LayeredTrained
from brian2chip.models import first_spike_units as units

DT = 1e-3
#: Outputs are whole numbers over this.
FULL = 128
BATCH = 100


@dataclass(frozen=True)
class Codes:
    """A network in whole numbers.

    Attributes
    ----------
    spec : LayeredSpec
    levels : int
        Of a pixel: it is level/levels, from 0 to levels - 1.
    weights : dict of int arrays
        ``"w0"``, ``"b0"`` ...
    """

    spec: LayeredSpec
    levels: int
    weights: dict[str, np.ndarray]

    @property
    def scales(self) -> list[float]:
        """What turns the drive of each layer but the last into its output: a power of two."""
        steps = [grid.step for grid in self.spec.grids]
        return [steps[0] * FULL / self.levels, *steps[1:-1]]


def codes_of(trained: LayeredTrained, levels: int) -> Codes:
    """Return the whole numbers of a trained network.

    Raises
    ------
    UserError
        For a network without a convolution, of real weights, of steps that are no power of two, or of other units than hard tanh.
    """
    spec = trained.spec
    if spec.convolution is None or not spec.grids or any(layer.activation != "hard_tanh" for layer in spec.layers[:-1]):
        raise UserError("whole numbers need a network with a convolution, hard tanh units, and weights of n bits; train one so.")
    if any(np.frexp(grid.step)[0] != 0.5 for grid in spec.grids):
        raise UserError(f"the steps of the weights are {[grid.step for grid in spec.grids]}; limits must be powers of two.")
    weights = {}
    for k, grid in enumerate(spec.grids):
        for name in (f"w{k}", f"b{k}"):
            code = np.asarray(trained.state[name], float) / grid.step
            if not (np.all(code == np.rint(code)) and np.all((grid.low <= code) & (code <= grid.high))):
                raise UserError(f"{name} is not of {grid.bits} bits times {grid.step}; train with bits={grid.bits}.")
            weights[name] = code.astype(np.int64)
    return Codes(spec, levels, weights)


def outputs(codes: Codes, pixels: np.ndarray, events: bool = True, device: str = "cpp_standalone") -> np.ndarray:
    """Return the whole numbers at the output for images; the largest is the answer.

    Parameters
    ----------
    codes : Codes
    pixels : int array [samples, pixels]
        Levels, from 0 to ``codes.levels - 1``.
    events : bool
        Whether pixels spike, one tick after another; otherwise a whole frame is one tick.
    device : {"cpp_standalone", "numpy"}

    Returns
    -------
    int64 array [samples, outputs]

    Raises
    ------
    UserError
        For no images, and levels outside the range.
    """
    pixels = whole_numbers(pixels, "pixels", "the images", low=0, shape=(None, codes.spec.n_in))
    if not len(pixels):
        raise UserError("no images were given; give at least one.")
    if pixels.max() >= codes.levels:
        raise UserError(f"a pixel has level {pixels.max()}; levels go from 0 to {codes.levels - 1}.")
    batch = min(BATCH, len(pixels))
    batches, ticks = -(-len(pixels) // batch), codes.levels - 1 if events else 1
    with session(device, dt=DT) as s:
        table = s.table("pixels", np.zeros((1, 1), np.int32))
        o, namespace = _build(s, codes, batch, ticks, events, table)
        s.queue(o["network"], batches * ticks * DT, namespace)
        s.execute({"pixels": np.resize(pixels, (batches * batch, pixels.shape[1])).astype(np.int32)}, [batches * ticks * DT])
        found = np.array(o["record"].drive[:]).reshape(-1, codes.spec.n_out)[: len(pixels)]
    return found.astype(np.int64)


def _build(s: Session, codes: Codes, batch: int, ticks: int, events: bool, table: Any) -> tuple[dict, dict]:
    spec, products, o = codes.spec, MatrixProducts(s.device), {}
    time = f"tick = timestep(t, dt) % {ticks} : integer (shared)\nshown = timestep(t, dt) // {ticks} : integer (shared)\n"
    place = "sample : integer (constant)\nunit : integer (constant)\n"

    def group(name: str, size: int, equations: str, **namespace: Any) -> NeuronGroup:
        made = o[name] = NeuronGroup(
            batch * size, equations + place + time, name=name, namespace=namespace, events={"ends": f"tick == {ticks - 1}"}
        )
        made.sample, made.unit = f"i // {size}", f"i % {size}"
        return made

    def weights(k: int) -> int:
        rows, columns = spec.layers[k].weights
        for name, n in ((f"w{k}", rows * columns), (f"b{k}", rows)):
            made = o[name] = NeuronGroup(n, "w : 1", name=name)
            s.input(f"{name}.w", made, "w", codes.weights[name].astype(float).ravel())
        return products.array(o[f"w{k}"], "w", rows, columns)

    first = spec.layers[0]
    pixel = group("pixel", spec.n_in, "level : 1\nspike : 1\n", ticks=float(ticks), pixels=table)
    shown = f"level = pixels(shown*{batch} + sample, unit)\n"
    pixel.run_regularly(shown + (units.PIXEL if events else units.FRAME), when="start", order=0, name="pixel_spike")
    patch = {"image": first.seen, "patch": (spec.convolution.size, spec.convolution.padding)}
    x = products.array(pixel, "spike", batch, spec.n_in, **patch)
    variables = "arriving : 1\nslope : 1\nv : 1\ndrive : 1\ny : 1\nfilter : integer (constant)\n"
    conv = group("layer0", first.units, variables, W=weights(0), x=x, scale=codes.scales[0])
    conv.filter = f"unit // {first.units // first.weights[0]}"
    refer(conv, o["b0"], "w", "filter", name="bias")
    code = f"arriving = convolve(W, x, i)\n{units.MEMBRANE}drive = v + {codes.levels}*bias\n{units.OUTPUT}"
    conv.run_regularly(code, when="start", order=1, name="layer0_run")
    pool = group("pool", first.pooled, "y : 1\n", below=products.array(conv, "y", batch, first.units, image=first.image))
    pool.run_regularly("y = largest(below, i)", when="start", order=2, name="pool_run")
    x, top = products.array(pool, "y", batch, first.pooled), len(spec.layers) - 1
    for k in range(1, top + 1):
        made = group(f"layer{k}", spec.layers[k].units, "drive : 1\ny : 1\n", W=weights(k), x=x, scale=(*codes.scales, 1.0)[k])
        refer(made, o[f"b{k}"], "w", "unit", name="bias")
        made.run_regularly(f"drive = dot(W, x, i) + {FULL}*bias\n{units.OUTPUT}", when="start", order=2 + k, name=f"layer{k}_run")
        x = products.array(made, "y", batch, spec.layers[k].units)
    o["record"] = EventMonitor(o[f"layer{top}"], "ends", variables=["drive"], name="record")
    o["network"] = Network(*o.values())
    return o, products.namespace()
