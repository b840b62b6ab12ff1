"""A small task and one way to run it through the package and through the oracle."""

import numpy as np
from oracle import trial

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.engine.session import session
from brian2chip.learning.initial_weights import random_weights
from brian2chip.learning.program import Program
from brian2chip.learning.setup import constants_of, matrices_of, on_grid, shape_of, state_of

N_IN, N_OUT, T = 5, 2, 40
MASK = np.arange(T) >= 10


def generate(n, rng, *, split="train", data=None, regression=False):
    x = rng.random((n, T, N_IN)) < 0.3
    if regression:
        return Samples.from_dense(x, MASK, target=rng.standard_normal((n, T, N_OUT)))
    label = rng.integers(0, N_OUT, n)
    x[label == 1, :, 0] = True
    return Samples.from_dense(x, MASK, label=label)


def task(kind="classification", network=None, **training):
    network = network or NetworkConfig(n_lif=3, n_alif=4, tau_a=0.05, beta=0.3, v_th=0.4, refractory=2e-3, gamma=0.5, width=0.4)
    settings = dict(rule="eprop", optimiser="gradient_descent", rate=0.01, batch=2, c_reg=2.0, f_target=30.0, iterations=4)
    return Task("tiny", "this test", kind, N_IN, N_OUT, T, 1e-3, MASK, generate, network, TrainingConfig(**{**settings, **training}))


def weights(n_rec, seed=0):
    w = random_weights(N_IN, NetworkConfig(n_lif=n_rec), N_OUT, np.random.default_rng(seed))
    return {**w, "w_in": 1.5 * w["w_in"]}


def run(t, samples, w, *, replicas=1, device="numpy", learn=True):
    """Return outcome and shape of one run of all samples."""
    shape = shape_of(t, t.network, t.training, replicas=replicas, samples=len(samples) // replicas)
    with session(device, dt=t.dt) as s:
        state, grids = on_grid(state_of(w, np.random.default_rng(1)), t.training, shape)
        constants = constants_of(t, t.network, t.training, shape, grids=grids, learn=learn)
        return Program(s, shape).run(samples, state, constants, samples_per_update=t.training.batch // replicas), shape


def gradient(t, samples, w, **how):
    """Return the gradient of one batch, read from the change that gradient descent makes."""
    outcome, shape = run(t, samples, w, **how)
    after = matrices_of(outcome.state, shape)
    return outcome, {name: (w[name] - after[name]) / t.training.rate for name in ("w_in", "w_rec", "w_out")}


def oracle(t, samples, w):
    """Return losses, gradients [pre, post] and spike counts of the explicit NumPy computation."""
    c = {
        **t.network.constants(t.dt),
        "kind": t.kind,
        "surrogate": t.network.surrogate,
        "c_reg": t.training.c_reg,
        "f_target": t.training.f_target * t.dt,
        "loss_norm": 1,
        "grad_norm": MASK.sum() if t.training.average_steps else 1,
    }
    x = samples.dense().astype(float)
    target = samples.target if samples.target is not None else np.eye(N_OUT)[samples.label][:, None, :].repeat(T, 1)
    runs = [trial(x[k], w["w_in"].T, w["w_rec"].T, w["w_out"].T, w["B"], target[k], MASK, c) for k in range(len(samples))]
    grads = {name: np.mean([r[1][k].T for r in runs], 0) for k, name in enumerate(("w_in", "w_rec", "w_out"))}
    return np.array([r[0] for r in runs]), grads, np.array([r[3].sum(0) for r in runs])
