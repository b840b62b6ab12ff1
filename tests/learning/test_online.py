"""Rules that change the weights at every step, and weights of n bits, against explicit NumPy."""

from dataclasses import replace

import numpy as np
import pytest
import tiny
from oracle import pseudo

from brian2chip.core.network_config import NetworkConfig
from brian2chip.errors import UserError
from brian2chip.learning import weight_grid
from brian2chip.learning.setup import matrices_of, state_of

LIF = NetworkConfig(n_lif=6, v_th=0.2, gamma=1.0, width=0.2, tau_m=0.02, tau_out=0.01)


def stepwise(task, samples, w, *, filtered, adaptive, dice=None):
    """Return weights after the samples when every step's gradient is applied at the step's end (readout: at the next one's start).

    With ``dice``, the numbers in [0, 1) of inputs and neurons before the first step, weights are rounded to the task's n bits.
    """
    c, tr = task.network.constants(task.dt), task.training
    W, W_out, B = np.vstack([w["w_in"], w["w_rec"]]), w["w_out"].copy(), w["B"].copy()
    n, steps = task.network.n_rec, tiny.MASK.sum()
    free = np.vstack([np.ones_like(w["w_in"]), 1 - np.eye(n)])
    for x, label in zip(samples.dense().astype(float), samples.label):
        v, b, z, r, count, y, z_out = (np.zeros(k) for k in (n, n, n, n, n, tiny.N_OUT, n))
        zbar, eps, ebar = np.zeros(tiny.N_IN + n), np.zeros_like(W), np.zeros_like(W)
        for t in range(tiny.T):
            s = np.concatenate([x[t], z])
            v = c["alpha"] * v + s @ W - c["v_th"] * z
            b = c["rho"] * b + z
            A = c["v_th"] + c["beta"] * b
            zbar = c["alpha"] * zbar + s
            psi = np.where(r > 0, 0, pseudo("piecewise_linear", v, A, c["gamma"], c["width"]))
            z = ((v > A) & ~(r > 0)).astype(float)
            r = np.clip(r + c["n_ref"] * z - 1, 0, c["n_ref"])
            z_out = c["kappa"] * z_out + (1 - c["kappa"]) * z
            count += z
            y = c["kappa"] * y + (1 - c["kappa"]) * z @ W_out
            p = np.exp(y) / np.exp(y).sum()
            err = tiny.MASK[t] * (p - np.eye(tiny.N_OUT)[label])
            e = psi * (zbar[:, None] - (c["beta"] * eps if adaptive else 0))
            eps = c["rho"] * eps + e
            ebar = c["kappa"] * ebar + (1 - c["kappa"]) * e if filtered else e
            regularisation = tr.c_reg * (count / tiny.T - tr.f_target * task.dt) * e / tiny.T
            W = W - free * tr.rate / steps * ((B @ err) * ebar + regularisation)
            if dice is not None:  # golden ratio and root of two: the steps of two Weyl sequences, declared in the package
                dice = [(dice[0] + 0.4142135623730951) % 1, (dice[1] + 0.6180339887498949) % 1]
                unit = 2 * tr.limit / 2**tr.bits
                up = (np.concatenate(dice)[:, None] + dice[1]) % 1
                W = np.where(free > 0, np.clip(unit * np.floor(W / unit + up), -tr.limit, tr.limit - unit), W)
            W_out = W_out - tr.rate / steps * np.outer(z_out, err)
    return {"w_in": W[: tiny.N_IN], "w_rec": W[tiny.N_IN :], "w_out": W_out}


@pytest.mark.parametrize(
    ("rule", "network", "how"),
    [
        ("eprop_online", tiny.task().network, {"filtered": True, "adaptive": True}),
        ("eprop_factorised", LIF, {"filtered": False, "adaptive": False}),
    ],
)
def test_weights_after_online_learning(rule, network, how):
    task = tiny.task(network=network, rule=rule, batch=1, rate=0.5)
    samples, w = tiny.generate(3, np.random.default_rng(7)), tiny.weights(network.n_rec)
    outcome, shape = tiny.run(task, samples, w)
    found, expected = matrices_of(outcome.state, shape), stepwise(task, samples, w, **how)
    for name, values in expected.items():
        assert np.abs(values - w[name]).max() > 1e-3
        np.testing.assert_allclose(found[name], values, rtol=1e-9, atol=1e-12, err_msg=name)


def test_weights_of_n_bits_after_online_learning():
    wide = replace(LIF, v_th=0.6, width=2.0)  # the pseudo-derivative reaches far: every synapse learns at most steps
    task = tiny.task(network=wide, rule="eprop_factorised_nbit", batch=1, rate=0.5, bits=7, limit=2.0)
    samples, w = tiny.generate(3, np.random.default_rng(7)), on_thirty_seconds(tiny.weights(6))
    start = state_of(w, np.random.default_rng(1))
    outcome, shape = tiny.run(task, samples, w)
    found = matrices_of(outcome.state, shape)
    expected = stepwise(task, samples, w, filtered=False, adaptive=False, dice=[start["input.u"], start["rec.u"]])
    for name in ("w_in", "w_rec"):
        assert np.abs(expected[name] - w[name]).max() > 1 / 32
        np.testing.assert_allclose(found[name], expected[name], atol=1e-12, err_msg=name)


def test_without_filter_is_the_factorised_rule_summed_over_the_trial():
    samples, w = tiny.generate(1, np.random.default_rng(8)), tiny.weights(6)
    rate = 1e-6  # so small that the weights of the on-line rule hardly change within the trial
    summed = tiny.task(network=LIF, rule="eprop_no_filter", batch=1, rate=rate, c_reg=0.0)
    online = tiny.task(network=LIF, rule="eprop_factorised", batch=1, rate=rate, c_reg=0.0)
    a, b = (tiny.gradient(task, samples, w)[1] for task in (summed, online))
    for name in ("w_in", "w_rec"):
        np.testing.assert_allclose(a[name], b[name], rtol=1e-3, atol=1e-6)


def on_thirty_seconds(w):
    """Return weights on the grid of 7 bits up to 2, both ends in use, so that it is the grid of least squared error."""
    w = {**w, **{name: np.clip(np.round(w[name] * 32) / 32, -2, 2 - 1 / 32) for name in ("w_in", "w_rec", "w_out")}}
    for name in ("w_in", "w_rec", "w_out"):
        w[name][0, 1], w[name][1, 0] = -2, 2 - 1 / 32
    return w


@pytest.mark.parametrize("rule", ["eprop", "eprop_factorised_nbit"])
def test_weights_of_n_bits_lie_on_the_grid_and_move_as_the_real_ones_on_average(rule):
    online = rule != "eprop"
    samples, w = tiny.generate(1, np.random.default_rng(9)), on_thirty_seconds(tiny.weights(6))
    settings = dict(network=LIF, batch=1, rate=0.3, c_reg=0.0)
    outcome, shape = tiny.run(tiny.task(rule=rule, bits=7, limit=2.0, rounding="stochastic", **settings), samples, w)
    after = matrices_of(outcome.state, shape)
    real, _ = tiny.run(tiny.task(rule="eprop_factorised" if online else "eprop", **settings), samples, w)
    change, wanted = after["w_in"] - w["w_in"], matrices_of(real.state, shape)["w_in"] - w["w_in"]
    np.testing.assert_allclose(after["w_in"] * 32, np.round(after["w_in"] * 32), atol=1e-9)
    assert np.abs(after["w_in"]).max() <= 2
    if not online:  # one update: the rounded weight is one of the two neighbours of the real one, and the choice is fair
        error = 32 * (change - wanted)
        assert np.all(np.abs(error) < 1) and np.any(error > 0) and np.any(error < 0)
        assert abs(error.mean()) < 3 * error.std() / np.sqrt(error.size)
    assert np.any(change != 0)


@pytest.mark.parametrize("bits", [1, 2, 7])
def test_real_weights_are_kept_and_the_network_uses_the_nearest_of_n_bits(bits):
    samples, w = tiny.generate(2, np.random.default_rng(9)), tiny.weights(6)
    settings = dict(network=LIF, rule="eprop", batch=1, rate=0.3, c_reg=0.0)
    task = tiny.task(bits=bits, **settings)
    outcome, shape = tiny.run(task, samples, w)
    grids = {name: weight_grid.fit(w[name], bits) for name in ("w_in", "w_rec", "w_out")}
    real = {name: w[name].copy() for name in grids}
    for k in range(2):  # the gradient is that of the network with weights on the grid; it moves the real weights
        used = {**w, **{name: np.where(real[name] == 0, 0, grid.nearest(real[name])) for name, grid in grids.items()}}
        _, gradient = tiny.gradient(tiny.task(**settings), samples.take([k]), used)
        real = {name: real[name] - 0.3 * gradient[name] for name in real}
    found, kept = matrices_of(outcome.state, shape), matrices_of(outcome.state, shape, "real")
    for name, grid in grids.items():
        np.testing.assert_allclose(kept[name], real[name], rtol=1e-9, atol=1e-12)
        np.testing.assert_allclose(found[name], np.where(real[name] == 0, 0, grid.nearest(real[name])), atol=1e-12)


@pytest.mark.parametrize(
    "settings",
    [
        {"rule": "eprop_online", "optimiser": "adam", "batch": 1},
        {"rule": "eprop_online", "batch": 2},
        {"rule": "eprop_factorised", "batch": 1},  # the network has adaptive neurons
        {"rule": "eprp"},
        {"broadcast": "symetric"},
        {"optimiser": "adamw"},
        {"bits": 0},
        {"rounding": "floor"},
        {"rule": "eprop_factorised_nbit", "bits": 1},  # changes weights at every step, on a grid with 0
        {"rate": float("nan")},
        {"batch": 0},
    ],
)
def test_wrong_settings_are_refused(settings):
    with pytest.raises(UserError) as error:
        task = tiny.task(**settings)
        tiny.run(task, tiny.generate(2, np.random.default_rng(0)), tiny.weights(7))
    assert "\n" not in str(error.value)
