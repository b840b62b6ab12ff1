"""Phase-change memory while a network learns: pulses, pairs of devices, an accumulator beside them, refresh, drift and reading."""

from __future__ import annotations

import numpy as np

from brian2chip.core.weight_memory import WeightMemory
from brian2chip.engine.functions.normal_numbers import NORMAL_NUMBER

# Constants of Nandakumar et al. 2018 (J. Appl. Phys. 124, 152135) as YigitDemirag/srnn-pcm, xbar.py, has them; conductances in uS.
DECAY = 2.6  # pulses after which what a device still holds of its RESET has fallen to 1/e
MEAN = (-0.084, 0.880, 1.40)  # of the change by a pulse: a times conductance, b, c times what is left of the RESET
SD = (0.091, 0.260, 2.15)
READ_SD = (0.03, 0.13)  # of a reading: a times conductance, b
NU = 0.04  # drift exponent
LEAST, RESET_SD, LEAST_RESET = 0.1, 0.01, 0.01
T_0 = 38.6  # s; the first reading after a pulse, and here the time from one update to the next
#: Pulses of a device in an update at most; what is left stays in the accumulator.
MOST = 4


def pulse_moments(g: np.ndarray, n: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (uS) of what the n-th pulse since RESET adds to a conductance of ``g`` uS."""
    left = np.exp(-np.asarray(n, float) / DECAY)
    return tuple(a * np.asarray(g, float) + b + c * left for a, b, c in (MEAN, SD))


def pulsed(g: np.ndarray, n: np.ndarray, g_max: float, rng: np.random.Generator) -> np.ndarray:
    """Return conductances (uS) after the n-th pulse since RESET."""
    mean, sd = pulse_moments(g, n)
    return np.clip(g + mean + sd * rng.standard_normal(np.shape(mean)), LEAST, g_max)


def read(g: np.ndarray, age: np.ndarray, g_max: float, rng: np.random.Generator) -> np.ndarray:
    """Return readings (uS) of devices whose last pulse was ``age`` times 38.6 s ago."""
    drifted = np.asarray(g, float) * np.asarray(age, float) ** -NU
    return np.clip(drifted + (READ_SD[0] * drifted + READ_SD[1]) * rng.standard_normal(drifted.shape), LEAST, g_max)


def reset(shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Return conductances (uS) after RESET."""
    return np.maximum(LEAST + RESET_SD * rng.standard_normal(shape), LEAST_RESET)


MODEL = """
chi : 1
G_plus : 1
G_minus : 1
n_plus : 1
n_minus : 1
age_plus : 1
age_minus : 1
key : integer
step : 1 (shared)
scale : 1 (shared)
G_limit : 1 (shared)
refresh_above : 1 (shared)
refresh_below : 1 (shared)
learning : 1 (shared)
"""
# A pair whose devices are nearly full and nearly equal is RESET; what it held is given back to the accumulator.
REFRESH = f"""
worn = due*learning*int(G_plus > refresh_above or G_minus > refresh_above)*int(abs(G_plus - G_minus) < refresh_below)
chi += worn*(G_plus - G_minus)/scale
G_plus += worn*(clip({LEAST} + {RESET_SD}*normal_number(key, 0, int(updates), i), {LEAST_RESET}, G_limit) - G_plus)
G_minus += worn*(clip({LEAST} + {RESET_SD}*normal_number(key, 1, int(updates), i), {LEAST_RESET}, G_limit) - G_minus)
n_plus *= 1 - worn
n_minus *= 1 - worn
age_plus += worn*(1 - age_plus)
age_minus += worn*(1 - age_minus)
"""
# Whole steps of the accumulator become pulses on one device of the pair, the remainder stays.
CHOOSE = f"""
pulses = due*learning*clip(floor(abs(chi)/step), 0, {MOST})
up = int(chi > 0)
chi -= (2*up - 1)*step*pulses
g = up*G_plus + (1 - up)*G_minus
since = up*n_plus + (1 - up)*n_minus
"""
PULSE = f"""
on = int(pulses > {{k}})
since += on
left = exp(-since/{DECAY})
spread = {SD[0]}*g + {SD[1]} + {SD[2]}*left
g += on*(clip(g + {MEAN[0]}*g + {MEAN[1]} + {MEAN[2]}*left + spread*normal_number(key, {{k}} + 4, int(updates), i), {LEAST}, G_limit) - g)
"""
WRITE_BACK = """
fired = int(pulses > 0)
G_plus += up*(g - G_plus)
G_minus += (1 - up)*(g - G_minus)
n_plus += up*(since - n_plus)
n_minus += (1 - up)*(since - n_minus)
age_plus += up*fired*(1 - age_plus)
age_minus += (1 - up)*fired*(1 - age_minus)
"""
READ = f"""
drifted_plus = G_plus*age_plus**(-{NU})
drifted_minus = G_minus*age_minus**(-{NU})
seen_plus = clip(drifted_plus + ({READ_SD[0]}*drifted_plus + {READ_SD[1]})*normal_number(key, 2, int(updates), i), {LEAST}, G_limit)
seen_minus = clip(drifted_minus + ({READ_SD[0]}*drifted_minus + {READ_SD[1]})*normal_number(key, 3, int(updates), i), {LEAST}, G_limit)
w += due*((seen_plus - seen_minus)/scale - w)
"""
AGE = "chi += wanted\nage_plus += due*learning\nage_minus += due*learning\n"


def constants(p: dict[str, float], learn: bool) -> dict[str, float]:
    """Return the constants of the store: conductances in uS, what a weight of 1 takes in ``scale``."""
    micro = {"scale": "G_unit", "G_limit": "G_limit", "refresh_above": "refresh_above", "refresh_below": "refresh_below"}
    return {"step": p["step"], "learning": float(learn), **{name: 1e6 * p[given] for name, given in micro.items()}}


def start(weights: np.ndarray, p: dict[str, float], rng: np.random.Generator) -> dict[str, np.ndarray]:
    """Return pairs that were programmed to weights, a pulse for each step; what they lack is in the accumulator."""
    scale, g_max = 1e6 * p["G_unit"], 1e6 * p["G_limit"]
    steps = np.floor(np.abs(weights) / p["step"] + 0.5)
    n = np.stack([steps * (weights > 0), steps * (weights < 0)])
    g = reset(n.shape, rng)
    for k in range(1, int(n.max(initial=0)) + 1):
        g = np.where(k <= n, pulsed(g, np.full(n.shape, k), g_max, rng), g)
    seen = read(g, np.ones(n.shape), g_max, rng)
    w = (seen[0] - seen[1]) / scale
    names = {"G_plus": g[0], "G_minus": g[1], "n_plus": n[0], "n_minus": n[1]}
    ages = {"age_plus": np.ones(weights.shape), "age_minus": np.ones(weights.shape)}
    return {"w": w, "chi": weights - w, **names, **ages, "key": rng.integers(2**31, size=weights.shape)}


PULSED_PAIRS = WeightMemory(
    model=MODEL,
    code=AGE + REFRESH + CHOOSE + "".join(PULSE.format(k=k) for k in range(MOST)) + WRITE_BACK + READ,
    kept=("chi", "G_plus", "G_minus", "n_plus", "n_minus", "age_plus", "age_minus", "key"),
    constants=constants,
    start=start,
    functions={"normal_number": NORMAL_NUMBER},
)
