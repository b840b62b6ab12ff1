"""Weights of n bits that training moves by whole steps: an accumulator beside each weight keeps what is less than a step.

Each projection is an array of its own, whose largest weight is ``reach`` times the root mean square of the weights with which it begins.
"""

from __future__ import annotations

import numpy as np

from brian2chip.core.substrate import Substrate
from brian2chip.core.weight_memory import WeightMemory
from brian2chip.errors import UserError


def step_of(weights: np.ndarray, p: dict[str, float]) -> float:
    """Return the distance of two values that the weights of a matrix can take, from the weights with which it begins.

    Raises
    ------
    UserError
        For bits that are no whole number, and for weights that are all 0.
    """
    if p["bits"] != int(p["bits"]):
        raise UserError(f"weights of {p['bits']:g} bits were asked for; give a whole number from 2 to 24.")
    size = float(np.sqrt(np.mean(np.square(weights))))
    if size == 0:
        raise UserError(
            "the weights of a projection are all 0 at the start, so that their size says nothing of the range; start with others."
        )
    return 2 * p["reach"] * size / 2 ** int(p["bits"])


def nearest(weights: np.ndarray, step: float, bits: float) -> np.ndarray:
    """Return the nearest weights of n bits in two's complement: whole steps, one more of them below 0 than above."""
    half = 2 ** (int(bits) - 1)
    return step * np.clip(np.floor(weights / step + 0.5), -half, half - 1)


def _constants(p: dict[str, float], learn: bool) -> dict[str, float]:
    return {"half": 2.0 ** (int(p["bits"]) - 1), "learning": float(learn)}


def _start(weights: np.ndarray, p: dict[str, float], rng: np.random.Generator) -> dict[str, np.ndarray]:
    step = step_of(weights, p)
    w = nearest(weights, step, p["bits"])
    return {"w": w, "chi": weights - w, "step": np.full(weights.shape, step)}


MEMORY = WeightMemory(
    model="""
    chi : 1
    step : 1
    half : 1 (shared)
    learning : 1 (shared)
    """,
    code="""
chi += wanted
steps = due*learning*sign(chi)*floor(abs(chi)/step)
chi -= step*steps
w = step*clip(floor(w/step + 0.5) + steps, -half, half - 1)
""",
    kept=("chi", "step"),
    constants=_constants,
    start=_start,
)

ACCUMULATOR = Substrate(
    name="accumulator",
    source="generic; the update is the mixed-precision one of IBM/aihwkit (MixedPrecisionCompound), with a digital weight as the device",
    parameters={"bits": 4, "reach": 3.0},
    sources={"bits": "a choice of the user's", "reach": "a choice of the user's"},
    bounds={"bits": (2, 24), "reach": (1e-9, None)},
    memory=MEMORY,
)
