"""Weights of n bits that training moves by whole steps: an accumulator beside each weight keeps what is less than a step."""

from __future__ import annotations

import numpy as np

from brian2chip.core.substrate import Substrate
from brian2chip.core.weight_memory import WeightMemory
from brian2chip.errors import UserError


def step_of(p: dict[str, float]) -> float:
    """Return the distance of two weights.

    Raises
    ------
    UserError
        For bits that are no whole number.
    """
    if p["bits"] != int(p["bits"]):
        raise UserError(f"weights of {p['bits']:g} bits were asked for; give a whole number from 2 to 24.")
    return 2 * p["w_max"] / 2 ** int(p["bits"])


def nearest(weights: np.ndarray, p: dict[str, float]) -> np.ndarray:
    """Return the nearest weights of n bits in two's complement: from -w_max to one step below w_max."""
    step = step_of(p)
    return np.clip(step * np.floor(weights / step + 0.5), -p["w_max"], p["w_max"] - step)


def _constants(p: dict[str, float], learn: bool) -> dict[str, float]:
    step = step_of(p)
    return {"step": step, "low": -p["w_max"], "high": p["w_max"] - step, "learning": float(learn)}


def _start(weights: np.ndarray, p: dict[str, float], rng: np.random.Generator) -> dict[str, np.ndarray]:
    w = nearest(weights, p)
    return {"w": w, "chi": weights - w}


MEMORY = WeightMemory(
    model="""
    chi : 1
    step : 1 (shared)
    low : 1 (shared)
    high : 1 (shared)
    learning : 1 (shared)
    """,
    code="""
chi += wanted
steps = due*learning*sign(chi)*floor(abs(chi)/step)
chi -= step*steps
w = clip(w + step*steps, low, high)
""",
    kept=("chi",),
    constants=_constants,
    start=_start,
)

ACCUMULATOR = Substrate(
    name="accumulator",
    source="generic; the update is the mixed-precision one of IBM/aihwkit (MixedPrecisionCompound), with a digital weight as the device",
    parameters={"bits": 4, "w_max": 0.2},
    sources={"bits": "a choice of the user's", "w_max": "a choice of the user's"},
    bounds={"bits": (2, 24), "w_max": (1e-9, None)},
    memory=MEMORY,
)
