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


def lines_of(ax) -> list[tuple[list[float], list[float]]]:
    return [([float(x) for x in line.get_xdata()], [float(y) for y in line.get_ydata()]) for line in ax.get_lines()]


def bars_of(container) -> list[float]:
    """Return the half length of each error bar."""
    segments = container.lines[2][0].get_segments()
    return [float(np.abs(np.subtract(*segment)).max()) / 2 for segment in segments]


def test_window_has_error_bars_where_the_data_have_them_and_a_legend_for_one_branch():
    ax = plots.window(WINDOW.assign(data_sem=[np.nan] * 4 + [0.1]))
    (container,) = ax.containers
    assert bars_of(container) == pytest.approx([10]) and list(container.lines[0].get_xdata()) == [5]
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["rule", "data"]
    branches = [line.get_ydata() for line in ax.get_lines() if line.get_color() == plots.MODEL]
    assert [list(y) for y in branches] == [pytest.approx([-10, -30]), pytest.approx([40, 20])]
    (container,) = plots.window(WINDOW).containers
    assert not container.has_yerr
    plt.close("all")


def test_window_leaves_the_point_at_zero_out_of_both_branches_and_sorts_the_times():
    table = pd.DataFrame({"kind": "curve", "dt_ms": [4, 0, -4, 2], "dw": [0.1, 9, -0.1, 0.2], "data_dw": np.nan})
    ax = plots.window(table)
    assert [xy for xy, line in zip(lines_of(ax), ax.get_lines()) if line.get_color() == plots.MODEL] == [
        ([-4], [pytest.approx(-10)]),
        ([2, 4], [pytest.approx(20), pytest.approx(10)]),
    ]
    plt.close("all")


def test_frequency_has_a_curve_and_points_of_one_colour_for_each_timing():
    ax = plots.frequency(FREQUENCY.iloc[::-1])
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["rule, -10 ms", "rule, +10 ms", "data, -10 ms", "data, +10 ms"]
    curves = {line.get_label(): line for line in ax.get_lines() if line.get_label().startswith("rule")}
    assert list(curves["rule, +10 ms"].get_xdata()) == [10, 20] and list(curves["rule, +10 ms"].get_ydata()) == pytest.approx([10, 20])
    assert list(curves["rule, -10 ms"].get_ydata()) == pytest.approx([-10, 30])
    for container in ax.containers:
        assert list(container.lines[0].get_ydata()) == pytest.approx([20, 20]) and bars_of(container) == pytest.approx([10, 10])
        assert container.lines[0].get_color() == curves[container.get_label().replace("data", "rule")].get_color()
    assert not any(c.has_yerr for c in plots.frequency(FREQUENCY.drop(columns="data_sem")).containers)
    plt.close("all")


def test_points_have_data_and_errors_in_percent_and_room_for_each_row():
    ax = plots.points(*CASES["points"][1])
    (container,) = [c for c in ax.containers if getattr(c, "has_xerr", False)]
    assert list(container.lines[0].get_xdata()) == pytest.approx([30, 0]) and list(container.lines[0].get_ydata()) == [0, 1]
    assert bars_of(container) == pytest.approx([10, 5]) and ax.get_ylim() == (1.5, -0.5)
    bare = plots.points(CASES["points"][1][0].drop(columns="data_sem"), ["a", "b"])
    assert not any(getattr(c, "has_xerr", False) for c in bare.containers)
    heights = [plots.points(pd.DataFrame({"dw": [0.1] * n, "data_dw": 0.1}), ["x"] * n).figure.get_size_inches()[1] for n in (2, 12)]
    assert heights[1] - heights[0] > 1.5  # inches for ten rows more
    plt.close("all")


def test_rate_curve_is_in_thousandths_with_its_errors():
    ax = plots.rate_curve(*CASES["rate_curve"][1])
    (container,) = ax.containers
    assert list(container.lines[0].get_ydata()) == pytest.approx([0, -1, 1]) and bars_of(container) == pytest.approx([0.1] * 3)
    assert not plots.rate_curve(pd.DataFrame({"rate_hz": [0, 10, 20], "dw": [0, -1e-3, 1e-3]})).containers[0].has_yerr
    plt.close("all")


def test_probability_has_both_curves_from_zero():
    ax = plots.probability(*CASES["probability"][1])
    found = {c.get_label(): c for c in ax.containers}
    assert list(found["LTP"].lines[0].get_ydata()) == [0, 0.1] and list(found["LTD"].lines[0].get_ydata()) == [0, 0.2]
    assert bars_of(found["LTP"]) == pytest.approx([0.01, 0.01]) and not found["LTD"].has_yerr and ax.get_ylim()[0] == 0
    plt.close("all")


@pytest.mark.parametrize(("largest", "top"), [(1.0, 1.0), (0.4, 1.0), (2.0, 2.0)])
def test_weights_are_counted_in_20_bins_up_to_the_bound_or_the_largest(largest, top):
    ax = plots.weights(pd.DataFrame({"w_start": [0.01, 0.02, 0.39], "w_end": [0.0, 0.1, largest]}))
    bars = [p for p in ax.patches if hasattr(p, "get_height")]
    assert len(bars) == 20 and ax.get_xlim() == (0, top) and bars[0].get_width() == pytest.approx(top / 20)
    assert bars[0].get_height() == 2 and sum(bar.get_height() for bar in bars) == 3
    assert [t.get_text() for t in ax.get_legend().get_texts()] == ["start", "end"]
    plt.close("all")


def test_changes_stand_over_the_timing_where_nothing_else_differs():
    table = pd.DataFrame({"dt_ms": [10.0, -10.0, 5.0], "rate_hz": 1.0, "pairs": 60, "dw": [0.2, -0.1, 0.4], "data_dw": [0.25, -0.1, 0.4]})
    ax = plots.changes(table)
    right = ax.lines[3]
    assert ax.get_xlabel().endswith("(ms)") and right.get_xdata().tolist() == [5.0, 10.0] and right.get_ydata().tolist() == [40.0, 20.0]
    assert plots.changes(table.assign(rate_hz=[1.0, 2.0, 3.0])).get_xlabel() == "condition"


def test_changes_of_one_timing_are_points_in_percent():
    table = pd.DataFrame({"dt_ms": [10.0, -10.0], "rate_hz": 1.0, "pairs": 60, "dw": [0.2, -0.1], "data_dw": [0.25, -0.1]})
    found = [list(line.get_ydata()) for line in plots.changes(table).lines if line.get_marker() == "."]
    assert any(sorted(values) == pytest.approx([-10.0, 20.0]) for values in found)
    plt.close("all")
