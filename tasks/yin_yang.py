"""Yin-Yang: points of a disc in three classes, a task on which shallow networks fail (Kriener et al. 2022)."""

from __future__ import annotations

import numpy as np

from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples

BIG, SMALL = 0.5, 0.1  # radii of the disc and of the dots
#: Points and seed of each set.
SETS = {"train": (5000, 42), "validation": (1000, 41), "test": (1000, 40)}


def class_of(x: float, y: float) -> int:
    """Return the class of a point of the disc: 2 in a dot, 1 and 0 in the two halves."""
    right, left = np.sqrt((x - 1.5 * BIG) ** 2 + (y - BIG) ** 2), np.sqrt((x - 0.5 * BIG) ** 2 + (y - BIG) ** 2)
    if right < SMALL or left < SMALL:
        return 2
    return int(right <= SMALL or SMALL < left <= 0.5 * BIG or (y > BIG and right > 0.5 * BIG))


def points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return n points [n, 2] and their classes [n], drawn as the published generator draws them from NumPy's legacy generator."""
    rng = np.random.RandomState(seed)
    found = np.empty((n, 2))
    label = np.empty(n, np.int64)
    for k in range(n):
        label[k] = rng.randint(3)
        while True:
            x, y = rng.rand(2) * 2 * BIG
            if np.sqrt((x - BIG) ** 2 + (y - BIG) ** 2) <= BIG and class_of(x, y) == label[k]:
                break
        found[k] = x, y
    return found, label


def load(data=None) -> dict[str, StaticSamples]:
    """Return the published sets: x, y, 1 - x and 1 - y of every point."""
    drawn = {name: points(*how) for name, how in SETS.items()}
    return {name: StaticSamples(np.hstack([xy, 1 - xy]), label) for name, (xy, label) in drawn.items()}


YIN_YANG = LayeredTask(
    name="yin_yang",
    source="Kriener, Göltz, Petrovici 2022, NICE, and its published generator",
    kind="classification",
    n_in=4,
    n_out=3,
    load=load,
    network=LayeredConfig(hidden=(30,)),
    training=LayeredTraining(rule="bp", optimiser="adam_pytorch", rate=1e-2, batch=20, epochs=300),
    expected="backpropagation 97.6 +- 1.5 %, with hidden weights that do not learn 85.5 +- 5.8 %",
)
