"""Handwritten digits and pieces of clothing of 28 x 28 pixels, from a folder of the four IDX files (MNIST and Fashion-MNIST)."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

import numpy as np

from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.tasks.readers.idx_files import read_idx

SETS = {"train": "train", "test": "t10k"}
PIXELS = 28


def _file(folder: str | os.PathLike, name: str) -> Path:
    """Return a file of the folder, packed or not."""
    for ending in ("", ".gz"):
        if (path := Path(folder) / f"{name}{ending}").is_file():
            return path
    raise UserError(f"{str(folder)!r} holds no {name} (or {name}.gz); give the folder of the four IDX files with --data.")


def load(task: str, data: str | os.PathLike | None = None) -> dict[str, StaticSamples]:
    """Return the two sets, with pixels from 0 to 1.

    Raises
    ------
    UserError
        Without a folder, for files that are missing or damaged, images of another size, and labels that are not as many.
    """
    if data is None:
        raise UserError(f"the task {task!r} reads IDX files; give their folder with --data.")
    sets = {name: read_set(data, part) for name, part in SETS.items()}
    return {name: StaticSamples(x.reshape(len(x), -1) / 255, label) for name, (x, label) in sets.items()}


def read_set(folder: str | os.PathLike, part: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images, bytes [n, 28, 28], and labels of the part ``"train"`` or ``"t10k"`` of a folder; errors as :func:`load`."""
    images, labels = _file(folder, f"{part}-images-idx3-ubyte"), _file(folder, f"{part}-labels-idx1-ubyte")
    x, label = read_idx(images), read_idx(labels)
    if x.dtype != np.uint8 or x.ndim != 3 or x.shape[1:] != (PIXELS, PIXELS):
        raise UserError(f"{images.name} holds {x.dtype} of shape {x.shape}; images are bytes of shape (n, {PIXELS}, {PIXELS}).")
    if label.dtype != np.uint8 or label.shape != x.shape[:1]:
        raise UserError(f"{labels.name} holds {label.dtype} of shape {label.shape}; {len(x)} images need {len(x)} labels of one byte.")
    return x, label.astype(np.int64)


#: What the two data sets have in common; network and training are those of DRTP on MNIST.
PICTURES = {
    "kind": "classification",
    "n_in": PIXELS**2,
    "n_out": 10,
    "image": (1, PIXELS, PIXELS),
    "network": LayeredConfig(hidden=(500,)),
    "training": LayeredTraining(rule="drtp", optimiser="adam_pytorch", rate=1.5e-4, batch=60, epochs=100),
}

MNIST = LayeredTask(
    name="mnist",
    source="LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86:2278",
    load=partial(load, "mnist"),
    **PICTURES,
    expected="test error after 100 epochs: backpropagation 1.72, FA 1.92, DFA 2.59, DRTP 4.58 %",
)
"""Handwritten digits of 28 x 28 pixels, from a folder of the four IDX files (LeCun et al. 1998)."""

FASHION_MNIST = LayeredTask(
    name="fashion_mnist",
    source="Xiao, Rasul, Vollgraf 2017, arXiv 1708.07747",
    load=partial(load, "fashion_mnist"),
    **PICTURES,
)
"""Pieces of clothing of 28 x 28 pixels, from a folder of the four IDX files (Xiao et al. 2017)."""
