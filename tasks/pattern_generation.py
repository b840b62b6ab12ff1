"""Pattern generation: a recurrent network turns frozen noise into a sum of four sines (Bellec et al. 2020)."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig

N_IN, N_REC, N_STEPS = 100, 100, 1000
PERIODS_MS = (1000, 500, 333, 200)


def sines(amplitude: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Return the target [N_STEPS]: sines of the four periods, from zero, with largest magnitude one."""
    turns = [N_STEPS // period for period in PERIODS_MS]
    total = sum(a * np.sin(np.linspace(p, p + 2 * np.pi * n, N_STEPS)) for a, p, n in zip(amplitude, phase, turns))
    total = total - total[0]
    return total / np.max(np.abs(total))


def _frozen(noise: np.ndarray, target: np.ndarray, n: int) -> Samples:
    x = noise < 0.05  # 50 Hz at 1 ms
    x[0] = False
    return Samples.from_dense(np.repeat(x[None], n, 0), np.ones(N_STEPS, bool), target=np.repeat(target[None, :, None], n, 0))


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data=None) -> Samples:
    """Return n times the pattern of the published losses: the task is to learn this one, so there is nothing to draw and to hold out."""
    return Samples.join([_published()] * n)


@lru_cache(maxsize=1)
def _published() -> Samples:
    return reference()[0].take([0])


def reference(batch: int = 1) -> tuple[Samples, dict[str, np.ndarray]]:
    """Return samples of five updates and initial weights of the published losses, drawn in their order from NumPy's legacy generator."""
    rng = np.random.RandomState(1)
    w_in = rng.randn(N_IN, N_REC) / np.sqrt(N_IN)
    w_rec = rng.randn(N_REC, N_REC) / np.sqrt(N_REC)
    w_out = rng.randn(N_REC, 1) / np.sqrt(N_REC)
    B = rng.randn(N_REC, 1) / np.sqrt(N_REC)
    noise = rng.rand(N_STEPS, N_IN)
    samples = _frozen(noise, sines(rng.uniform(0.5, 2, 4), rng.uniform(0, 2 * np.pi, 4)), 5 * batch)
    single = {"w_in": w_in, "w_rec": w_rec, "w_out": w_out, "B": B}
    return samples, {name: w.astype(np.float32).astype(float) for name, w in single.items()}


PATTERN_GENERATION = Task(
    name="pattern_generation",
    source="Bellec et al. 2020, Nature Communications 11:3625, and its published code; losses also in NEST's tests",
    kind="regression",
    n_in=N_IN,
    n_out=1,
    n_steps=N_STEPS,
    dt=1e-3,
    mask=np.ones(N_STEPS, bool),
    generate=generate,
    network=NetworkConfig(n_lif=N_REC, tau_m=30e-3, tau_out=30e-3, v_th=0.03, gamma=0.3 / 0.03, width=0.03, scaled_input=True),
    training=TrainingConfig(
        rule="eprop_events",
        optimiser="gradient_descent",
        rate=1e-4,
        batch=1,
        c_reg=300.0,
        f_target=10.0,
        average_steps=False,
        iterations=500,
    ),
    expected="losses of the first five updates to 1e-6: 101.964357 103.466731 103.340607 103.680244 104.412776; "
    "after 500 updates a twentieth of the first",
    reference=reference,
)
