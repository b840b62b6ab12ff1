"""e-prop in plain NumPy, step by step from Bellec et al. 2020 (Methods) and the published reference configurations; test oracle only."""

import numpy as np


def pseudo(name, v, A, gamma, width):
    """Pseudo-derivative with its height gamma and width."""
    d = np.abs(v - A) / width
    return (
        gamma
        * {
            "piecewise_linear": np.maximum(0, 1 - d),
            "exponential": np.exp(-d),
            "fast_sigmoid": (1 + d) ** -2,
            "arctan": 1 / (1 + d**2),
        }[name]
    )


def trial(x, W_in, W_rec, W_out, B, target, mask, c, keep=False):
    """Run one trial; W index [post, pre]; x [T, n_in]; target [T, n_out]; c the constants. Return loss, gradients, output, spikes."""
    T, n_in = x.shape
    n, n_out = W_in.shape[0], W_out.shape[0]
    a, k, rho = c["alpha"], c["kappa"], c["rho"]
    beta = np.broadcast_to(c["beta"], (n,)).astype(float)
    v, b, z, r, count = (np.zeros(n) for _ in range(5))
    y, z_out = np.zeros(n_out), np.zeros(n)
    zbar = np.zeros(n_in + n)
    W = np.hstack([W_in, W_rec])
    eps, ebar, G, E = (np.zeros((n, n_in + n)) for _ in range(4))
    G_out, loss, ys, zs = np.zeros((n_out, n)), 0.0, np.zeros((T, n_out)), np.zeros((T, n))
    for t in range(T):
        s = np.concatenate([x[t], z])
        v = a * v + c["gain"] * (W @ s) - c["v_th"] * z
        b = rho * b + z
        A = c["v_th"] + beta * b
        zbar = a * zbar + c["gain"] * s
        psi = np.where(r > 0, 0.0, pseudo(c.get("surrogate", "piecewise_linear"), v, A, c["gamma"], c["width"]))
        z = ((v > A) & ~(r > 0)).astype(float)
        r = np.clip(r + c["n_ref"] * z - 1, 0, c["n_ref"])
        count += z
        y = k * y + (1 - k) * (W_out @ z)
        z_out = k * z_out + (1 - k) * z
        if c["kind"] == "regression":
            err = mask[t] * (y - target[t])
            loss += 0.5 * np.sum(err**2)
        else:
            p = np.exp(y - y.max())
            p /= p.sum()
            err = mask[t] * (p - target[t])
            loss -= mask[t] * np.sum(target[t] * np.log(p))
        e = psi[:, None] * (zbar[None, :] - beta[:, None] * eps)
        eps = rho * eps + e
        ebar = k * ebar + (1 - k) * e
        G += (B @ err)[:, None] * ebar
        E += e
        G_out += np.outer(err, z_out)
        ys[t], zs[t] = y, z
    G += (c["c_reg"] * (count / T - c["f_target"]) / T)[:, None] * E
    g_rec = G[:, n_in:]
    np.fill_diagonal(g_rec, 0)
    return loss / c["loss_norm"], [g / c["grad_norm"] for g in (G[:, :n_in], g_rec, G_out)], ys, zs


def adam(w, g, m, u, n, rate):
    """Adam in TensorFlow's form; in place."""
    m += 0.1 * (g - m)
    u += 0.001 * (g**2 - u)
    w -= rate * np.sqrt(1 - 0.999**n) / (1 - 0.9**n) * m / (np.sqrt(u) + 1e-8)
