"""What is compiled for a layered network: the sizes of its layers, its rule, loss and optimiser."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

from brian2chip.core.layered_config import Convolution, LayeredConfig
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.errors import UserError
from brian2chip.learning.weight_grid import Grid

Image = tuple[int, int, int]


class Layer(NamedTuple):
    """A layer with weights.

    Attributes
    ----------
    below, units : int
        Inputs of the layer, and its units.
    activation : str
    weights : tuple of int
        Shape of the weights as a matrix, [units (or filters), what each sees].
    image, seen : tuple of int or None
        Channels, rows and columns of its units, and of what it sees, for a convolution.
    trained : bool
    """

    below: int
    units: int
    activation: str
    weights: tuple[int, int]
    image: Image | None = None
    seen: Image | None = None
    trained: bool = True

    @property
    def pooled(self) -> int:
        """Units that the layer above sees."""
        if self.image is None:
            return self.units
        channels, rows, columns = self.image
        return channels * (rows // 2) * (columns // 2)


@dataclass(frozen=True)
class LayeredSpec:
    """What one program is compiled for.

    Attributes
    ----------
    n_in : int
    layers : tuple of Layer
        The output is the last.
    loss : str
    rule : LayeredRule
    optimiser : str
    batch : int
        Samples of a presentation: replicas of the units, which share the weights.
    convolution : Convolution or None
    dtype : str
    grids : tuple of Grid
        Of the weights of each layer, where they are of n bits.
    kept : bool
        Whether real weights are kept beside those of n bits.
    soft_lif : SoftLif or None
        The constants of hidden units of the activation "soft_lif", where they are.
    """

    n_in: int
    layers: tuple[Layer, ...]
    loss: str
    rule: LayeredRule
    optimiser: str
    batch: int
    convolution: Convolution | None = None
    dtype: str = "float64"
    grids: tuple[Grid, ...] = ()
    kept: bool = True
    soft_lif: SoftLif | None = None

    @property
    def noisy(self) -> bool:
        """Whether units draw noise while they learn."""
        return self.soft_lif is not None and self.soft_lif.noise != "none"

    @property
    def n_out(self) -> int:
        return self.layers[-1].units


def layers_of(network: LayeredConfig, n_in: int, n_out: int, image: Image | None) -> tuple[Layer, ...]:
    """Return the layers of a network.

    Raises
    ------
    UserError
        For a convolution where the samples are no images, or are smaller than its filters.
    """
    layers, below = [], n_in
    if network.convolution is not None:
        layers.append(_convolution(network.convolution, network.activation, image))
        below = layers[0].pooled
    for units, activation in [*((n, network.activation) for n in network.hidden), (n_out, network.output)]:
        layers.append(Layer(below, units, activation, (units, below)))
        below = units
    return tuple(layers)


def _convolution(convolution: Convolution, activation: str, image: Image | None) -> Layer:
    if image is None:
        raise UserError("a convolution needs images, and the samples of this task are none; leave the convolution out.")
    channels, rows, columns = image
    high, wide = (n + 2 * convolution.padding - convolution.size + 1 for n in (rows, columns))
    if high < 2 or wide < 2:
        raise UserError(f"filters of {convolution.size} pixels leave {high} x {wide} positions of images of {rows} x {columns}; "
                        "at least 2 x 2 are needed for pooling.")  # fmt: skip
    units = (convolution.filters, high, wide)
    weights = (convolution.filters, channels * convolution.size**2)
    return Layer(math.prod(image), math.prod(units), activation, weights, units, image, convolution.trained)
