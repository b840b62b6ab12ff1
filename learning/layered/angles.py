"""How well the signals of a rule agree with those of backpropagation in a network of the same weights."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from brian2chip.core import registry
from brian2chip.core.static_samples import StaticSamples
from brian2chip.engine.session import session
from brian2chip.learning.layered.program import DT, Program
from brian2chip.learning.layered.spec import LayeredSpec


def signals(spec: LayeredSpec, state: dict[str, np.ndarray], samples: StaticSamples, device: str) -> dict[str, np.ndarray]:
    """Return the signal of every layer at its drive, [batch, units], by ``"dz0"`` ..., for one batch; nothing is learned."""
    with session(device, dt=DT, dtype=np.dtype(spec.dtype).type) as s:
        order = np.resize(np.arange(min(spec.batch, len(samples))), (1, spec.batch))
        return Program(s, spec).run(samples, order, np.zeros(1, bool), state, 0.0).signal


def alignment(spec: LayeredSpec, state: dict[str, np.ndarray], samples: StaticSamples, device: str = "numpy") -> list[float]:
    """Return the mean angle in degrees between the signals of the rule and of backpropagation, for each hidden layer.

    The angle is taken for each sample of one batch between the two vectors over the units, at the drive. It is NaN where a signal is zero,
    as that of the shallow rule.

    Parameters
    ----------
    spec : LayeredSpec
    state : dict of arrays
        Of a training.
    samples : StaticSamples
        The first ``spec.batch`` are used; of fewer, some count more than once.
    device : {"numpy", "cpp_standalone"}
    """
    exact = replace(spec, rule=registry.get("layered_rule", "bp"))
    one, other = (signals(each, state, samples, device) for each in (spec, exact))
    return [_angle(one[f"dz{k}"], other[f"dz{k}"]) for k in range(len(spec.layers) - 1)]


def _angle(a: np.ndarray, b: np.ndarray) -> float:
    size = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    if not np.all(size > 0):
        size = np.where(size > 0, size, np.nan)
    cosine = np.einsum("ij,ij->i", a, b) / size
    return float("nan") if np.all(np.isnan(cosine)) else float(np.degrees(np.nanmean(np.arccos(np.clip(cosine, -1, 1)))))
