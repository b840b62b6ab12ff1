"""Histograms over chips: every chip is counted in one bar, on the scale that its values need, beside the ideal."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from brian2chip.analysis.robustness_plots import histograms
from brian2chip.errors import UserError


def drawn(values, ideal=None, stages=None):
    table = pd.DataFrame({"chip": range(len(values)), "stage": stages or ["as made"] * len(values), "score": values})
    return histograms(table, "score", ideal or {}, Figure().subplots())


@pytest.mark.parametrize(
    ("values", "scale"),
    [
        ([1.0, 2.0, 31.0], "log"),  # more than 30 between the smallest and the largest
        ([10.0, 20.0, 290.0], "linear"),
        ([0.0, 2.0, 31.0], "linear"),  # zero has no logarithm
        ([-1.0, 2.0, 31.0], "linear"),
        ([5.0, 5.0, 5.0], "linear"),
    ],
)
def test_forty_bars_hold_every_chip_once(values, scale):
    ax = drawn(values)
    edges = [bar.get_x() for bar in ax.patches] + [ax.patches[-1].get_x() + ax.patches[-1].get_width()]
    assert ax.get_xscale() == scale and len(ax.patches) == 40
    assert sum(bar.get_height() for bar in ax.patches) == len(values)
    assert np.all(np.diff(edges) > 0)  # also where all chips are alike
    assert edges[0] == pytest.approx(min(values)) and edges[-1] == pytest.approx(max(values))
    even = np.log(edges) if scale == "log" else np.array(edges)
    np.testing.assert_allclose(np.diff(even), (even[-1] - even[0]) / 40, rtol=1e-4, atol=1e-15)


def test_stages_share_the_bars_and_say_their_quantiles():
    ax = drawn([*range(21), 100.0], stages=["as made"] * 21 + ["calibrated"], ideal={"score": 7.5, "other": 1.0})
    # Of 0, 1, ..., 20 the quantiles of 5, 50 and 95 % are 1, 10 and 19.
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "as made: median 10, from 5 to 95 % 1 to 19",
        "calibrated: median 100, from 5 to 95 % 100 to 100",
        "ideal: 7.5",
    ]
    assert list(ax.lines[0].get_xdata()) == [7.5, 7.5] and len(ax.lines) == 1
    assert ax.get_xlabel() == "score" and not drawn([1.0, 2.0], ideal={"other": 1.0}).lines


def test_missing_values_are_left_out_and_a_missing_column_is_told():
    assert sum(bar.get_height() for bar in drawn([1.0, np.nan, 2.0]).patches) == 2
    with pytest.raises(UserError, match="no column 'accuracy'; it has chip, stage, score"):
        histograms(pd.DataFrame({"chip": [0], "stage": ["x"], "score": [1.0]}), "accuracy", {})
