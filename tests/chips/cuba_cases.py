"""Random chips for Loihi and Xylo as the inputs of traces, lively and at the ends of their ranges."""

from __future__ import annotations

import numpy as np


def loihi_case(seed: int, *, extreme: bool = False, uniform: bool = False, mixed: bool = True, n_in: int = 5, n: int = 8, steps: int = 60):
    """Constants, weights and input spikes of n recurrent compartments.

    ``extreme``: currents leave their range. ``uniform``: as brian2-loihi has them, one constant for all compartments, and no bias.
    """
    rng = np.random.default_rng(seed)
    size = 1 if uniform else n
    codes = {
        "vth": rng.integers(100, 1500, size) if not extreme else rng.choice([2000, 60000, 131071], size),
        "decay_v": rng.choice([0, 1, 200, 410, 1024, 2048, 4096], size),
        "decay_u": rng.choice([0, 1, 600, 1843, 2047, 4095], size) if not extreme else rng.choice([0, 5, 100], size),
        "bias_mantissa": np.zeros(size, int) if uniform else rng.integers(-4095, 4096, size) // rng.choice([1, 8, 64], size),
        "bias_exponent": np.zeros(size, int) if uniform else rng.integers(0, 8 if extreme else 3, size),
        "refractory": rng.integers(1, 5, size),
    }
    low, high = (-256, 256) if mixed else (0, 256)
    return {
        **{name: np.broadcast_to(values, (n,)).astype(np.int64) for name, values in codes.items()},
        "weights_in": rng.integers(low, high, (n_in, n)),
        "weights_rec": rng.integers(low, high, (n, n)) // 4,
        "exponents": np.array([7, 6]) if extreme else rng.integers(-3, 3, 2),
        "mixed": np.int64(mixed),
        "stimulus": ((rng.random((steps, n_in)) < (0.6 if extreme else 0.25)) & (np.arange(steps) > 0)[:, None]).astype(np.int64),
    }


def xylo_case(seed: int, *, extreme: bool = False, n_in: int = 4, n_hidden: int = 6, n_out: int = 2, steps: int = 50):
    """A specification and input spikes; ``extreme``: currents and membranes saturate."""
    rng = np.random.default_rng(seed)
    trace = {
        "weights_in": rng.integers(-128, 128, (n_in, n_hidden)),
        "weights_rec": rng.integers(-128, 128, (n_hidden, n_hidden)) // (1 if extreme else 4),
        "weights_out": rng.integers(-128, 128, (n_hidden, n_out)),
        **{f"weight_shift_{name}": np.int64(rng.integers(6, 9) if extreme else rng.integers(0, 4)) for name in ("in", "rec", "out")},
        "stimulus": rng.integers(0, 16 if extreme else 3, (steps, n_in)) * (rng.random((steps, n_in)) < 0.3),
    }
    for end, n in (("", n_hidden), ("_out", n_out)):
        trace |= {
            f"dash_mem{end}": rng.integers(0, 8, n),
            f"dash_syn{end}": rng.integers(0, 8, n),
            f"threshold{end}": rng.integers(20, 32768 if extreme else 1500, n),
            f"bias{end}": rng.integers(-32768, 32768, n) >> (1 if extreme else 10),
        }
    return trace
