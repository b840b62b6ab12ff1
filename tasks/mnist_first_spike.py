"""MNIST for a chip whose pixels spike once, the brighter the earlier: 16 levels, 8-bit weights, a fixed convolution, DRTP.

Sizes, widths and settings are this package's choice, made on the validation set: the last 5,000 training images. They stand for a network
like that of SPOON (Frenkel, Legat, Bol 2020, ISCAS), of which the abstract alone is known.
"""

from __future__ import annotations

import os

import numpy as np

from brian2chip.core.layered_config import Convolution, LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError
from brian2chip.tasks import mnist

#: Levels of a pixel; a pixel of level v spikes at tick LEVELS - 1 - v, and one of level 0 does not.
LEVELS = 16
N_VALIDATION = 5000


def levels(x: np.ndarray) -> np.ndarray:
    """Return pixels from 0 to 1 as whole numbers from 0 to 15; halves are rounded up."""
    return np.floor(np.asarray(x) * (LEVELS - 1) + 0.5).astype(np.int64)


def load(data: str | os.PathLike | None = None) -> dict[str, StaticSamples]:
    """Return the sets, with pixels of 16 levels as level/16; the validation set is not learned.

    Raises
    ------
    UserError
        As :func:`brian2chip.tasks.mnist.load`, and for no more images to learn than the validation set takes.
    """
    sets = {name: StaticSamples(levels(one.x) / LEVELS, one.label) for name, one in mnist.load("mnist_first_spike", data).items()}
    every, learned = sets["train"], len(sets["train"]) - N_VALIDATION
    if learned <= 0:
        raise UserError(f"the folder has {len(every)} images to learn, of which {N_VALIDATION} are kept for validation; give more.")
    return {**sets, "train": every.take(np.arange(learned)), "validation": every.take(np.arange(learned, len(every)))}


MNIST_FIRST_SPIKE = LayeredTask(
    name="mnist_first_spike",
    source="LeCun, Bottou, Bengio, Haffner 1998, Proceedings of the IEEE 86:2278; the network is this package's choice",
    kind="classification",
    n_in=mnist.PIXELS**2,
    n_out=10,
    load=load,
    image=(1, mnist.PIXELS, mnist.PIXELS),
    network=LayeredConfig(
        hidden=(128,), activation="hard_tanh", output="linear", loss="cross_entropy", convolution=Convolution(10, 5, trained=False)
    ),
    training=LayeredTraining(
        rule="drtp", optimiser="gradient_descent", rate=0.01, batch=20, epochs=10, bits=8, rounding="stochastic", limits=(0.25, 0.25, 1.0)
    ),
)
