"""Why e-prop works: loss gradient = sum over time of (total derivative by the spike) x (eligibility), on a network with smooth spikes.

The eligibility is computed by the very lines that the rule runs; the rest is finite differences on an independent forward pass.
"""

import numpy as np

from brian2chip.plasticity.eprop import ELIGIBILITY

N_IN, N, T = 2, 3, 12
ALPHA, RHO, KAPPA, V_TH, BETA = 0.8, 0.9, 0.7, 0.5, np.array([0.0, 0.3, 0.3])


def spike(u):
    return 1 / (1 + np.exp(-3 * u))


def forward(w_in, w_rec, w_out, x, target, push=None):
    """Return loss and, per step, pseudo-derivative and filtered inputs; ``push`` is added to what others see of the spikes."""
    v, b, z, seen, y, loss = np.zeros(N), np.zeros(N), np.zeros(N), np.zeros(N), 0.0, 0.0
    zbar, record = np.zeros(N_IN + N), []
    for t in range(T):
        v = ALPHA * v + x[t] @ w_in + seen @ w_rec
        b = RHO * b + z
        zbar = ALPHA * zbar + np.concatenate([x[t], seen])
        z = spike(v - V_TH - BETA * b)
        record.append((3 * z * (1 - z), zbar.copy()))
        seen = z + (0 if push is None else push[t])
        y = KAPPA * y + seen @ w_out
        loss += 0.5 * (y - target[t]) ** 2
    return loss, record


def derivative(f, array, step=1e-6):
    out = np.zeros_like(array)
    for k in np.ndindex(array.shape):
        up, down = array.copy(), array.copy()
        up[k] += step
        down[k] -= step
        out[k] = (f(up) - f(down)) / (2 * step)
    return out


def test_gradient_factorises_into_learning_signal_and_eligibility():
    rng = np.random.default_rng(1)
    w_in, w_rec, w_out = rng.standard_normal((N_IN, N)), rng.standard_normal((N, N)), rng.standard_normal(N)
    x, target = rng.random((T, N_IN)), rng.standard_normal(T)
    signal = derivative(lambda push: forward(w_in, w_rec, w_out, x, target, push)[0], np.zeros((T, N)))
    names = {"epsilon_a": np.zeros((N_IN + N, N)), "beta_post": BETA, "rho_post": RHO}
    total = np.zeros((N_IN + N, N))
    for t, (psi, zbar) in enumerate(forward(w_in, w_rec, w_out, x, target)[1]):
        names |= {"psi_post": psi, "zbar_pre": zbar[:, None]}
        exec(ELIGIBILITY, {}, names)
        total += signal[t] * names["eligibility"]
    exact_in = derivative(lambda w: forward(w, w_rec, w_out, x, target)[0], w_in)
    exact_rec = derivative(lambda w: forward(w_in, w, w_out, x, target)[0], w_rec)
    np.testing.assert_allclose(total, np.vstack([exact_in, exact_rec]), rtol=1e-6, atol=1e-7)
    # Leaving out the threshold's part of the eligibility must show.
    assert np.abs(total[:, 1:]).max() > 0.1
