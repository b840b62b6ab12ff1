"""Run the neurons of a chip for samples: integers in, spikes and states out; a program for each layout serves any values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from brian2chip.chips.cuba_family.network import Layout, SteppedNeuron, build
from brian2chip.core.later import internals
from brian2chip.engine.session import session


@dataclass(frozen=True)
class Outcome:
    """What a run gave.

    Attributes
    ----------
    sample, step, neuron, fired : int array
        Spikes, sorted by sample, step, neuron; ``fired`` is how many a neuron fired in the step.
    states : dict of str to int array [samples, steps, recorded neurons]
        At the end of every step, ``fired`` among them.
    beyond : int array [neurons]
        How often a number left its range, in all samples.
    """

    sample: np.ndarray
    step: np.ndarray
    neuron: np.ndarray
    fired: np.ndarray
    states: Mapping[str, np.ndarray]
    beyond: np.ndarray


def run(
    chip: str, neuron: SteppedNeuron, layout: Layout, values: Mapping[str, np.ndarray], counts: np.ndarray, device: str = "auto"
) -> Outcome:
    """Run samples from rest, one after the other.

    Parameters
    ----------
    chip : str
        Its name, by which a compiled program is known.
    neuron : SteppedNeuron
    layout : Layout
    values : mapping of "object.variable" to int array
        Constants of the neurons and weights of the blocks.
    counts : int array [samples, steps, inputs]
        Spikes of every input.
    device : str
        As :func:`brian2chip.engine.session.session` takes it; all give the same.
    """
    n_samples, n_run, n_inputs = counts.shape
    period = n_run + layout.pause
    table = np.zeros((n_samples, period, n_inputs), np.uint8)
    table[:, :n_run] = counts
    table = table.reshape(-1, n_inputs)
    given = {**values, "neurons.period": period, "neurons.n_run": n_run}
    work = len(table) * (4 + len(layout.blocks))
    with session(device, dt=1.0, work=work, known_by=(chip, neuron.step, layout)) as s:
        if not s.recalled:
            network, _ = build(s, neuron, layout, given, table)
            with internals.order_is_meant():
                s.queue(network, float(len(table)))
                s.execute()
        else:
            s.execute({**given, "events": table}, durations=[float(len(table))])
        at = np.rint(s.read("spikes.t")).astype(np.int64)
        spikes = at // period, at % period, *(np.array(s.read(f"spikes.{name}")).astype(np.int64) for name in ("i", "fired"))
        states = {}
        for name in (*neuron.states, "fired") if layout.recorded else ():
            each = np.array(s.read(f"states.{name}")).astype(np.int64)
            states[name] = each.reshape(n_samples, period, -1)[:, :n_run]
        beyond = np.array(s.read("neurons.beyond")).astype(np.int64)
    order = np.lexsort((spikes[2], spikes[1], spikes[0]))
    return Outcome(*(each[order] for each in spikes), states, beyond)
