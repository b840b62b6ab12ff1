"""Run Xylo: configuration and input spikes in, spikes and states out."""

from __future__ import annotations

import logging

import numpy as np

from brian2chip.chips.cuba_family.emulator import Outcome
from brian2chip.chips.cuba_family.emulator import run as run_neurons
from brian2chip.chips.cuba_family.network import Block, Layout
from brian2chip.chips.xylo.configuration import Configuration
from brian2chip.chips.xylo.fields import HIDDEN_SPIKES, INPUT_SPIKES, OUTPUT_SPIKES
from brian2chip.chips.xylo.neuron import NEURON
from brian2chip.core.checked_arrays import whole_numbers

logger = logging.getLogger(__name__)

#: What the code calls a field.
NAME = {"threshold": "th"}


def run(configuration: Configuration, counts: np.ndarray, recorded: tuple[int, ...] = (), device: str = "auto") -> Outcome:
    """Run samples from rest, one after the other.

    Parameters
    ----------
    configuration : Configuration
    counts : int array [samples, steps, inputs]
        Spikes of every input, 0 to 15.
    recorded : tuple of int
        Neurons, the outputs after the hidden ones, whose states are returned step by step: ``i_syn``, ``v`` (after the reset), ``fired``.
    device : str
        As :func:`brian2chip.engine.session.session` takes it; all give the same.

    Raises
    ------
    UserError
        For more spikes of an input in a step than the chip takes, and without a compiler where the device needs one.
    """
    n_in, n_hidden, n_out = configuration.sizes
    counts = whole_numbers(counts, "the input spikes", "Xylo", low=0, high=INPUT_SPIKES, shape=(None, None, n_in))
    hidden, outputs = (0, n_hidden), (n_hidden, n_hidden + n_out)
    ends = {"in": Block(True, (0, n_in), hidden), "rec": Block(False, hidden, hidden), "out": Block(False, hidden, outputs)}
    used = {name: block for name, block in ends.items() if block.target[1] > block.target[0]}
    layout = Layout(n_in, n_hidden + n_out, tuple(used.values()), tuple(recorded))
    values = {
        f"neurons.{NAME.get(name, name)}": np.concatenate([configuration.hidden[name], configuration.outputs[name]])
        for name in configuration.hidden
    }
    values["neurons.most"] = np.repeat([HIDDEN_SPIKES, OUTPUT_SPIKES], [n_hidden, n_out])
    for k, name in enumerate(used):
        weights, shift = getattr(configuration, f"weights_{name}"), getattr(configuration, f"weight_shift_{name}")
        values[f"block_{k}.w"] = (weights << shift).ravel()
    out = run_neurons("xylo", NEURON, layout, values, counts, device)
    if out.beyond.any():
        steps, neurons = out.beyond.sum(), np.count_nonzero(out.beyond)
        logger.warning("membranes of Xylo saturated %d times, in %d neurons; use smaller weights.", steps, neurons)
    return out
