"""Handwritten digits of 8 x 8 pixels, which come with scikit-learn; a fifth is held out."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError

N_TRAIN = 1437


def load(data=None) -> dict[str, StaticSamples]:
    """Return the two sets: the first 1437 and the last 360 of all digits in the order of ``RandomState(0).permutation``.

    Raises
    ------
    UserError
        Where scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        raise UserError("the task 'digits' takes its images from scikit-learn; install brian2chip[digits].")
    from sklearn.datasets import load_digits  # an optional extra

    x, label = load_digits(return_X_y=True)
    order = np.random.RandomState(0).permutation(len(x))
    every = StaticSamples(x / 16, label)
    return {"train": every.take(order[:N_TRAIN]), "test": every.take(order[N_TRAIN:])}


DIGITS = LayeredTask(
    name="digits",
    source="scikit-learn, load_digits: the test part of Alpaydin & Kaynak 1998, UCI optical recognition of handwritten digits",
    kind="classification",
    n_in=64,
    n_out=10,
    load=load,
    image=(1, 8, 8),
    network=LayeredConfig(hidden=(100,)),
    training=LayeredTraining(rule="drtp", optimiser="adam_pytorch", rate=1e-3, batch=20, epochs=60),
    expected="backpropagation and feedback alignment 97 to 98 %, DRTP 97 %, sign DFA 96 %, shallow 94 % after 60 epochs",
)
