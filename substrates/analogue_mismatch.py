"""Analogue circuits whose transistors differ: every synapse and every parameter is off by a factor that stays with the chip."""

from __future__ import annotations

import numpy as np

from brian2chip.core.substrate import Substrate

SPREAD = "a choice of the user's: no chip is meant"


def lognormal(n, spread, rng):
    """Return n factors exp(spread*N), with median 1; N is normal."""
    return np.exp(spread * rng.standard_normal(n))


def gaussian(n, spread, rng):
    """Return n factors 1 + spread*N; factors that are not positive, which no circuit has, are drawn again."""
    factor = 1 + spread * rng.standard_normal(n)
    while (wrong := factor <= 0).any():
        factor[wrong] = 1 + spread * rng.standard_normal(wrong.sum())
    return factor


def _of(factors):
    """Return the functions of a substrate whose factors are drawn so."""

    def weights(ideal, p, draws):
        return ideal * factors(ideal.size, p["spread"], draws.chip).reshape(ideal.shape)

    def mismatch(name, ideal, p, draws):
        return ideal * factors(ideal.size, p["spread"], draws.chip).reshape(ideal.shape)

    return {"weights": weights, "mismatch": mismatch}


ANALOGUE_MISMATCH = Substrate(
    name="analogue_mismatch",
    source="generic: the product of many small causes; no chip is meant",
    parameters={"spread": 0.1},
    sources={"spread": SPREAD},
    bounds={"spread": (0, 1)},
    **_of(lognormal),
)
"""Analogue mismatch: every synapse and parameter is off by a lognormal factor with median 1, which stays with the chip."""

GAUSSIAN_MISMATCH = Substrate(
    name="gaussian_mismatch",
    source="generic: the sum of many small causes; no chip is meant",
    parameters={"spread": 0.1},
    sources={"spread": SPREAD},
    bounds={"spread": (0, 1)},
    **_of(gaussian),
)
"""Analogue mismatch: every synapse and parameter is off by a gaussian factor with mean 1, cut at 0, which stays with the chip."""
