"""A rule of equilibrium propagation as data: how the network relaxes, and how it is trained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core import html
from brian2chip.core.eqspike_config import EqSpikeConfig
from brian2chip.core.equilibrium_config import EquilibriumConfig
from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError


@dataclass(frozen=True)
class EquilibriumTraining:
    """How a network of equilibrium propagation is trained.

    Attributes
    ----------
    rates : tuple of float
        Learning rate of each layer of weights and its biases, from the input.
    rate_decay : float
        Learning rates of an epoch over those of the epoch before.
    batch, epochs : int
    biases : tuple of float or None
        Bias with which the units of each layer start, from below; without it biases are random, as weights are.
    """

    rates: tuple[float, ...] = (0.08, 0.04)
    rate_decay: float = 1.0
    batch: int = 20
    epochs: int = 30
    biases: tuple[float, ...] | None = None

    def __post_init__(self):
        check_fields(self, "a training")
        for name in ("batch", "epochs"):
            if getattr(self, name) < 1:
                raise UserError(f"{name} of a training was given as {getattr(self, name)}; it must be a whole number of at least 1.")
        if not all(np.isfinite(rate) and rate >= 0 for rate in (*self.rates, self.rate_decay)):
            raise UserError(f"the learning rates were given as {self.rates}, times {self.rate_decay} an epoch; "
                            "they must be finite and not negative.")  # fmt: skip


@dataclass(frozen=True)
class EquilibriumRule:
    """A rule of equilibrium propagation, with the network and the training that it is published or known to work with.

    Attributes
    ----------
    name, source : str
        The registry name and the citation.
    network : EquilibriumConfig or EqSpikeConfig
        How rate units relax, or spiking neurons.
    training : EquilibriumTraining
    hidden : tuple of int
        Units of the hidden layers, from below.
    devices : tuple of str
        Where it runs.
    file : str or None
        The file that defines it, where that is a user's own.
    """

    name: str
    source: str
    network: EquilibriumConfig | EqSpikeConfig
    training: EquilibriumTraining
    hidden: tuple[int, ...] = (32,)
    devices: tuple[str, ...] = ("numpy", "cpp_standalone")
    file: str | None = None

    _repr_html_ = html.definition

    def __post_init__(self):
        check_fields(self)
        if not self.hidden or any(n < 1 for n in self.hidden):
            raise UserError(f"the hidden layers were given as {self.hidden}; give at least one, of at least one unit.")
        layers = len(self.hidden) + 1
        for what, given in (("learning rates", self.training.rates), ("biases", self.training.biases)):
            if given is not None and len(given) != layers:
                raise UserError(f"{len(given)} {what} were given; a network of {layers} layers of weights needs {layers}, from the input.")
