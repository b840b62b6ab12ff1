"""Figures of learning: the drawn numbers are those of the table."""

import matplotlib
import numpy as np
import pandas as pd
import pytest

matplotlib.use("Agg")
import matplotlib.pyplot as plt

from brian2chip.analysis import learning_plots


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def drawn(ax) -> list[list[list[float]]]:
    """Return [x, y] of each line."""
    return [[list(line.get_xdata()), list(line.get_ydata())] for line in ax.get_lines()]


def test_learning_curve_has_the_loss_and_the_error_in_percent_over_8_updates():
    error = [1.0, 0.5, 0.0, 0.5, 1.0, 0.0, 0.0, 0.0, 0.0]
    history = pd.DataFrame({"update": range(9), "loss": np.arange(9.0), "error": error})
    ax = learning_plots.learning_curve(history)
    assert drawn(ax) == [[list(range(9)), list(range(9))]]
    (right,) = [other for other in ax.figure.axes if other is not ax]
    # Running means of the last 8: 1, (1 + 0.5)/2, ...; the ninth leaves the first out.
    assert right.get_lines()[0].get_ydata()[[0, 1, 7, 8]] == pytest.approx([100, 75, 37.5, 25])
    assert "%" in right.get_ylabel() and ax.get_xlabel() == "update"
    given = plt.figure().add_subplot()
    assert learning_plots.learning_curve(history.assign(error=np.nan), ax=given) is given
    assert given.figure.axes == [given]  # without errors there is no second axis


def test_side_by_side_shows_errors_where_every_training_has_them_and_losses_otherwise():
    frame = pd.DataFrame({"trials": [32, 64], "samples": [32, 64], "loss": [4.0, 2.0], "error": [0.5, 0.1]})
    ax = learning_plots.side_by_side({"a": frame, "b": frame})
    assert [y for _, y in drawn(ax)] == [pytest.approx([50, 30])] * 2 and "error" in ax.get_ylabel()
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["a", "b"]
    ax = learning_plots.side_by_side({"a": frame, "b": frame.assign(error=np.nan)})
    assert drawn(ax)[1] == [[32, 64], [4.0, 3.0]] and "loss" in ax.get_ylabel()
    given = plt.figure().add_subplot()
    assert learning_plots.side_by_side({"a": frame}, ax=given) is given


def test_raster_and_curves():
    ax = learning_plots.raster([3, 1], [10, 20])
    assert drawn(ax) == [[[10, 20], [3, 1]]] and (ax.get_xlabel(), ax.get_ylabel()) == ("step", "neuron")
    ax = learning_plots.traces([[0.0, 1.0], [2.0, 3.0]], "readout")
    assert [y for _, y in drawn(ax)] == [[0, 2], [1, 3]] and ax.get_ylabel() == "readout"
    for function, arguments in ((learning_plots.raster, ([1], [2])), (learning_plots.traces, ([1.0], "x"))):
        given = plt.figure().add_subplot()
        assert function(*arguments, ax=given) is given


def test_a_trial_has_four_panels_over_the_same_steps():
    record = {"input_i": [3], "input_t": [40], "rec_i": [1, 2], "rec_t": [10, 20], "readout": [[0.0], [1.0]], "eligibility": [[5.0, 6.0]]}
    axes = learning_plots.trial(record).axes
    assert [drawn(ax) for ax in axes] == [
        [[[40], [3]]],
        [[[10, 20], [1, 2]]],
        [[[0, 1], [0.0, 1.0]]],
        [[[0], [5.0]], [[0], [6.0]]],
    ]
    assert [ax.get_ylabel() for ax in axes] == ["input", "neuron", "readout", "eligibility"]
    assert [ax.get_xlabel() for ax in axes] == ["", "", "", "step"] and len({ax.get_xlim() for ax in axes}) == 1
