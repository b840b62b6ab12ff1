"""One sample of a network with everything that a figure shows: spikes, readout and eligibility traces."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from brian2 import SpikeMonitor, StateMonitor

from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.engine.session import session
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of
from brian2chip.plasticity.eprop import EPROP

SYNAPSES = 5


def record(task: Task, weights: dict[str, np.ndarray], sample: Samples) -> dict[str, np.ndarray]:
    """Return what happened in one sample, run with the rule ``eprop``, which has the traces at every step.

    Parameters
    ----------
    task : Task
    weights : dict of arrays
        ``w_in``, ``w_rec``, ``w_out`` [pre, post] and ``B`` [rec, out].
    sample : Samples
        One.

    Returns
    -------
    dict
        ``input_i``, ``input_t``, ``rec_i``, ``rec_t`` (channel or neuron and step of spikes), ``readout`` [n_steps, n_out],
        ``eligibility`` [n_steps, SYNAPSES] of the synapses onto the network where it became largest.
    """
    task = replace(task, training=replace(task.training, rule=EPROP, optimiser="gradient_descent", batch=1, bits=None))
    shape = shape_of(task, task.network, task.training)
    constants = constants_of(task, task.network, task.training, shape, learn=False)
    with session("numpy", dt=task.dt) as s:
        program = Program(s, shape)
        spikes = SpikeMonitor(program.objects["rec"], name="spikes")
        readout = StateMonitor(program.objects["out"], "y", record=True, when="end", name="readout")
        traces = StateMonitor(program.objects["w_in"], "e_bar", record=True, when="end", order=9, name="traces")
        program.objects["network"].add(spikes, readout, traces)
        program.run(sample, state_of(weights), constants, samples_per_update=1)
        n = task.n_steps  # the program makes one step more
        e_bar, step = traces.e_bar[:].T[:n], np.rint(np.asarray(spikes.t[:]) / task.dt).astype(int)
        largest = np.argsort(np.abs(e_bar).max(0))[-SYNAPSES:]
        return {
            "input_i": sample.i,
            "input_t": sample.t,
            "rec_i": np.array(spikes.i[:])[step < n],
            "rec_t": step[step < n],
            "readout": readout.y[:].T[:n].copy(),
            "eligibility": e_bar[:, largest].copy(),
        }
