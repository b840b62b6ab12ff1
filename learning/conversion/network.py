"""A converted network as an ordinary spiking network, and static samples as the spikes that it takes.

A spike of an input switches a current on that stays until the sample ends, so an input of value ``k/levels``, a whole number over the
number of levels, is one input neuron for each binary digit of ``k``, which fires in the first step: the current is exact.
"""

from __future__ import annotations

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.learning.conversion import hard_lif
from brian2chip.learning.layered.spec import Layer, LayeredSpec

#: Most weights of a projection, which a convolution multiplies; and most levels that inputs may have between 0 and 1.
LARGEST, MOST_LEVELS = 1 << 24, 1024


def levels_of(x: np.ndarray) -> int:
    """Return the smallest n with which every input times n is a whole number.

    Raises
    ------
    UserError
        Where inputs are negative or above 1, or n would be larger than :data:`MOST_LEVELS`.
    """
    values = np.unique(x)
    if len(values) and not (0 <= values[0] and values[-1] <= 1):
        raise UserError(f"the inputs go from {values[0]:g} to {values[-1]:g}; a spiking network takes inputs from 0 to 1.")
    for n in range(1, MOST_LEVELS + 1):
        if np.all(np.abs(values * n - np.rint(values * n)) < 1e-9):
            return n
    raise UserError(f"the inputs are no whole numbers over n for any n up to {MOST_LEVELS}; round them, e.g. to numbers over 255.")


def digits_of(levels: int) -> int:
    """Return how many binary digits, and so input neurons, an input has."""
    return int(levels).bit_length()


def spike_samples(samples: StaticSamples, levels: int, first: int, last: int) -> Samples:
    """Return samples of ``last`` steps, of which those after ``first`` count, with the inputs' spikes in the first step.

    Raises
    ------
    UserError
        For inputs that are no whole number over ``levels``.
    """
    k = np.rint(samples.x * levels).astype(np.int64)
    if np.any(np.abs(k - samples.x * levels) > 1e-9) or np.any((k < 0) | (k > levels)):
        raise UserError(f"the inputs of the samples are no whole numbers over {levels}, as those are that the network was made for.")
    digits = digits_of(levels)
    row, i = np.nonzero((k[:, :, None] >> np.arange(digits) & 1).reshape(len(k), -1))
    mask = np.arange(last) >= first
    return Samples(row, np.zeros_like(row), i, len(k), last, k.shape[1] * digits, mask, label=samples.label, target=None)


def unfolded(layer: Layer, weight: np.ndarray, size: int, padding: int) -> np.ndarray:
    """Return the matrix [inputs, units] of a convolution with filters ``weight`` [filters, channels*size*size]."""
    (channels, rows, columns), (filters, high, wide) = layer.seen, layer.image
    filters_of = np.asarray(weight, float).reshape(filters, channels, size, size)
    full = np.zeros((channels, rows, columns, filters, high, wide))
    for r in range(high):
        for c in range(wide):
            top, left = r - padding, c - padding
            down, right = slice(max(top, 0), min(top + size, rows)), slice(max(left, 0), min(left + size, columns))
            seen = filters_of[:, :, down.start - top : down.stop - top, right.start - left : right.stop - left]
            full[:, down, right, :, r, c] = seen.transpose(1, 2, 3, 0)
    return full.reshape(layer.below, layer.units)


def pooling(layer: Layer) -> np.ndarray:
    """Return the matrix [units, pooled] that averages 2 x 2 units."""
    channels, rows, columns = layer.image
    unit = np.arange(layer.units)
    channel, row, column = unit // (rows * columns), unit // columns % rows, unit % columns
    inside = (row < rows // 2 * 2) & (column < columns // 2 * 2)
    to = (channel * (rows // 2) + row // 2) * (columns // 2) + column // 2
    full = np.zeros((layer.units, layer.pooled))
    full[unit[inside], to[inside]] = 0.25
    return full


def spiking_network(spec: LayeredSpec, state: dict[str, np.ndarray], levels: int, dt: float, provenance: dict) -> SpikingNetwork:
    """Return the network of LIF neurons with alpha synapses.

    Raises
    ------
    UserError
        For a convolution whose matrix would have more than :data:`LARGEST` weights.
    """
    units, digits = spec.soft_lif, digits_of(levels)
    largest = max(layer.units * layer.below * (digits if k == 0 else 1) for k, layer in enumerate(spec.layers))
    if largest > LARGEST:
        raise UserError(
            f"a layer of the converted network would have {largest} weights as a matrix, of which {LARGEST} are allowed; evaluate() runs "
            "it with the convolution as it is."
        )
    populations, projections = [Population("input", "input", spec.n_in * digits)], []
    for k, layer in enumerate(spec.layers):
        last, below = k == len(spec.layers) - 1, "input" if k == 0 else f"hidden{k}"
        name = "out" if last else f"hidden{k + 1}"
        bias = np.repeat(np.asarray(state[f"b{k}"], float), layer.units // layer.weights[0])
        given = hard_lif.readout(units, bias, dt=dt) if last else hard_lif.neuron(units, bias, first=k == 0, dt=dt)
        populations.append(Population(name, "li" if last else "lif_exact", layer.units, given))
        projections.append(Projection(below, name, _weight(spec, state, k, layer, levels)))
    return SpikingNetwork(tuple(populations), tuple(projections), dt, provenance)


def _weight(spec: LayeredSpec, state: dict[str, np.ndarray], k: int, layer: Layer, levels: int) -> np.ndarray:
    """Return the weights [source, target] of the projection onto layer k."""
    weight = np.asarray(state[f"w{k}"], float)
    if k == 0:
        full = weight.T if layer.image is None else unfolded(layer, weight, spec.convolution.size, spec.convolution.padding)
        return (full[:, None, :] * (2.0 ** np.arange(digits_of(levels)) / levels)[:, None]).reshape(-1, layer.units)
    before = spec.layers[k - 1]
    return spec.soft_lif.amplitude * (weight.T if before.image is None else pooling(before) @ weight.T)
