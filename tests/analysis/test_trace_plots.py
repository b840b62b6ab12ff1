"""Traces as a picture: one line for each condition, of the first replica and start, and not more than twelve in a panel."""

import itertools

import pandas as pd
import pytest
from matplotlib.figure import Figure

from brian2chip.analysis.trace_plots import draw


def traces(conditions, variables=("w",), **more):
    """Return two points of each trace, whose values tell condition, variable and what else there is."""
    rows = itertools.product(range(conditions), enumerate(variables), range(2), *more.values())
    return pd.DataFrame(
        [
            {"condition": c, "variable": name, "time_ms": 0.5 * t, "value": 100.0 * c + 10 * v + t + 1000 * sum(others)}
            | dict(zip(more, others))
            for c, (v, name), t, *others in rows
        ]
    )


def lines(ax):
    return [(line.get_label(), list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]


def test_a_panel_for_each_variable_and_a_line_for_each_condition():
    upper, lower = draw(traces(2, ("x", "a")), Figure()).axes
    assert lines(upper) == [("condition 0", [0, 0.5], [0, 1]), ("condition 1", [0, 0.5], [100, 101])]
    assert [y for *_, y in lines(lower)] == [[10, 11], [110, 111]]
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("x", "a")
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "time (ms)") and upper.get_xlim() == lower.get_xlim()
    assert upper.get_legend() is not None and lower.get_legend() is None
    (alone,) = draw(traces(1), Figure()).axes
    assert alone.get_legend() is None


@pytest.mark.parametrize("more", [{"replica": [0, 1]}, {"start": [1, 0]}, {"replica": [0, 1], "start": [0, 1]}])
def test_of_replicas_and_starts_the_first_is_drawn(more):
    (ax,) = draw(traces(1, **more), Figure()).axes
    assert lines(ax) == [("condition 0", [0, 0.5], [0, 1])]


@pytest.mark.parametrize(("conditions", "drawn"), [(12, list(range(12))), (13, [0, 2, 4, 6, 8, 10, 12]), (25, list(range(0, 25, 3)))])
def test_conditions_between_are_left_out_where_there_are_more_than_twelve(conditions, drawn):
    (ax,) = draw(traces(conditions), Figure()).axes
    assert [label for label, *_ in lines(ax)] == [f"condition {k}" for k in drawn]
