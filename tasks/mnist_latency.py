"""MNIST of 16 x 16 pixels as spike times: every pixel that is not dark spikes once, the brighter the earlier.

Pixels, times and network are this package's choice, made on the last 5,000 training images; steps and time constants are those of
:mod:`brian2chip.tasks.yin_yang_spikes`.
"""

from __future__ import annotations

import os
from functools import lru_cache

import numpy as np

from brian2chip.core.network_config import NetworkConfig
from brian2chip.core.samples import Samples
from brian2chip.core.static_samples import StaticSamples
from brian2chip.core.task import Task
from brian2chip.core.training_config import TrainingConfig
from brian2chip.errors import UserError
from brian2chip.tasks import mnist

SIDE = 16
#: Step, sample, time of the value 1, and time from it to that of the value 0; seconds. Darker pixels do not spike.
DT, DURATION, EARLIEST, RANGE, DARK = 2e-6, 36e-6, 2e-6, 16e-6, 0.15
N_STEPS = round(DURATION / DT)
N_VALIDATION = 5000
MASK = np.ones(N_STEPS, bool)


def shrunk(images: np.ndarray) -> np.ndarray:
    """Return images [n, PIXELS**2] as means over the area of each of SIDE x SIDE pixels, [n, SIDE**2]."""
    edges, old = np.linspace(0, mnist.PIXELS, SIDE + 1), np.arange(mnist.PIXELS)
    covered = np.clip(np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old), 0, None)
    share = covered / covered.sum(1, keepdims=True)
    return (share @ images.reshape(-1, mnist.PIXELS, mnist.PIXELS) @ share.T).reshape(len(images), -1)


def spiking(images: StaticSamples) -> Samples:
    """Return images as spikes."""
    x = shrunk(images.x)
    n, i = np.nonzero(x >= DARK)
    steps = np.rint((EARLIEST + RANGE * (1 - x[n, i])) / DT).astype(np.int64)
    return Samples(n, steps, i, len(x), N_STEPS, SIDE**2, MASK, label=images.label)


@lru_cache(maxsize=3)
def whole(split: str, data: str | os.PathLike | None) -> Samples:
    """Return a whole set in its order: ``"train"`` (all but the last 5,000 images to learn), ``"validation"`` (these) or ``"test"``.

    Raises
    ------
    UserError
        As :func:`brian2chip.tasks.mnist.load`, and for no more images to learn than the validation set takes.
    """
    sets = mnist.load("mnist_latency", data)
    if split == "test":
        return spiking(sets["test"])
    every, learned = sets["train"], len(sets["train"]) - N_VALIDATION
    if learned <= 0:
        raise UserError(f"the folder has {len(every)} images to learn, of which {N_VALIDATION} are kept for validation; give more.")
    return spiking(every.take(np.arange(learned) if split == "train" else np.arange(learned, len(every))))


def generate(n, rng, *, split="train", data=None) -> Samples:
    """Return n images of a set, in random order; more than it has are drawn again and again."""
    images = whole(split, data)
    which = np.concatenate([rng.permutation(len(images)) for _ in range(-(-n // len(images)))])
    return images.take(which[:n])


MNIST_LATENCY = Task(
    name="mnist_latency",
    source="LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86:2278; spike times and network are this package's choice",
    kind="classification",
    n_in=SIDE**2,
    n_out=10,
    n_steps=N_STEPS,
    dt=DT,
    mask=MASK,
    generate=generate,
    network=NetworkConfig(n_lif=128, tau_m=6e-6, tau_out=6e-6, v_th=1.0, gamma=0.3, width=1.0),
    training=TrainingConfig(rule="eprop_events", broadcast="symmetric", rate=2e-3, batch=50, iterations=1000),
)
