"""Recompute recorded numbers of BP, FA, DFA, sDFA, DRTP and shallow learning: losses, first gradients, and weights after five updates."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd

from brian2chip.core import registry
from brian2chip.core.files import shown
from brian2chip.core.layered_config import Convolution, LayeredConfig
from brian2chip.core.npz import read_arrays
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.functions import products_on_numpy as products
from brian2chip.engine.session import session
from brian2chip.errors import UserError
from brian2chip.learning.layered.program import DT, Program, fixed_shapes
from brian2chip.learning.layered.spec import Layer, LayeredSpec, layers_of

DATA = Path(__file__).parents[1] / "data"
FILES = ("drtp_digits_mlp.npz", "drtp_regression_mlp.npz", "drtp_digits_conv.npz")
MODES = {"BP": "bp", "FA": "fa", "DFA": "dfa", "sDFA": "sdfa", "DRTP": "drtp", "shallow": "shallow"}
OPTIMISERS = {"SGD0": "gradient_descent", "NAG": "nesterov", "Adam": "adam_pytorch"}
#: Learning rates that are tried, the recorded configurations' first.
RATES = {
    "SGD0": (0.05, 0.01, 0.1, 0.02, 0.005, 0.001),
    "NAG": (0.05, 0.01, 0.1, 0.02, 0.005, 0.001),
    "Adam": (0.001, 0.005, 0.01, 5e-4, 1e-4),
}
#: Activation of the output and loss that are tried: that with the recorded first loss is the file's.
OUTPUTS = (
    ("sigmoid", "binary_cross_entropy"),
    ("linear", "mean_squared_error"),
    ("linear", "cross_entropy"),
    ("tanh", "mean_squared_error"),
    ("sigmoid", "mean_squared_error"),
)
COMPARED = ("losses", "gradients", "weights")
TOLERANCE = 1e-10


def verify(file: str | os.PathLike, device: str = "numpy", rate: float | None = None) -> pd.DataFrame:
    """Return the largest differences from recorded numbers, a row for each mode and optimiser of the file.

    Parameters
    ----------
    file : path
        Arrays of the layout of those in ``learning/data``: ``X``, ``T``, ``W0``, ``b0``, ``B_direct0``, ``B_fa1`` ...,
        ``loss_{MODE}_{OPT}``, ``gradW0_{MODE}``, ``W0_after5_{MODE}_{OPT}`` ...
    device : {"numpy", "cpp_standalone"}
    rate : float, optional
        Learning rate; without it the first of :data:`RATES` that fits.

    Raises
    ------
    UserError
        For a file that is missing or damaged, lacks an array, or whose first loss belongs to no known output.
    """
    z = _Recorded(file)
    network, layers = _network(z)
    n_in, rows = z["X"][0].size, []
    samples = StaticSamples(z["X"].reshape(len(z["X"]), -1), target=z["T"])
    for mode, optimiser in z.runs():
        rule = registry.get("layered_rule", MODES[mode])
        spec = LayeredSpec(n_in, layers, network.loss, rule, OPTIMISERS[optimiser], z.batch, network.convolution)
        with session(device, dt=DT) as s:
            program = Program(s, spec)
            for one in RATES[optimiser] if rate is None else (rate,):
                row = {"mode": mode, "optimiser": optimiser, "rate": one, **_differences(program, z, samples, mode, optimiser, one)}
                if rate is not None or row["losses"] < TOLERANCE:
                    break
            rows.append(row)
    return pd.DataFrame(rows)


class _Recorded(dict):
    """The arrays of a file by name; one that is missing is one sentence."""

    def __init__(self, file: str | os.PathLike):
        super().__init__(read_arrays(file, "recorded numbers"))
        self.name = shown(file)
        if not self.runs():
            raise UserError(f"{self.name} holds no losses; its arrays must be named as those of {FILES[0]}, e.g. loss_BP_SGD0.")

    def __missing__(self, name: str) -> np.ndarray:
        raise UserError(f"{self.name} lacks the array {name!r}; its arrays must be named as those of {FILES[0]}.")

    def runs(self) -> list[tuple[str, str]]:
        """The modes and optimisers of which losses are recorded."""
        return [(mode, optimiser) for optimiser in OPTIMISERS for mode in MODES if f"loss_{mode}_{optimiser}" in self]

    @property
    def losses(self) -> int:
        return len(self["loss_{}_{}".format(*self.runs()[0])])

    @property
    def batch(self) -> int:
        return len(self["X"]) // self.losses

    @property
    def depth(self) -> int:
        return next(k for k in itertools.count() if f"W{k}" not in self)


def _network(z: _Recorded) -> tuple[LayeredConfig, tuple[Layer, ...]]:
    """Return the network of a file: sizes from its arrays, output and loss from the first recorded loss."""
    convolution, image, first = None, None, 0
    if z["W0"].ndim == 4:
        image, first = z["X"].shape[1:], 1
        filters, _, size, _ = z["W0"].shape
        convolution = Convolution(filters, size, (z["B_direct0"].shape[2] - image[1] + size - 1) // 2)
    hidden = tuple(len(z[f"b{k}"]) for k in range(first, z.depth - 1))
    recorded = z["loss_{}_{}".format(*z.runs()[0])][0]
    for output, loss in OUTPUTS:
        network = LayeredConfig(hidden, "tanh", output, loss, convolution)
        layers = layers_of(network, z["X"][0].size, z["T"].shape[1], image)
        if abs(_first_loss(z, network, layers) - recorded) < TOLERANCE:
            return network, layers
    raise UserError(f"the first loss in {z.name}, {recorded:.6g}, is that of no known output; known are tanh hidden units with "
                    f"{', '.join(f'{output} and {loss}' for output, loss in OUTPUTS)}.")  # fmt: skip


def _first_loss(z: _Recorded, network: LayeredConfig, layers: tuple[Layer, ...]) -> float:
    """Return the loss of the first batch, computed directly."""
    y, wanted = z["X"][: z.batch].reshape(z.batch, -1), z["T"][: z.batch]
    for k, layer in enumerate(layers):
        w, b = z[f"W{k}"].reshape(layer.weights), z[f"b{k}"]
        if layer.image is None:
            y = products.dot(w, y) + b
        else:
            seen = SimpleNamespace(image=layer.seen, patch=(network.convolution.size, network.convolution.padding))
            y = products.convolve(w, y, None, seen) + np.repeat(b, layer.units // len(b))
        if k < len(layers) - 1:
            y = np.tanh(y)
            y = y if layer.image is None else products.largest(y, SimpleNamespace(image=layer.image)).reshape(z.batch, -1)
    return _loss(network, y, wanted)


def _loss(network: LayeredConfig, drive: np.ndarray, wanted: np.ndarray) -> float:
    if network.loss == "cross_entropy":
        return float((np.log(np.exp(drive).sum(1)) - (wanted * drive).sum(1)).mean())
    y = {"sigmoid": lambda v: 1 / (1 + np.exp(-v)), "linear": lambda v: v, "tanh": np.tanh}[network.output](drive)
    if network.loss == "mean_squared_error":
        return float(((y - wanted) ** 2).mean())
    return float(-(wanted * np.log(y) + (1 - wanted) * np.log(1 - y)).mean())


def _differences(program: Program, z: _Recorded, samples: StaticSamples, mode: str, optimiser: str, rate: float) -> dict[str, float]:
    """Return the largest differences of losses, first gradients, and weights after the last update."""
    order = np.arange(z.losses * z.batch).reshape(z.losses, z.batch)
    run = program.run(samples, order, np.arange(z.losses) < z.losses - 1, _state(program.spec, z), rate)
    first = program.run(samples, order[:1], np.zeros(1, bool), _state(program.spec, z), rate)
    after = f"_after{z.losses - 1}_{mode}_{optimiser}"
    pairs = {"gradients": [], "weights": []}
    for k in range(z.depth):
        for ours, theirs in ((f"w{k}", f"W{k}"), (f"b{k}", f"b{k}")):
            pairs["gradients"].append((first.gradient[ours], z[f"grad{theirs}_{mode}"]))
            pairs["weights"].append((run.state[ours], z[f"{theirs}{after}"]))
    most = {name: max(float(np.abs(a.ravel() - b.ravel()).max()) for a, b in each) for name, each in pairs.items()}
    return {"losses": float(np.abs(run.loss - z[f"loss_{mode}_{optimiser}"]).max()), **most}


def _state(spec: LayeredSpec, z: _Recorded) -> dict[str, np.ndarray]:
    state: dict[str, np.ndarray] = {}
    for k, layer in enumerate(spec.layers):
        state |= {f"w{k}": z[f"W{k}"].reshape(layer.weights), f"b{k}": z[f"b{k}"]}
    for name in fixed_shapes(spec):
        k = int(name.removeprefix("B_above").removeprefix("B"))
        state[name] = z[f"B_fa{k + 1}"] if name.startswith("B_above") else z[f"B_direct{k}"].reshape(len(z["B_direct0"]), -1)
    return state
