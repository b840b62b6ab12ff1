"""A layered network and its training as data, checked when made."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.core.layered_rule import LayeredRule
from brian2chip.core.soft_lif_config import SoftLif
from brian2chip.errors import UserError, unknown

ACTIVATIONS, OUTPUTS = ("tanh", "hard_tanh", "sigmoid", "linear", "soft_lif"), ("tanh", "hard_tanh", "sigmoid", "linear")
POOLINGS = ("max", "average")
LOSSES = ("binary_cross_entropy", "mean_squared_error", "cross_entropy")
ROUNDINGS = ("nearest", "stochastic")
OPTIMISERS = ("gradient_descent", "nesterov", "adam_pytorch")
#: The activation of the output that a loss is defined for.
OUTPUT_OF = {"binary_cross_entropy": "sigmoid", "cross_entropy": "linear"}


@dataclass(frozen=True)
class Convolution:
    """The first layer as a convolution with 2 x 2 pooling behind it.

    Attributes
    ----------
    filters, size : int
        How many, and rows and columns of each.
    padding : int
        Rows and columns of zeros around the image; the stride is 1.
    trained : bool
        Whether the filters learn; otherwise they keep their random values.
    pooling : {"max", "average"}
    """

    filters: int
    size: int
    padding: int = 0
    trained: bool = True
    pooling: str = "max"

    def __post_init__(self):
        check_fields(self, "a convolution")
        if self.pooling not in POOLINGS:
            raise unknown("pooling of a convolution called", self.pooling, POOLINGS)
        for name, low in (("filters", 1), ("size", 1), ("padding", 0)):
            if getattr(self, name) < low:
                raise UserError(f"{name} of a convolution was given as {getattr(self, name)}; it must be at least {low}.")


@dataclass(frozen=True)
class LayeredConfig:
    """A layered network of rate units.

    Attributes
    ----------
    hidden : tuple of int
        Units of the fully connected hidden layers, the first beside the input (or the convolution).
    activation : {"tanh", "hard_tanh", "sigmoid", "linear", "soft_lif"}
        Of the hidden units.
    output : {"tanh", "hard_tanh", "sigmoid", "linear"}
    loss : {"binary_cross_entropy", "mean_squared_error", "cross_entropy"}
        Mean over batch and outputs; the cross entropy (of the softmax of a linear output) over the batch.
    convolution : Convolution or None
        A first layer, for images.
    zero_weights : bool
        Whether fully connected weights start at zero rather than at random.
    soft_lif : SoftLif
        The constants of hidden units of the activation "soft_lif".
    """

    hidden: tuple[int, ...] = (100,)
    activation: str = "tanh"
    output: str = "sigmoid"
    loss: str = "binary_cross_entropy"
    convolution: Convolution | None = None
    zero_weights: bool = False
    soft_lif: SoftLif = SoftLif()

    def __post_init__(self):
        check_fields(self, "a layered network")
        for kind, value, allowed in (
            ("activation", self.activation, ACTIVATIONS),
            ("output activation", self.output, OUTPUTS),
            ("loss", self.loss, LOSSES),
        ):
            if value not in allowed:
                raise unknown(kind, value, allowed)
        if self.output != OUTPUT_OF.get(self.loss, self.output):
            raise UserError(
                f"the loss {self.loss!r} takes an output that is {OUTPUT_OF[self.loss]}, not {self.output}; change one of them."
            )
        if self.soft_lif != SoftLif() and self.activation != "soft_lif":
            raise UserError(
                f"constants of soft-LIF units were given for units of the activation {self.activation!r}; make it 'soft_lif', or leave "
                "them out."
            )
        if any(n < 1 for n in self.hidden):
            raise UserError(f"the hidden layers were given as {self.hidden}; each needs at least one unit.")


@dataclass(frozen=True)
class LayeredTraining:
    """How a layered network is trained.

    Attributes
    ----------
    rule : str or LayeredRule
        A rule for layered networks, its name, or the path of a file that defines one.
    optimiser : {"gradient_descent", "nesterov", "adam_pytorch"}
    rate : float
        Learning rate.
    batch : int
        Samples between two updates; those that do not fill a batch wait for another epoch.
    epochs : int
    bits : int or None
        Width of the weights and biases, from 2 to 24; None for real numbers.
    rounding : {"nearest", "stochastic"}
        With ``nearest``, real weights are kept beside those of n bits, for training off a chip; with ``stochastic`` the n bits are all the
        memory there is, and every update is rounded up or down at random.
    limits : tuple of float
        Largest magnitude of the weights of n bits in each layer, from the input; weights are whole numbers times it over 2**(bits - 1).
    halve_after : int
        Epochs after which the learning rate is halved, again and again; 0 for never.
    """

    rule: str | LayeredRule = "drtp"
    optimiser: str = "adam_pytorch"
    rate: float = 1e-3
    batch: int = 20
    epochs: int = 60
    bits: int | None = None
    rounding: str = "nearest"
    limits: tuple[float, ...] = ()
    halve_after: int = 0

    def __post_init__(self):
        check_fields(self, "a training")
        if self.optimiser not in OPTIMISERS:
            raise unknown("optimiser", self.optimiser, OPTIMISERS)
        if self.rounding not in ROUNDINGS:
            raise unknown("rounding", self.rounding, ROUNDINGS)
        if self.bits is not None and not 2 <= self.bits <= 24:
            raise UserError(f"weights of {self.bits} bits were asked for; allowed are 2 to 24.")
        if self.bits is not None and not (self.limits and all(np.isfinite(limit) and limit > 0 for limit in self.limits)):
            raise UserError(f"limits of weights of {self.bits} bits were given as {self.limits}; give a number above 0 for each layer.")
        for name in ("batch", "epochs"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} of a training was given as {getattr(self, name)}; it must be a whole number of at least 1.")
        if self.halve_after < 0:
            raise UserError(f"halve_after of a training was given as {self.halve_after}; give a number of epochs, or 0 for never.")
        if not (np.isfinite(self.rate) and self.rate >= 0):
            raise UserError(f"the learning rate was given as {self.rate}; it must be finite and not negative.")
