"""Figures of sweeps: means over what is not drawn, spread over seeds, scales, and points that were drawn at random."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

import brian2chip as bc
from brian2chip.errors import UserError


def axes():
    return Figure().subplots()


def grid(**columns):
    """Return the table of a sweep of 3 by 2 values and two seeds, x + 10 y + seed / 10, without the last point."""
    rows = [{"x": x, "y": y, "seed": seed} for seed in (1, 2) for x in (1.0, 10.0, 100.0) for y in (0.0, 5.0)]
    table = pd.DataFrame(rows).assign(score=lambda t: t["x"] + 10 * t["y"] + t["seed"] / 10, other=1.0, error="", **columns)
    table.insert(0, "point", range(len(table)))
    table.loc[table.index[-1], ["score", "error"]] = [np.nan, "no"]
    return table


def test_two_quantities_are_a_heat_map_of_means_over_seeds():
    ax = bc.plot_sweep(grid(), ax=axes())
    values = ax.collections[0].get_array().reshape(2, 3)
    assert values.ravel().tolist() == pytest.approx([1.15, 10.15, 100.15, 51.15, 60.15, 150.1])  # the last one has one seed
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_xscale(), ax.get_yscale()) == ("x", "y", "log", "linear")
    assert ax.figure.axes[1].get_ylabel() == "score"


def test_lines_are_means_with_the_spread_over_seeds():
    ax = bc.plot_sweep(grid(), x="x", y="y", lines=True, ax=axes())
    assert [line.get_ydata().tolist() for line in ax.lines] == [pytest.approx([1.15, 10.15, 100.15]), pytest.approx([51.15, 60.15, 150.1])]
    low, high = ax.collections[0].get_paths()[0].vertices[:, 1].min(), ax.collections[0].get_paths()[0].vertices[:, 1].max()
    spread = np.std([1.1, 1.2], ddof=1)
    assert (low, high) == pytest.approx((1.15 - spread, 100.15 + spread))
    one = bc.plot_sweep(grid().query("y == 0"), "other", ax=axes())
    assert len(one.lines) == 1 and one.get_ylabel() == "other" and one.lines[0].get_ydata().tolist() == [1, 1, 1]


def test_drawn_points_are_points_and_texts_are_named():
    rng = np.random.default_rng(0)
    drawn = pd.DataFrame({"point": range(50), "x": rng.random(50), "y": rng.random(50), "seed": 1, "score": rng.random(50), "error": ""})
    assert len(bc.plot_sweep(drawn, ax=axes()).collections[0].get_offsets()) == 50
    texts = grid().assign(y=lambda t: t["y"].map({0.0: "floor", 5.0: "nearest"}))
    ax = bc.plot_sweep(texts, ax=axes())
    assert [label.get_text() for label in ax.get_yticklabels()] == ["floor", "nearest"]


@pytest.mark.parametrize(
    "table, how, said",
    [
        (pd.DataFrame({"a": [1]}), {}, "is not of a sweep"),
        (grid().assign(error="no"), {}, "no point of this table has a result"),
        (grid(), {"value": "scor"}, "did you mean 'score'"),
        (grid(), {"x": "z"}, "no column to draw called 'z'"),
    ],
)
def test_what_cannot_be_drawn(table, how, said):
    with pytest.raises(UserError, match=said):
        bc.plot_sweep(table, **how)
