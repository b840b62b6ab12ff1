"""A network from a state dict of PyTorch: linear layers with the neurons of snnTorch or Norse.

A state dict is any mapping of names to arrays or tensors; nothing is unpickled. A matrix is [out, in], as ``torch.nn.Linear`` has it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from brian2chip.core.checked_arrays import as_numbers
from brian2chip.core.neuron_kinds import time_constant
from brian2chip.core.population import Population, Projection
from brian2chip.errors import UserError

#: The last parts of the names, and what they are; the longest that fits counts.
PARTS = {
    "weight": "forward",  # torch.nn.Linear
    "input_weights": "forward",  # Norse's recurrent cells
    "bias": "bias",
    "recurrent.weight": "recurrent",  # snnTorch's RLeaky and RSynaptic
    "recurrent_weights": "recurrent",
    "recurrent.bias": "recurrent bias",
    "V": "one to one",
    "recurrent.V": "one to one",
    "beta": "beta",
    "alpha": "alpha",
    "threshold": "threshold",
    "graded_spikes_factor": "spikes",
    "reset_mechanism_val": "reset",
}
#: snnTorch's ``reset_mechanism_val``.
SUBTRACT, NONE = 0, 2


@dataclass(frozen=True)
class Layer:
    """The arrays of a matrix and of the neurons that it leads to, by what they are, and the module of the matrix."""

    module: str
    arrays: dict[str, np.ndarray] = field(default_factory=dict)


def read_state_dict(
    given: Mapping[str, Any], dt: float, neurons: Mapping[str, Any], readout: Mapping[str, Any] | None, order: Iterable[str] | None
) -> tuple[list[Population], list[Projection]]:
    """Return populations ``input``, ``rec`` (or ``hidden1``, ...), ``out`` and their projections.

    Parameters
    ----------
    given : mapping of str to array or tensor
    dt : float
        Seconds of a step.
    neurons, readout : mapping
        Parameters of neurons, as :class:`~brian2chip.core.population.Population` has them, beside those that the state dict holds, of all
        layers and of the last; by default a last layer without a threshold is a readout without memory.
    order : iterable of str, optional
        The modules in their order; by default that of the mapping.

    Raises
    ------
    UserError
        For names that are none of a layer's, shapes that do not follow one another, and what a network cannot say.
    """
    layers = _layers(_modules(given, order))
    size = layers[0].arrays["forward"].shape[1]
    populations, projections, source = [Population("input", "input", size)], [], "input"
    for k, layer in enumerate(layers):
        last = k == len(layers) - 1
        name = "out" if last else "rec" if len(layers) == 2 else f"hidden{k + 1}"
        weight, n = layer.arrays["forward"], layer.arrays["forward"].shape[0]
        if weight.shape[1] != size:
            raise UserError(
                f"{layer.module!r} takes {weight.shape[1]} numbers and {source!r} gives {size}; give order=, the modules in order."
            )
        own = {**neurons, **(readout or {})} if last else dict(neurons)
        if last and readout is None and not {"threshold", "beta"} & set(layer.arrays):
            own = {}
        populations.append(_population(name, layer, n, dt, own, last))
        projections.append(Projection(source, name, weight.T.astype(float), 0))
        if (recurrent := _recurrent(layer, n)) is not None:
            projections.append(Projection(name, name, recurrent, 1))
        source, size = name, n
    return populations, projections


def _modules(given: Mapping[str, Any], order: Iterable[str] | None) -> dict[str, dict[str, np.ndarray]]:
    """Return the arrays of every module by what they are."""
    if not isinstance(given, Mapping) or not given:
        raise UserError(f"a state dict was given as {type(given).__name__}; give a mapping of names to arrays, e.g. module.state_dict().")
    found: dict[str, dict[str, np.ndarray]] = {}
    for name, value in given.items():
        fits = [part for part in PARTS if str(name) == part or str(name).endswith(f".{part}")]
        if not fits:
            raise UserError(f"{str(name)[:80]!r} is no name of a linear layer's or a spiking neuron's array; leave it out, or rename it.")
        part = max(fits, key=len)
        array = as_numbers(
            value.detach().cpu() if callable(getattr(value, "detach", None)) else value, f"the numbers of {str(name)[:80]!r}"
        )
        found.setdefault(str(name).removesuffix(part).removesuffix("."), {})[PARTS[part]] = array
    if order is None:
        return found
    order = list(order)
    if strange := set(order) ^ set(found):
        raise UserError(
            f"order= and the state dict differ in {', '.join(sorted(strange))[:120]}; the modules are {', '.join(found)[:200]}."
        )
    return {module: found[module] for module in order}


def _layers(modules: Mapping[str, Mapping[str, np.ndarray]]) -> list[Layer]:
    """Return the layers: each begins with a matrix, and the arrays of the neurons that follow belong to it."""
    layers: list[Layer] = []
    for module, arrays in modules.items():
        if "forward" in arrays:
            if np.ndim(arrays["forward"]) != 2:
                raise UserError(
                    f"{module!r} has weights of shape {arrays['forward'].shape}; only matrices [out, in] are read, no convolution."
                )
            layers.append(Layer(module))
        if not layers or (double := set(layers[-1].arrays) & set(arrays)):
            why = f"a second {', '.join(sorted(double))} for {layers[-1].module!r}" if layers else "no matrix before it"
            raise UserError(
                f"the module {module!r} has {why}; a neuron follows the matrix of its layer (give order=, the modules in order)."
            )
        layers[-1].arrays.update(arrays)
    return layers


def _population(name: str, layer: Layer, n: int, dt: float, own: dict[str, Any], last: bool) -> Population:
    arrays = layer.arrays
    for what, needed in (("spikes", 1), ("reset", SUBTRACT)):
        if what in arrays and np.any(arrays[what] != needed) and not (what == "reset" and last and np.all(arrays[what] == NONE)):
            raise UserError(
                f"the neurons of {layer.module!r} have {arrays[what]} as what resets or scales their spikes; only {needed} is known."
            )
    silent = last and np.all(arrays.get("reset", SUBTRACT) == NONE)
    for what, parameter in (("beta", "tau_m"), ("alpha", "tau_syn")):
        if what in arrays:
            factor = np.clip(arrays[what], 0, 1)  # as snnTorch clamps it
            if np.any(factor == 1) and not np.all(factor == 1):
                raise UserError(f"some neurons of {layer.module!r} leak and some do not; give one kind to a layer.")
            if np.all(factor < 1):
                own[parameter] = _each(time_constant(factor, dt), n, f"{what} of {layer.module!r}")
            elif what == "alpha":
                raise UserError(f"the synaptic current of {layer.module!r} never decays (alpha = 1); a network has none such.")
            else:
                own.pop("tau_m", None)
    if "threshold" in arrays and not silent:
        own["v_threshold"] = _each(arrays["threshold"], n, f"threshold of {layer.module!r}")
        own.setdefault("reset", "subtract")
        own.setdefault("fires", ">")
    bias = sum(np.asarray(arrays[what], float) for what in ("bias", "recurrent bias") if what in arrays)
    if np.any(bias != 0):
        own["bias"] = _each(bias, n, f"bias of {layer.module!r}")
    if last and "v_threshold" not in own:
        return Population(name, "li", n, {"tau_m": float(time_constant(0.0, dt)), **own})
    if "v_threshold" not in own:
        raise UserError(f"{layer.module!r} leads to neurons without a threshold; give neurons={{'tau_m': ..., 'v_threshold': ...}}.")
    return Population(name, "lif" if "tau_m" in own else "if", n, own)


def _each(values: Any, n: int, what: str) -> Any:
    """Return one number, or one for each neuron."""
    array = np.asarray(values, float)
    if array.size == 1:
        return float(array.ravel()[0])
    if array.shape != (n,):
        raise UserError(f"{what} has shape {array.shape}; it must be one number, or {n}.")
    return array


def _recurrent(layer: Layer, n: int) -> np.ndarray | None:
    """Return the weights [pre, post] among the neurons of a layer."""
    if "recurrent" in layer.arrays:
        if layer.arrays["recurrent"].shape != (n, n):
            raise UserError(f"the recurrent weights after {layer.module!r} have shape {layer.arrays['recurrent'].shape}, not {(n, n)}.")
        return layer.arrays["recurrent"].T.astype(float)
    if "one to one" in layer.arrays:
        return np.diag(np.broadcast_to(_each(layer.arrays["one to one"], n, f"V after {layer.module!r}"), n))
    return None
