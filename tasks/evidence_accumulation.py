"""Evidence accumulation: seven cues left or right, a delay, then the decision for the more frequent side (Bellec et al. 2020)."""

from __future__ import annotations

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig

N_IN, N_REC, N_OUT = 40, 100, 2
N_CUES, SILENCE, CUE, BACKGROUND, RECALL = 7, 50, 100, 1050, 150  # steps of 1 ms
N_STEPS = N_CUES * (SILENCE + CUE) + BACKGROUND + RECALL
P_SPIKE, P_NOISE, P_GROUP = 0.04, 0.01, 0.3
#: Trials whose noise is in memory together, 12 MB.
AT_ONCE = 16
MASK = np.arange(N_STEPS) >= N_STEPS - RECALL


def probabilities(cues: np.ndarray) -> np.ndarray:
    """Return spike probabilities [samples, N_STEPS, N_IN] for cues [samples, N_CUES] of 0 (left) and 1 (right).

    Channels: ten for the left cue, ten for the right, ten that announce the recall, ten of noise.
    """
    p = np.zeros((len(cues), N_STEPS, N_IN))
    for sample, sides in enumerate(cues):
        for k, side in enumerate(sides):
            start = k * (SILENCE + CUE) + SILENCE
            p[sample, start : start + CUE, 10 * side : 10 * side + 10] = P_SPIKE
    p[:, -RECALL:, 20:30] = P_SPIKE
    p[:, :, 30:] = P_NOISE
    return p


def _samples(cues: np.ndarray, noise: np.ndarray) -> Samples:
    x = noise < probabilities(cues)
    x[:, 0] = False
    return Samples.from_dense(x, MASK, label=(cues.sum(1) > N_CUES // 2).astype(int))


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data=None) -> Samples:
    """Return n trials; the less likely side has probability 0.3 in each cue."""
    p_right = rng.choice([P_GROUP, 1 - P_GROUP], n)
    cues = (rng.random((n, N_CUES)) < p_right[:, None]).astype(int)
    parts = [cues[first : first + AT_ONCE] for first in range(0, n, AT_ONCE)]
    return Samples.join([_samples(part, rng.random((len(part), N_STEPS, N_IN))) for part in parts])


def reference(batch: int = 1) -> tuple[Samples, dict[str, np.ndarray]]:
    """Return samples of five updates and initial weights of the published losses, drawn in their order from NumPy's legacy generator."""
    rng = np.random.RandomState(1)
    w_in = rng.randn(N_IN, N_REC) / np.sqrt(N_IN)
    w_rec = rng.randn(N_REC, N_REC) / np.sqrt(N_REC)
    limit = np.sqrt(3 / max(1, (N_REC + N_OUT) / 2))
    w_out = rng.uniform(-limit, limit, (N_REC, N_OUT))
    B = rng.randn(N_REC, N_OUT)
    choices = np.array([[P_GROUP, 1 - P_GROUP], [1 - P_GROUP, P_GROUP]], np.float32)
    cues, noise = [], []
    for _ in range(5):
        p = choices[rng.choice([0, 1], batch)]
        cues.append([rng.choice([0, 1], N_CUES, p=row) for row in p])
        noise.append(rng.rand(batch * N_STEPS * N_IN).reshape(batch, N_STEPS, N_IN))
    single = {"w_in": w_in, "w_rec": w_rec, "w_out": w_out, "B": B}
    return _samples(np.concatenate(cues), np.concatenate(noise)), {k: w.astype(np.float32).astype(float) for k, w in single.items()}


EVIDENCE_ACCUMULATION = Task(
    name="evidence_accumulation",
    source="Bellec et al. 2020, Nature Communications 11:3625, and its published code; losses also in NEST's tests",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=1e-3,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(
        n_lif=50,
        n_alif=50,
        v_th=0.6,
        refractory=5e-3,
        gamma=0.3 / 0.6,
        width=0.6,
        beta=1.7 * (1 - np.exp(-1 / 2000)) / (1 - np.exp(-1 / 20)),
    ),
    training=TrainingConfig(
        rule="eprop_events",
        rate=5e-3,
        halve_after=150,
        batch=64,
        c_reg=300.0,
        f_target=10.0,
        iterations=1000,
        stop_error=0.07,
        stop_batches=8,
    ),
    expected="losses of the first five updates to 1e-6 at batch 1: 0.741152550 0.740388188 0.665785233 0.663644193 0.729428963; "
    "error below 7 % within a few hundred updates",
    reference=reference,
)

EVIDENCE_ACCUMULATION_LIF = Task(
    name="evidence_accumulation_lif",
    source="Frenkel & Indiveri 2022, ISSCC (ReckOn): LIF neurons with a membrane time constant of 2 s instead of adaptive ones; "
    "initial weights as wide as those shipped with the chip's RTL",
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    n_steps=N_STEPS,
    dt=1e-3,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=N_REC, tau_m=2.0, v_th=0.6, gamma=0.3 / 0.6, width=0.6, std_in=0.7, std_rec=0.15, std_out=0.73),
    training=TrainingConfig(
        rule="eprop_events",
        broadcast="symmetric",
        rate=1e-3,
        rate_out=5e-3,
        batch=32,
        c_reg=300.0,
        f_target=10.0,
        iterations=1000,
        stop_error=0.02,
        stop_batches=16,
    ),
    expected="at least 95 % correct; the chip reaches 96.4 %",
)
"""Evidence accumulation with LIF neurons of a slow membrane instead of adaptive ones, as ReckOn learns it (Frenkel & Indiveri 2022)."""
