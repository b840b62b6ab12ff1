"""The pictures of the energy account and of power management: the bars and points are the numbers of the tables, by hand."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from brian2chip.analysis import energy_plots, power_plots

#: A chip with two published energies and a standing power, one whose standing power is not known, one without energies, one that is too
#: small.
TABLE = pd.DataFrame(
    {
        "chip": ["odin", "odin", "other", "counted", "small"],
        "holds": [True, True, True, True, False],
        "synaptic_operations": [100.0, 100.0, 200.0, 300.0, np.nan],
        "operations_J": [1e-9, 2e-9, 4e-9, np.nan, np.nan],
        "energy_of": ["at 0.55 V", "at 0.7 V", "as published", None, None],
        "standing_J": [0.5e-9, 0.25e-9, None, None, None],
    }
)


def bars(ax):
    """Return left end and length of each bar."""
    return [(pytest.approx(bar.get_x()), pytest.approx(bar.get_width())) for bar in ax.patches]


@pytest.fixture
def axes():
    return Figure().subplots(1, 2)


def test_operations_of_each_chip_once_and_joules_of_each_published_energy(axes):
    left, right = energy_plots.draw(TABLE, axes)
    assert bars(left) == [(0, 100), (0, 200), (0, 300)]
    assert [text.get_text() for text in left.get_yticklabels()] == ["odin", "other", "counted"]
    # nJ of the operations, and of leakage and clock beside them: none where it is not known
    assert bars(right) == [(0, 1), (0, 2), (0, 4), (1, 0.5), (2, 0.25), (4, 0)]
    assert [text.get_text() for text in right.get_yticklabels()] == ["odin\nat 0.55 V", "odin\nat 0.7 V", "other\nas published"]


def test_what_is_not_known_is_not_drawn(axes):
    left, right = energy_plots.draw(TABLE[3:], axes)
    assert bars(left) == [(0, 300)] and bars(right) == [] and right.get_legend() is None
    without = [name for name in TABLE if not name.endswith("_J")]
    left, right = energy_plots.draw(TABLE[without], Figure().subplots(1, 2))
    assert bars(left) == [(0, 100), (0, 200), (0, 300)] and bars(right) == []
    left, right = energy_plots.draw(TABLE[4:][["chip", "holds"]], Figure().subplots(1, 2))
    assert bars(left) == bars(right) == [] and right.get_xlabel() == "energy a sample (nJ)"


def points(ax):
    return [collection.get_offsets().tolist() for collection in ax.collections]


def test_steps_of_a_core_stand_at_their_time_in_the_colour_of_their_level():
    table = pd.DataFrame({"core": [0, 0, 1, 0], "step": [0, 1, 1, 2], "received": [5, 70, 9, 6], "level": [0, 2, 0, 0]})
    ax = power_plots.draw_steps(table, Figure().subplots(), step_ms=0.5)
    assert points(ax) == [[[0.0, 5.0], [1.0, 6.0]], [[0.5, 70.0]]] and ax.get_ylabel() == "spikes received by core 0"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["level 1", "level 3"]
    other = power_plots.draw_steps(table, Figure().subplots(), core=1)
    assert points(other) == [[[1.0, 9.0]]] and other.get_ylabel() == "spikes received by core 1"


def test_savings_are_in_percent_and_late_settings_in_grey():
    table = pd.DataFrame({"threshold_1": [10, 20], "missed": [0, 3], "total": [0.5, 0.6], "baseline": [0.4, 0.7], "operation": [0.1, -0.2]})
    ax = power_plots.draw_exploration(table, Figure().subplots(), {"baseline": 0.8})
    assert points(ax) == [[[10, 50]], [[20, 60]], [[10, 40]], [[20, 70]], [[10, 10]], [[20, -20]]]
    late = [collection.get_facecolor()[0].tolist() == pytest.approx([0.8, 0.8, 0.8, 1]) for collection in ax.collections]
    assert late == [False, True] * 3
    assert [line.get_ydata()[0] for line in ax.lines] == [80] and ax.get_ylim() == (-20, 100)
    assert power_plots.draw_exploration(table.assign(operation=0.1), Figure().subplots(), {}).get_ylim() == (0, 100)
