"""One training update of e-prop on evidence accumulation, in brian2chip, in NEST, and by BPTT in snnTorch.

The network is that of Bellec et al. 2020, figure 3: 40 inputs, 50 LIF and 50 ALIF neurons, 2 outputs, 2,250 steps of 1 ms.
"""

from __future__ import annotations

import numpy as np
import yardstick

REPEATS, STEPS, RECALL = 5, 2250, 150


def ours(batch: int, rule: str = "eprop_events") -> tuple[yardstick.Seconds, int]:
    """Return the times of an update, and its samples: those of one start of the program, as in a training, divided by the updates."""
    from dataclasses import replace

    from brian2chip.core import registry
    from brian2chip.engine.session import session
    from brian2chip.learning.initial_weights import random_weights
    from brian2chip.learning.program import Program
    from brian2chip.learning.setup import constants_of, shape_of, state_of
    from brian2chip.learning.train import SAMPLES_A_START

    task = registry.get("task", "evidence_accumulation")
    task = replace(task, training=replace(task.training, rule=rule, batch=batch))
    updates = max(1, SAMPLES_A_START // batch)
    shape, rng = shape_of(task, task.network, task.training, samples=updates * batch), np.random.default_rng(1)
    state = state_of(random_weights(task.n_in, task.network, task.n_out, rng))
    with session("cpp_standalone", dt=task.dt) as s:
        program, constants = Program(s, shape), constants_of(task, task.network, task.training, shape)

        def start() -> None:
            program.run(task.generate(updates * batch, rng), state, constants, samples_per_update=batch)

        start()
        found = yardstick.median(start, REPEATS)
    return yardstick.Seconds(*(each / updates for each in found)), batch


def nest(batch: int) -> tuple[yardstick.Seconds, int]:
    """Return the same of NEST's e-prop of the same paper (`eprop_iaf_adapt_bsshslm_2020`), without recorders."""
    import nest

    from brian2chip.core import registry

    nest.set_verbosity("M_ERROR")
    nest.set(resolution=1.0, total_num_virtual_procs=1, eprop_learning_window=float(RECALL), eprop_update_interval=float(STEPS))
    nest.set(eprop_reset_neurons_on_update=True)
    neuron = dict(C_m=1.0, c_reg=300.0, E_L=0.0, f_target=0.01, I_e=0.0, regular_spike_arrival=True)
    neuron |= dict(surrogate_gradient_function="piecewise_linear", surrogate_gradient_height=0.3, surrogate_gradient_width=1.0)
    neuron |= dict(t_ref=5.0, tau_m=20.0, V_m=0.0, V_th=0.6)
    adaptive = neuron | dict(adapt_tau=2000.0, adapt_beta=1.7 * (1 - np.exp(-1 / 2000)) / (1 - np.exp(-1 / 20)))
    generators, parrots = nest.Create("spike_generator", 40), nest.Create("parrot_neuron", 40)
    hidden = nest.Create("eprop_iaf_bsshslm_2020", 50, neuron) + nest.Create("eprop_iaf_adapt_bsshslm_2020", 50, adaptive)
    out = nest.Create(
        "eprop_readout_bsshslm_2020", 2, dict(C_m=1.0, E_L=0.0, I_e=0.0, loss="cross_entropy", regular_spike_arrival=False, tau_m=20.0)
    )
    targets = nest.Create("step_rate_generator", 2)
    rng, every = np.random.default_rng(1), {"rule": "all_to_all", "allow_autapses": False}
    adam = dict(type="adam", batch_size=batch, beta_1=0.9, beta_2=0.999, epsilon=1e-8, eta=5e-3, Wmin=-100.0, Wmax=100.0)
    nest.SetDefaults("eprop_synapse_bsshslm_2020", {"optimizer": adam, "average_gradient": True})
    static = {"synapse_model": "static_synapse", "delay": 1.0}
    nest.Connect(generators, parrots, "one_to_one", static)
    for source, target, n_pre, n_post in ((parrots, hidden, 40, 100), (hidden, hidden, 100, 100), (hidden, out, 100, 2)):
        weight = rng.standard_normal((n_post, n_pre)) / np.sqrt(n_pre)
        nest.Connect(source, target, every, dict(synapse_model="eprop_synapse_bsshslm_2020", delay=1.0, tau_m_readout=20.0, weight=weight))
    feedback = dict(synapse_model="eprop_learning_signal_connection_bsshslm_2020", delay=1.0, weight=rng.standard_normal((100, 2)))
    nest.Connect(out, hidden, every, feedback)
    rate = {"synapse_model": "rate_connection_delayed", "delay": 1.0}
    nest.Connect(targets, out, "one_to_one", {**rate, "receptor_type": 2})
    nest.Connect(out, out, every, {**rate, "receptor_type": 1, "weight": 1.0})
    n = (REPEATS + 1) * batch
    samples = registry.get("task", "evidence_accumulation").generate(n, rng)
    late = samples.t > 0  # a sequence of NEST's e-prop has no spikes in its first step
    times, i = (samples.sample * STEPS + samples.t + 1.0)[late], samples.i[late]
    order = np.lexsort((times, i))
    each = np.split(times[order], np.cumsum(np.bincount(i, minlength=40))[:-1])
    generators.set([{"spike_times": t} for t in each])
    starts = np.arange(n) * float(STEPS) + 4.0
    targets.set([{"amplitude_times": starts, "amplitude_values": (samples.label == k).astype(float)} for k in range(2)])
    nest.Prepare()
    nest.Run(batch * STEPS + 5.0)
    return yardstick.median(lambda: nest.Run(batch * float(STEPS)), REPEATS), batch


def bptt(batch: int) -> tuple[yardstick.Seconds, int]:
    """Return the same of BPTT in snnTorch, float32: the best of a few updates."""
    from brian2chip.core import registry
    from brian2chip.learning.bptt import seconds_per_sample

    wall, processor = seconds_per_sample(registry.get("task", "evidence_accumulation"), batch, repeats=REPEATS)
    return yardstick.Seconds(batch * wall, batch * processor), batch


PEERS = {"brian2chip": ours, "NEST": nest, "snnTorch BPTT": bptt}
