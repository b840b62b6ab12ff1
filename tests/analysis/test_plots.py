import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from brian2chip.analysis import plots

WINDOW = pd.DataFrame(
    {"kind": ["curve"] * 4 + ["data"], "dt_ms": [-9, -1, 1, 9, 5], "dw": [-0.1, -0.3, 0.4, 0.2, 0.3], "data_dw": [np.nan] * 4 + [0.5]}
)
FREQUENCY = pd.DataFrame(
    {"rate_hz": [10, 20, 10, 20], "dt_ms": [10, 10, -10, -10], "dw": [0.1, 0.2, -0.1, 0.3], "data_dw": 0.2, "data_sem": 0.1}
)
CASES = {
    "window": (plots.window, (WINDOW,)),
    "frequency": (plots.frequency, (FREQUENCY,)),
    "points": (plots.points, (pd.DataFrame({"dw": [0.1, -0.2], "data_dw": [0.3, 0.0], "data_sem": [0.1, 0.05]}), ["a", "b"])),
    "rate_curve": (plots.rate_curve, (pd.DataFrame({"rate_hz": [0, 10, 20], "dw": [0, -1e-3, 1e-3], "dw_sem": 1e-4}),)),
    "probability": (plots.probability, (pd.DataFrame({"rate_hz": [0, 10], "p_ltp": [0, 0.1], "p_ltp_sem": 0.01, "p_ltd": [0, 0.2]}),)),
    "weights": (plots.weights, (pd.DataFrame({"w_start": [0.4, 0.5, 0.6], "w_end": [0.0, 0.1, 1.0]}),)),
}


@pytest.mark.parametrize("name", CASES)
def test_draws_into_given_axes_or_new_ones_and_changes_no_style(name):
    function, arguments = CASES[name]
    before = dict(matplotlib.rcParams)
    ax = plt.figure().add_subplot()
    assert function(*arguments, ax=ax) is ax
    new = function(*arguments)
    assert new is not ax and new.get_xlabel()
    new.figure.canvas.draw()
    assert dict(matplotlib.rcParams) == before
    plt.close("all")


def test_window_has_the_data_in_percent_and_no_line_through_zero():
    ax = plots.window(*CASES["window"][1])
    lines = [line for line in ax.get_lines() if line.get_color() == plots.MODEL]
    assert [list(line.get_xdata()) for line in lines] == [[-9, -1], [1, 9]]
    assert 50.0 in np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.get_lines()])
    plt.close("all")


def test_rate_curve_marks_the_threshold_only_where_there_is_one():
    rates = np.linspace(5, 50, 10)
    for curve, marked in ((rates * (rates - 20), ["threshold 20.0 Hz"]), (rates, [])):
        ax = plots.rate_curve(pd.DataFrame({"rate_hz": rates, "dw": 1e-5 * curve, "dw_sem": 1e-6}))
        assert ([t.get_text() for t in ax.get_legend().get_texts()] if ax.get_legend() else []) == marked
    plt.close("all")


def test_points_keep_the_order_of_the_table_from_top_to_bottom():
    ax = plots.points(*CASES["points"][1])
    assert [t.get_text() for t in ax.get_yticklabels()] == ["a", "b"]
    assert ax.yaxis_inverted()
    assert [bar.get_width() for bar in ax.patches] == pytest.approx([10, -20])
    plt.close("all")
