"""Run samples on the emulated chip that a network was translated onto."""

from __future__ import annotations

from typing import Any

import numpy as np

from brian2chip.chips.chip import Chip
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError
from brian2chip.translation.reference_simulator import check_channels
from brian2chip.translation.split_signs import narrowed, widened


def emulate(chip: Chip, configuration: Any, network: SpikingNetwork, samples: Samples, channels: np.ndarray | None = None) -> NetworkRun:
    """Return what the emulated chip did, by the names of the network.

    Parameters
    ----------
    chip : Chip
    configuration
        The chip's own, as its backend placed it.
    network : SpikingNetwork
        As it was given to translation.
    samples : Samples
    channels : int array, optional
        Which channel each input of the chip takes, where neurons of mixed sign were split.

    Raises
    ------
    UserError
        For a chip without emulator, or samples with another number of channels than the network has inputs.
    """
    if chip.backend is None:
        raise UserError(f"{chip.name} is described and quantised here, it has no emulator; run the realised network in floating point.")
    check_channels(network, samples)
    if channels is None:
        return chip.backend.emulate(configuration, samples)
    return narrowed(chip.backend.emulate(configuration, widened(samples, channels)), network)
