"""Store and recall: remember the bit that was shown with the store command until the recall command (Bellec et al. 2018)."""

from __future__ import annotations

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig

GROUP, CHARACTER, N_CHARACTERS = 10, 200, 6  # channels a group; steps of 1 ms a character
N_IN, N_STEPS = 4 * GROUP, CHARACTER * N_CHARACTERS
P_SPIKE = 0.05  # 50 Hz
MASK = np.arange(N_STEPS) >= N_STEPS - CHARACTER


def generate(n: int, rng: np.random.Generator, *, split: str = "train", data=None) -> Samples:
    """Return n trials of six characters; each shows a bit, one of the first four comes with the store command, the last is the recall.

    Channels: ten for bit 0, ten for bit 1, ten for the store and ten for the recall command. No bit is shown with the recall.
    """
    bits = rng.integers(0, 2, (n, N_CHARACTERS))
    store = rng.integers(0, N_CHARACTERS - 2, n)
    active = np.zeros((n, N_CHARACTERS, 4), bool)
    active[np.arange(n)[:, None], np.arange(N_CHARACTERS - 1), bits[:, :-1]] = True
    active[np.arange(n), store, 2] = True
    active[:, -1, 3] = True
    p = P_SPIKE * active.repeat(GROUP, 2).repeat(CHARACTER, 1)
    return Samples.from_dense(rng.random((n, N_STEPS, N_IN)) < p, MASK, label=bits[np.arange(n), store])


STORE_RECALL = Task(
    name="store_recall",
    source="Bellec, Salaj, Subramoney, Legenstein, Maass 2018, NeurIPS 31, store-recall task; here one store and one recall a trial",
    kind="classification",
    n_in=N_IN,
    n_out=2,
    n_steps=N_STEPS,
    dt=1e-3,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(
        n_lif=50,
        n_alif=50,
        v_th=0.6,
        refractory=5e-3,
        gamma=0.5,
        width=0.6,
        beta=1.7 * (1 - np.exp(-1 / 2000)) / (1 - np.exp(-1 / 20)),
    ),
    training=TrainingConfig(
        rule="eprop_events",
        rate=5e-3,
        halve_after=200,
        batch=32,
        c_reg=300.0,
        f_target=10.0,
        iterations=1000,
        stop_error=0.05,
        stop_batches=16,
    ),
    expected="error below 5 %, the solution criterion of the publication",
)
