"""Small networks and their step-by-step NumPy oracle, for the tests of translation."""

import numpy as np

from brian2chip.core.samples import Samples
from brian2chip.core.spiking_network import Population, Projection, SpikingNetwork


def samples_of(x):
    """Return bool [samples, steps, channels] as samples in which every step counts."""
    return Samples.from_dense(x, np.ones(x.shape[1], bool), label=np.zeros(len(x), int))


def recurrent(reset="subtract", refractory=0, delay=1, seed=0, **more):
    """Return an 8-12-3 network with recurrence and a readout, and input."""
    rng = np.random.default_rng(seed)
    x = rng.random((4, 50, 8)) < 0.2
    hidden = {"tau_m": 20e-3, "v_threshold": 1.0, "reset": reset, "refractory": refractory * 1e-3, **more}
    net = SpikingNetwork(
        (Population("input", "input", 8), Population("hidden", "lif", 12, hidden), Population("out", "li", 3, {"tau_m": 20e-3})),
        (
            Projection("input", "hidden", rng.normal(0.15, 0.4, (8, 12)), 0),
            Projection("hidden", "hidden", rng.normal(0, 0.3, (12, 12)), delay),
            Projection("hidden", "out", rng.normal(0, 1, (12, 3)), 0),
        ),
        1e-3,
    )
    return net, samples_of(x)


def oracle(net, x):
    """Return hidden spikes and readout of :func:`recurrent`, loop by loop from the definition of a step."""
    w_in, w_rec, w_out = (c.weight for c in net.projections)
    p, delay = net.population("hidden").parameters, net.projections[1].delay_steps
    a, k = np.exp(-net.dt / p["tau_m"]), np.exp(-net.dt / net.population("out").parameters["tau_m"])
    s = np.exp(-net.dt / p["tau_syn"]) if "tau_syn" in p else 0.0
    z, y = np.zeros((*x.shape[:2], 12)), np.zeros((*x.shape[:2], 3))
    for n in range(len(x)):
        v, current, last, wait = np.zeros(12), np.zeros(12), np.zeros(12), np.zeros(12)
        for t in range(x.shape[1]):
            arrived = x[n, t] @ w_in + (z[n, t - delay] @ w_rec if t >= delay else 0)
            current = s * current + p.get("gain", 1.0) * arrived + p.get("bias", 0.0)
            v = a * v + current - p["v_threshold"] * last if p["reset"] == "subtract" else a * v * (1 - last) + current
            wait = np.maximum(wait - 1, 0)
            last = (v >= p["v_threshold"]) & (wait == 0)
            wait = np.where(last, round(p["refractory"] / net.dt), wait)
            z[n, t] = last
            y[n, t] = (k * y[n, t - 1] if t else 0) + last @ w_out
    return z.astype(bool), y


def integrators(seed=0, low=0, high=8, step=0.125, threshold=17):
    """Return a feed-forward 20-4 network of integrate-and-fire neurons on a dyadic weight grid, one input spike a step at most."""
    rng = np.random.default_rng(seed)
    x = np.zeros((3, 150, 20), bool)
    which, on = rng.integers(0, 20, (3, 150)), rng.random((3, 150)) < 0.8
    x[np.arange(3)[:, None], np.arange(150)[None], which] = on
    weight = rng.integers(low, high, (20, 4)) * step
    weight[0, 0], weight[1, 0] = low * step, (high - 1) * step
    out = Population("out", "if", 4, {"v_threshold": threshold * step, "reset": "zero"})
    net = SpikingNetwork((Population("input", "input", 20), out), (Projection("input", "out", weight),), 1e-3)
    return net, samples_of(x)
