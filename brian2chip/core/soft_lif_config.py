"""The constants of soft-LIF units as data, checked when made: response, training noise, and the synapse of the spiking network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from brian2chip.core.field_types import check_fields
from brian2chip.errors import UserError, unknown

NOISES = ("none", "gaussian", "alpha", "alpha_rc")


@dataclass(frozen=True)
class SoftLif:
    """Soft-LIF units (Hunsberger & Eliasmith 2015); the default constants are those published for MNIST and SVHN.

    Attributes
    ----------
    amplitude : float
        Output per spike rate, in s: what a spike of the spiking network weighs.
    tau_ref, tau_rc : float
        Refractory period and membrane time constant, s.
    gain : float
        Of the drive; a bias of one is absorbed, so that the hard LIF neuron begins to fire at a drive of 0.
    smoothing : float
        Width of the softened threshold (the paper's gamma); a hard LIF neuron has 0.
    noise : {"none", "gaussian", "alpha", "alpha_rc"}
        What is done to the rate while the network learns, and never to its gradient: normal deviates where the neuron would fire; or the
        value of a filtered regular spike train at a random time, behind an alpha synapse, or behind the synapse and a membrane.
    noise_hz : float
        Standard deviation of the gaussian noise, Hz.
    tau_syn : float
        Time constant of the alpha synapses, s: of the noise that filters spikes, and of the spiking network.
    """

    amplitude: float = 0.063
    tau_ref: float = 0.002
    tau_rc: float = 0.022
    gain: float = 1.0
    smoothing: float = 0.02
    noise: str = "none"
    noise_hz: float = 10.0
    tau_syn: float = 0.005

    def __post_init__(self):
        check_fields(self, "soft-LIF units")
        for name in ("amplitude", "tau_ref", "tau_rc", "gain", "smoothing", "tau_syn"):
            if not 0 < getattr(self, name) < np.inf:
                raise UserError(f"{name} of soft-LIF units was given as {getattr(self, name)}; it must be finite and positive.")
        if self.noise not in NOISES:
            raise unknown("noise of soft-LIF units called", self.noise, NOISES)
        if not 0 <= self.noise_hz < np.inf:
            raise UserError(f"noise_hz of soft-LIF units was given as {self.noise_hz}; a standard deviation must not be negative.")
        if self.noise == "alpha_rc" and self.tau_rc == self.tau_syn:
            raise UserError(
                f"tau_rc and tau_syn of soft-LIF units were both given as {self.tau_rc} s; with the noise 'alpha_rc' they must differ."
            )


#: The constants published for CIFAR-10, CIFAR-100 and ILSVRC-2012 (Hunsberger's configuration files).
CIFAR = SoftLif(tau_ref=0.001, tau_rc=0.05, gain=0.825)
