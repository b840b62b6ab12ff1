"""What the cores of a processor have to do for a network of ours, from its run on samples."""

from __future__ import annotations

import numpy as np

from brian2chip.analysis.power import Workload, workload
from brian2chip.core.network_run import NetworkRun
from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import SpikingNetwork
from brian2chip.errors import UserError


def workload_of(network: SpikingNetwork, samples: Samples, run: NetworkRun, *, neurons_per_core: int = 250) -> Workload:
    """Return what the cores had to do, the samples one after the other.

    Parameters
    ----------
    network : SpikingNetwork
        Its synapses are the weights that are not zero.
    samples : Samples
        What the run was given.
    run : NetworkRun
    neurons_per_core : int
        The neurons fill cores in the order of the populations, inputs aside.

    Raises
    ------
    UserError
        For fewer than one neuron a core.
    """
    if neurons_per_core < 1:
        raise UserError(f"{neurons_per_core} neurons a core were asked for; give at least 1.")
    inputs = [p for p in network.populations if p.kind == "input"]
    neurons = [p for p in network.populations if p.kind != "input"]
    first, at = {}, 0
    for population in [*inputs, *neurons]:
        first[population.name] = at
        at += population.size
    n_inputs = sum(p.size for p in inputs)
    steps = run.n_steps
    spike_neuron, spike_step = [samples.i], [samples.sample * steps + samples.t]
    for name, (sample, step, neuron) in run.spikes.items():
        if first[name] >= n_inputs:
            spike_neuron.append(first[name] + neuron)
            spike_step.append(sample * steps + step)
    source, target, delay = [], [], []
    for projection in network.projections:
        pre, post = np.nonzero(projection.weight)
        source.append(first[projection.source] + pre)
        target.append(first[projection.target] - n_inputs + post)
        delay.append(np.full(len(pre), projection.delay_steps))
    core = np.arange(at - n_inputs) // neurons_per_core
    return workload(
        np.concatenate(spike_neuron),
        np.concatenate(spike_step),
        np.concatenate(source),
        np.concatenate(target),
        core=core,
        n_sources=at,
        n_steps=run.n_samples * steps,
        delay_steps=np.concatenate(delay),
    )
