"""A network as one chip of a substrate realises it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.core.chip_instance import ChipInstance
from brian2chip.core.neuron_kinds import CHOICES
from brian2chip.core.population import Population
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError


def on_chip(network: SpikingNetwork, chip: ChipInstance, gains: Mapping[str, float] | None = None, write: int = 0) -> SpikingNetwork:
    """Return a network with the weights and the parameters of its neurons that a chip makes of them.

    Parameters
    ----------
    network : SpikingNetwork
    chip : ChipInstance
    gains : mapping of projection (``"input->rec"``) to number, optional
        Factors of what the chip realises, which a user of the chip has set.
    write : int
        How often the chip was programmed before.

    Raises
    ------
    UserError
        When the chip makes values of them that a network cannot have.
    """
    given = gains or {}
    realised = {name: chip.weights(name, w, write=write) * given.get(name, 1.0) for name, w in network.weights().items()}
    try:
        populations = tuple(replace(p, parameters=_parameters(p, chip)) for p in network.populations)
        return replace(network, populations=populations).with_weights(realised)
    except UserError as error:
        raise UserError(f"chip {chip.number} of substrate {chip.substrate.name!r}: {error}") from None


def _parameters(population: Population, chip: ChipInstance) -> dict[str, Any]:
    """Return the parameters with a value of its own for every neuron."""
    if chip.substrate.mismatch is None:
        return dict(population.parameters)
    each = lambda value: np.broadcast_to(np.asarray(value, float), (population.size,))  # noqa: E731
    return {
        name: value if name in CHOICES else chip.parameter(population.name, name, each(value))
        for name, value in population.parameters.items()
    }


def jittered(samples: Samples, chip: ChipInstance, dt: float) -> Samples:
    """Return samples whose input spikes come when they come on a chip, on the grid of steps.

    Spikes that would leave their sample stay in its first or last step; several of a channel in one step count once.
    """
    times = chip.spike_times("input", samples.t * dt)
    t = np.clip(np.rint(times / dt).astype(np.int64), 0, samples.n_steps - 1)
    place = np.unique((samples.sample * samples.n_steps + t) * samples.n_in + samples.i)
    step, i = np.divmod(place, samples.n_in)
    sample, t = np.divmod(step, samples.n_steps)
    return Samples(sample, t, i, len(samples), samples.n_steps, samples.n_in, samples.mask, samples.label, samples.target)
