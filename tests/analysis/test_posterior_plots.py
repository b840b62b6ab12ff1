"""Figures of a posterior: bars, ranges and marks are those of the draws, by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from brian2chip.analysis import posterior_plots

RANGES = [(0.0, 4.0, False), (1e-2, 1e2, True)]
#: A quarter of the draws of ``a`` in each quarter of its range; those of ``b`` at the lower end of four decades.
DRAWS = pd.DataFrame({"a": [0.05, 1.05, 2.05, 3.05], "b": [0.011, 0.011, 0.011, 0.011]})


def test_every_pair_is_drawn_over_the_range_of_the_prior():
    axes = posterior_plots.corner(DRAWS, RANGES, truth=[1.0, 10.0], figure=Figure())
    assert axes.shape == (2, 2) and axes[0, 1] is None
    first, pair, second = axes[0, 0], axes[1, 0], axes[1, 1]
    assert first.get_xlim() == pair.get_xlim() == (0, 4) and (first.get_xscale(), second.get_xscale()) == ("linear", "log")
    assert pair.get_ylim() == second.get_xlim() == pytest.approx((1e-2, 1e2)) and (pair.get_xscale(), pair.get_yscale()) == (
        "linear",
        "log",
    )
    assert (pair.get_xlabel(), pair.get_ylabel(), second.get_xlabel(), first.get_xlabel(), first.get_ylabel()) == ("a", "b", "b", "", "")
    counts = pair.collections[0].get_array()
    assert counts.shape == (40, 40) and counts.sum() == 4 and sorted(np.nonzero(counts)[1]) == [0, 10, 20, 30]
    assert [list(map(float, line.get_xydata()[0])) for line in pair.lines] == [[1.0, 10.0]]
    marks = [[float(line.get_xdata()[0]) for line in ax.lines if list(line.get_ydata()) == [0, 1]] for ax in (first, second)]
    assert marks == [[1.0], [10.0]]


def test_a_marginal_is_a_density_beside_the_priors():
    axes = posterior_plots.corner(DRAWS, RANGES, figure=Figure())
    # 40 bars: each of four draws is a quarter of them in a fortieth of the range, ten times the prior's density; all of them, 40 times.
    for ax, density in ((axes[0, 0], [10] * 4), (axes[1, 1], [40])):
        (stairs,) = (patch for patch in ax.patches)
        values, edges, _ = stairs.get_data()
        assert len(values) == 40 and [v for v in values if v] == density
        assert [list(line.get_ydata()) for line in ax.lines] == [[1, 1]]  # the prior; no truth is marked
        even = np.log(edges) if ax.get_xscale() == "log" else edges
        np.testing.assert_allclose(np.diff(even), (even[-1] - even[0]) / 40)
    assert not axes[1, 0].lines


def test_predictions_stand_in_percent_over_their_points():
    table = pd.DataFrame({"point": ["x", "y"], "data_dw": [0.2, -0.1], "data_sem": [0.05, 0.02], "low": [0.1, -0.2]})
    table = table.assign(median=[0.25, -0.15], high=[0.3, 0.0], data_low=[0.0, -0.3], data_high=[0.4, 0.1])
    ax = posterior_plots.predictive(table, Figure().subplots())
    bars = [(bar.get_x() + bar.get_width() / 2, bar.get_y(), bar.get_height(), bar.get_width()) for bar in ax.patches]
    wide, narrow = bars[:2], bars[2:]
    np.testing.assert_allclose(wide, [[0, 0, 40, wide[0][3]], [1, -30, 40, wide[0][3]]], atol=1e-12)
    np.testing.assert_allclose(narrow, [[0, 10, 20, narrow[0][3]], [1, -20, 20, narrow[0][3]]], atol=1e-12)
    assert 0 < narrow[0][3] < wide[0][3] < 1  # the rule's bar lies inside that of the data, and neighbours do not touch
    medians, errors = ax.collections[0].get_segments(), ax.containers[-1]
    np.testing.assert_allclose([segment[:, 1] for segment in medians], [[25, 25], [-15, -15]])
    np.testing.assert_allclose([segment.mean(axis=0)[0] for segment in medians], [0, 1])
    np.testing.assert_allclose(errors.lines[0].get_xydata(), [[0, 20], [1, -10]])
    np.testing.assert_allclose([segment[:, 1] for segment in errors.lines[2][0].get_segments()], [[15, 25], [-12, -8]])
    assert [text.get_text() for text in ax.get_xticklabels()] == ["x", "y"]


def test_ranks_are_counted_over_the_band_of_even_ones():
    ranks = np.column_stack([np.arange(200), np.zeros(200, int)])
    even, low = posterior_plots.rank_histograms(ranks, 199, ["a", "b"], figure=Figure())
    counts = [ax.patches[-1].get_data()[0].tolist() for ax in (even, low)]
    assert counts == [[20] * 10, [200] + [0] * 9]
    np.testing.assert_allclose(even.patches[-1].get_data()[1], np.arange(11) / 10)
    band = even.patches[0].get_extents().transformed(even.transData.inverted())
    assert (band.y0, band.y1) == pytest.approx((10, 32))  # binom.ppf(0.005 and 0.995, 200, 0.1)
    assert even.get_xlim() == low.get_xlim() == (0, 1) and even.get_ylim()[0] == 0 and even.get_ylim() == low.get_ylim()
    assert (even.get_title(), low.get_title(), even.get_ylabel()) == ("a", "b", "data sets")
    (one,) = posterior_plots.rank_histograms(ranks[:, :1], 199, ["a"], bins=5, figure=Figure())
    assert one.patches[-1].get_data()[0].tolist() == [40] * 5
