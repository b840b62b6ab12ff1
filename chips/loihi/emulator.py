"""Run Loihi: configuration and input spikes in, spikes and states out."""

from __future__ import annotations

import logging

import numpy as np

from brian2chip.chips.cuba_family.emulator import Outcome
from brian2chip.chips.cuba_family.emulator import run as run_neurons
from brian2chip.chips.cuba_family.network import Block, Layout
from brian2chip.chips.loihi.configuration import Configuration
from brian2chip.chips.loihi.fields import COMPARTMENT as FIELDS
from brian2chip.chips.loihi.neuron import COMPARTMENT, weight_value
from brian2chip.core.checked_arrays import whole_numbers

logger = logging.getLogger(__name__)

#: What Brian2 lets a variable be called where it has a meaning for the name of a field.
NAME = {"refractory": "n_ref"}


def run(configuration: Configuration, counts: np.ndarray, recorded: tuple[int, ...] = (), device: str = "auto") -> Outcome:
    """Run samples from rest, one after the other.

    Parameters
    ----------
    configuration : Configuration
    counts : int array [samples, steps, inputs]
        Whether an input spikes: 0 or 1.
    recorded : tuple of int
        Compartments whose states are returned step by step: ``u``, ``v`` (0 after a spike), ``fired``.
    device : str
        As :func:`brian2chip.engine.session.session` takes it; all give the same.

    Raises
    ------
    UserError
        For input spikes that are none, and without a compiler where the device needs one.
    """
    counts = whole_numbers(counts, "the input spikes", "Loihi", low=0, high=1, shape=(None, None, configuration.n_inputs))
    blocks = tuple(Block(g.from_inputs, g.source, g.target, g.wait) for g in configuration.synapses)
    layout = Layout(configuration.n_inputs, configuration.n_compartments, blocks, tuple(recorded))
    values = {f"neurons.{NAME.get(f.name, f.name)}": getattr(configuration, f.name) for f in FIELDS}
    for k, group in enumerate(configuration.synapses):
        values[f"block_{k}.w"] = weight_value(group.weight, group.exponent, group.mixed).ravel()
    out = run_neurons("loihi", COMPARTMENT, layout, values, counts, device)
    if out.beyond.any():
        logger.warning(
            "Loihi's numbers left their range %d times, in %d compartments: currents wrap round, membranes stop; use smaller weights.",
            out.beyond.sum(),
            np.count_nonzero(out.beyond),
        )
    return out
