"""Clopath's rule as NEST computes it, in NumPy: both of its neurons under an adaptive RKF45, filters, delay, and sums over the grid.

Written from the equations of Clopath et al. 2010, of NEST's documentation and of Fehlberg's method, and not from our definitions. Units are
NEST's: ms, mV, pA, nS, pF.
"""

import math

import numpy as np

H = 0.1  # ms, the grid
# Fehlberg 1970: the nodes' coefficients, the fifth-order weights, and the difference of the two solutions.
NODES = (
    (1 / 4,),
    (3 / 32, 9 / 32),
    (1932 / 2197, -7200 / 2197, 7296 / 2197),
    (8341 / 4104, -32832 / 4104, 29440 / 4104, -845 / 4104),
    (-6080 / 20520, 41040 / 20520, -28352 / 20520, 9295 / 20520, -5643 / 20520),
)
WEIGHTS = np.array([902880, 0, 3953664, 3855735, -1371249, 277020]) / 7618050
ERROR = np.array([1 / 360, 0, -128 / 4275, -2197 / 75240, 1 / 50, 2 / 55])


def rkf45(f, y, h):
    """Return the solution a step on, its error, and the slope there."""
    k = [f(y)]
    for row in NODES:
        k.append(f(y + h * sum(a * each for a, each in zip(row, k, strict=True) if a)))
    k = np.array(k)
    y = y + h * (WEIGHTS @ k)
    return y, h * (ERROR @ k), f(y)


class Adaptive:
    """One neuron's solver: the step size goes on from one grid step to the next, as in the GNU Scientific Library."""

    def __init__(self, f, tolerance, of_slope, first):
        self.f, self.tolerance, self.of_slope, self.h = f, tolerance, of_slope, first

    def advance(self, y, t):
        """Return the state and time after one step that was good enough, at most to the end of the grid step."""
        h = min(self.h, H - t)
        while True:
            last = h >= H - t
            h = H - t if last else h
            new, error, slope = rkf45(self.f, y, h)
            allowed = self.tolerance * (self.of_slope * np.abs(h * slope) + 1)
            ratio = np.max(np.abs(error) / allowed)
            if ratio > 1.1:
                h = h * max(0.9 / ratio**0.2, 0.2)
                continue
            end = H if last else t + h
            self.h = h * min(max(0.9 / max(ratio, 1e-300) ** (1 / 6), 1.0), 5.0) if ratio < 0.5 else h
            return new, end


def learn(step, read, pre, post, p, steps):
    """Return the weight at each presynaptic spike, and the times of postsynaptic ones.

    ``step(k, psp, teacher)`` advances the neuron to the grid point k and says whether it fires; ``read()`` returns u and both filters.
    """
    pre, post = {round(t / H) + 1 for t in pre}, {round(t / H) for t in post}
    w, x, last, d = 0.5, 0.0, 0.0, round(p["delay"] / H)
    plus, minus, weights, fired = np.zeros(d + 1), np.zeros(d + 1), [], []
    gains, losses, arriving = {}, {}, {}
    for k in range(1, steps + 1):
        if step(k, arriving.pop(k, 0.0), float(k - 1 in post)):
            fired.append(k * H)
        u, now_plus, now_minus = read()
        plus[k % (d + 1)], minus[k % (d + 1)] = now_plus, now_minus
        before = plus[(k + 1) % (d + 1)], minus[(k + 1) % (d + 1)]
        if u > p["theta_plus"] and before[0] > p["theta_minus"]:
            gains[k] = p["A_LTP"] * (u - p["theta_plus"]) * (before[0] - p["theta_minus"]) * H
        losses[k] = p["A_LTD"] * max(before[1] - p["theta_minus"], 0.0)
        if k in pre:  # the synapse lies a grid step away: it knows the neuron of a step before
            for m in sorted(m for m in gains if m <= k - 1):
                w += gains.pop(m) * x * math.exp((last - (m + 1) * H) / p["tau_x"])
            w -= losses[k - 1]
            weights.append(w)
            x, last = x * math.exp((last - k * H) / p["tau_x"]) + 1 / p["tau_x"], k * H
            arriving[k + 1] = w
    return np.array(weights), np.array(fired)


RULE = {"A_LTD": 14e-5, "A_LTP": 8e-5, "tau_x": 15.0}
AEIF = {"theta_minus": -70.6, "theta_plus": -45.3, "delay": 4.0, "b": 0.0805, **RULE}
HH = {"theta_minus": -64.9, "theta_plus": -35.0, "delay": 5.0, **RULE}


def aeif(pre, post, steps, tolerance=1e-6, **changes):
    """Return weights and spikes with NEST's aeif_psc_delta_clopath; the teacher adds 80 mV."""
    p, clamp = AEIF | changes, [0]

    def slope(y):
        v, w, z, v_t, plus, minus, _ = y
        u = 33.0 if clamp[0] else min(v, 33.0)
        dv = 0.0 if clamp[0] else (-30 * (u + 70.6) + 60 * math.exp((u - v_t) / 2) - w + z) / 281
        dw = 0.0 if clamp[0] else (4 * (u + 70.6) - w) / 144
        return np.array([dv, dw, -z / 40, -(v_t + 50.4) / 50, (u - plus) / 7, (u - minus) / 10, (minus - y[6]) / 500])

    state = [np.array([-70.6, 0, 0, -50.4, -70.6, -70.6, -70.6])]
    solver = Adaptive(slope, tolerance, 1.0, 0.01)

    def step(k, psp, teacher):
        y, t, fires = state[0], 0.0, False
        while t < H:
            y, t = solver.advance(y, t)
            if not clamp[0]:
                y[0] += psp + 80 * teacher
            if y[0] >= 33 and not clamp[0]:
                y[0], y[2], y[3], fires = 33.0, 400.0, 30.4, True
                y[1] += p["b"]
                clamp[0] = 21
            elif clamp[0] == 1:
                y[0], clamp[0] = -49.6, 0
        state[0] = y
        clamp[0] = max(clamp[0] - 1, 0)
        return fires

    return learn(step, lambda: state[0][[0, 4, 5]], pre, post, p, steps)


def hh(pre, post, steps, tolerance=1e-3, **changes):
    """Return weights and spikes with NEST's hh_psc_alpha_clopath; the teacher is an alpha current of 2000 pA."""
    p = HH | changes

    def rates(v):
        return (
            0.1 * (v + 40) / (1 - math.exp(-(v + 40) / 10)),
            4 * math.exp(-(v + 65) / 18),
            0.07 * math.exp(-(v + 65) / 20),
            1 / (1 + math.exp(-(v + 35) / 10)),
            0.01 * (v + 55) / (1 - math.exp(-(v + 55) / 10)),
            0.125 * math.exp(-(v + 65) / 80),
        )

    def slope(y):
        v, m, h, n, j, i, plus, minus, average = y
        am, bm, ah, bh, an, bn = rates(v)
        dv = (-12000 * m**3 * h * (v - 50) - 3600 * n**4 * (v + 77) - 30 * (v + 54.402) + i) / 100
        gates = am * (1 - m) - bm * m, ah * (1 - h) - bh * h, an * (1 - n) - bn * n
        return np.array([dv, *gates, -j / 0.2, j - i / 0.2, (v - plus) / 114, (v - minus) / 10, (minus - average) / 500])

    am, bm, ah, bh, an, bn = rates(-65.0)
    state = [np.array([-64.9, am / (am + bm), ah / (ah + bh), an / (an + bn), 0, 0, 0, 0, 0])]
    solver = Adaptive(slope, tolerance, 0.0, H)

    def step(k, psp, teacher):
        y, t, before = state[0], 0.0, state[0][0]
        while t < H:
            y, t = solver.advance(y, t)
        y[4] += (psp + 2000 * teacher) * math.e / 0.2
        state[0] = y
        return y[0] >= 0 and before > y[0]

    return learn(step, lambda: state[0][[0, 6, 7]], pre, post, p, steps)
