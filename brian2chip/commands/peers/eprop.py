"""NEST's eprop_iaf_bsshslm_2020 with its readout and synapses: the losses of pattern generation over five updates."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from brian2chip.commands.peers._peer import Peer, Values
from brian2chip.core import registry
from brian2chip.engine.session import session
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, shape_of, state_of

UPDATES, STEPS = 5, 1000
KEY = ("pattern generation, gradient descent", f"losses of {UPDATES} updates")


def ours() -> Values:
    """Return our losses, by the e-prop that acts at presynaptic spikes."""
    task = registry.get("task", "pattern_generation")
    samples, weights = task.reference()
    settings = replace(task.training, batch=1, rule="eprop_events")
    shape = shape_of(task, task.network, settings, samples=UPDATES)
    with session("numpy", dt=task.dt) as s:
        constants = constants_of(task, task.network, settings, shape)
        outcome = Program(s, shape).run(samples, state_of(weights), constants, samples_per_update=1)
    return {KEY: np.ravel(outcome.loss)}


def live(nest: Any) -> Values:
    """Return NEST's losses with the same weights, input and target."""
    samples, weights = registry.get("task", "pattern_generation").reference()
    first, n_in, n_rec = samples.take([0]), len(weights["w_in"]), len(weights["w_rec"])
    window = float(STEPS)
    nest.ResetKernel()
    nest.set(resolution=1.0, total_num_virtual_procs=1, eprop_learning_window=window, eprop_update_interval=window)
    nest.set(eprop_reset_neurons_on_update=True)
    cell = dict(C_m=1.0, E_L=0.0, I_e=0.0, V_m=0.0, tau_m=30.0, regular_spike_arrival=False)
    # NEST's height and width of the surrogate gradient are those of the voltage, not parts of the threshold; f_target is in Hz.
    neuron = {**cell, "V_th": 0.03, "t_ref": 0.0, "c_reg": 300.0, "f_target": 10.0, "surrogate_gradient_function": "piecewise_linear"}
    neuron |= {"surrogate_gradient_height": 0.3 / 0.03, "surrogate_gradient_width": 0.03}
    generators, parrots = nest.Create("spike_generator", n_in), nest.Create("parrot_neuron", n_in)
    hidden = nest.Create("eprop_iaf_bsshslm_2020", n_rec, neuron)
    out = nest.Create("eprop_readout_bsshslm_2020", 1, {**cell, "loss": "mean_squared_error"})
    target = nest.Create("step_rate_generator", 1)
    offset = 4.0  # 1 ms of the generators, and 1 ms from one population to the next
    meter = nest.Create("multimeter", {"interval": 1.0, "record_from": ["readout_signal", "target_signal"], "start": offset}
                        | {"stop": offset + UPDATES * window})  # fmt: skip
    descent = dict(type="gradient_descent", batch_size=1, eta=1e-4, Wmin=-100.0, Wmax=100.0)
    nest.SetDefaults("eprop_synapse_bsshslm_2020", {"optimizer": descent, "average_gradient": False})
    every, synapse = {"rule": "all_to_all", "allow_autapses": False}, {"synapse_model": "eprop_synapse_bsshslm_2020", "delay": 1.0}
    nest.Connect(generators, parrots, "one_to_one", {"delay": 1.0})
    for source, to, name in ((parrots, hidden, "w_in"), (hidden, hidden, "w_rec"), (hidden, out, "w_out")):
        nest.Connect(source, to, every, {**synapse, "tau_m_readout": 30.0, "weight": weights[name].T})
    feedback = {"synapse_model": "eprop_learning_signal_connection_bsshslm_2020", "delay": 1.0, "weight": weights["B"]}
    nest.Connect(out, hidden, every, feedback)
    nest.Connect(target, out, "one_to_one", {"synapse_model": "rate_connection_delayed", "delay": 1.0, "receptor_type": 2})
    nest.Connect(meter, out, every, {"delay": 1.0})
    starts = np.arange(UPDATES)[:, None] * window
    generators.set([{"spike_times": np.ravel(starts + first.t[first.i == k] + 1.0)} for k in range(n_in)])
    wave = np.tile(np.ravel(first.target), UPDATES)
    target.set({"amplitude_times": np.arange(UPDATES * window) + offset, "amplitude_values": wave})
    nest.Simulate(UPDATES * window + offset + 1.0)
    error = meter.events["readout_signal"] - meter.events["target_signal"]
    return {KEY: 0.5 * (error.reshape(UPDATES, STEPS) ** 2).sum(1)}


PEERS = (
    Peer(
        "eprop_*_bsshslm_2020",
        "eprop_events",
        "NEST's spikes take a step from one population to the next, which the comparison takes off; the same weights, input and target",
        live,
        ours,
        tolerance=1e-9,
    ),
)
