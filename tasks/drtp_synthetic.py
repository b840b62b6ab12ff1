"""The two synthetic tasks of direct random target projection: ten shifted cosines of a mean, and ten classes of many clusters."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np

from brian2chip.core.layered_config import LayeredConfig, LayeredTraining
from brian2chip.core.layered_task import LayeredTask
from brian2chip.core.static_samples import StaticSamples
from brian2chip.errors import UserError

SOURCE = "Frenkel, Lefebvre, Bol 2021, Frontiers in Neuroscience 15:629892, and its published code"
N_IN, N_OUT = 256, 10


def regression(data=None) -> dict[str, StaticSamples]:
    """Return 5,000 and 1,000 examples: 256 inputs around a mean from -pi to pi, and ten cosines of the mean of the inputs."""
    rng = np.random.default_rng(0)
    sets = {}
    for name, n in (("train", 5000), ("test", 1000)):
        x = rng.uniform(-np.pi, np.pi, (n, 1)) + rng.standard_normal((n, N_IN))
        phase = np.pi * (np.arange(N_OUT) - 4.5) / 9
        sets[name] = StaticSamples(x, target=np.cos(x.mean(1, keepdims=True) + phase))
    return sets


def classification(data=None) -> dict[str, StaticSamples]:
    """Return 25,000 and 5,000 examples of ten classes with five clusters each, as scikit-learn's ``make_classification`` draws them.

    Raises
    ------
    UserError
        Where scikit-learn is not installed.
    """
    if find_spec("sklearn") is None:
        raise UserError("the task 'drtp_classification' is drawn by scikit-learn; install brian2chip[digits].")
    from sklearn.datasets import make_classification  # an optional extra

    x, label = make_classification(
        n_samples=30_000,
        n_features=N_IN,
        n_informative=128,
        n_redundant=0,
        n_repeated=0,
        n_classes=N_OUT,
        n_clusters_per_class=5,
        class_sep=4.5,
        scale=1.0,
        shuffle=True,
        random_state=0,
    )
    every = StaticSamples(x, label)
    return {"train": every.take(np.arange(25_000)), "test": every.take(np.arange(25_000, 30_000))}


DRTP_REGRESSION = LayeredTask(
    name="drtp_regression",
    source=SOURCE,
    kind="regression",
    n_in=N_IN,
    n_out=N_OUT,
    load=regression,
    network=LayeredConfig(hidden=(100, 100), output="tanh", loss="mean_squared_error"),
    training=LayeredTraining(rule="drtp", optimiser="nesterov", rate=5e-4, batch=50, epochs=500),
    expected="test loss, summed over outputs, after 500 epochs: shallow 2.55, backpropagation 0.13, FA 0.12, DFA 0.073, sign DFA 0.35",
)
"""Ten shifted cosines of the mean of 256 noisy inputs, to be learned as a function (Frenkel et al. 2021)."""

DRTP_CLASSIFICATION = LayeredTask(
    name="drtp_classification",
    source=SOURCE,
    kind="classification",
    n_in=N_IN,
    n_out=N_OUT,
    load=classification,
    network=LayeredConfig(hidden=(500, 500)),
    training=LayeredTraining(rule="drtp", optimiser="nesterov", rate=5e-4, batch=50, epochs=500),
    expected="test error after 500 epochs: shallow 9.57, sign DFA 4.07, FA 1.81, backpropagation 1.84, DFA 3.48 %",
)
"""Ten classes of five clusters each in 256 dimensions, of which half are informative (Frenkel et al. 2021)."""
